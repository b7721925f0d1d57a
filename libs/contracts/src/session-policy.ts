import { z } from 'zod';
import { SPEAKER_NAME } from './speaker-name.js';

/** How the end of a turn is found: by silence and what was said, by the engine's own decision, or by the caller's word. */
export const ENDPOINTING = ['silence', 'engine', 'manual'] as const;
/** When the caller cannot interrupt. */
export const MUTES = ['never', 'first_reply', 'tools', 'always'] as const;

const delay = z.number().int().nonnegative();

/** Endpointing, in ms of silence. */
export const endpointingSchema = z.object({
  by: z.enum(ENDPOINTING).default('silence'),
  /** After words that look complete; not more than `delayMs`. */
  minDelayMs: delay.default(400),
  /** After words that do not tell. */
  delayMs: delay.default(700),
  /** After words that trail off, and for an engine that does not decide; not less than `delayMs`. */
  maxDelayMs: delay.default(2400),
});

/** What speech during a reply takes to interrupt it. */
export const interruptionSchema = z.object({
  /** Speech that lasts so long interrupts, unless its words are a backchannel. */
  minDurationMs: delay.default(400),
  /** Words that must have been understood. */
  minWords: z.number().int().nonnegative().default(0),
  /** How long words are waited for after speech that was shorter, until it counts as noise. */
  noiseAfterMs: delay.default(700),
  /** After so many sounds without words over a reply, as of an echo or a loud room, only words interrupt it or pause it. */
  noisesBeforeWords: z.number().int().nonnegative().default(2),
  mute: z.enum(MUTES).default('never'),
});

/** A provider of speech or language, and what is particular to it. */
export const providerChoiceSchema = z.object({
  /** As the stage's settings call it: `assemblyai`. */
  provider: z.string().regex(/^[a-z][a-z0-9-]*$/, 'not the name of a provider'),
  /** That provider's own settings; what is not said is as the stage has it. */
  settings: z.record(z.string(), z.unknown()).default({}),
});

/** Providers in the order in which they are tried. */
const providerChainSchema = z.array(providerChoiceSchema).min(1).max(8);

/**
 * How a session's agent takes turns and speaks, as far as other stages need to know. Defaults hold for whatever is not
 * said, and until it is.
 */
export const sessionPolicySchema = z.object({
  endpointing: endpointingSchema.prefault({}),
  interruption: interruptionSchema.prefault({}),
  /** Words that callers are likely to say, for speech to text. */
  keyTerms: z.array(z.string()).default([]),
  /** One of the text-to-speech engine's voices. */
  voice: z.string().optional(),
  /** Voices of those who may speak beside the agent itself, by name. */
  speakers: z.record(z.string().regex(SPEAKER_NAME, 'not a name without [ ] and :'), z.string()).default({}),
  /** Who hears, thinks and speaks, instead of those that the stages are set to. */
  providers: z
    .object({
      stt: providerChainSchema.optional(),
      llm: providerChainSchema.optional(),
      tts: providerChainSchema.optional(),
    })
    .prefault({}),
});

/** A provider of speech or language, and what is particular to it. */
export type ProviderChoice = z.output<typeof providerChoiceSchema>;

/** How a session's agent takes turns and speaks. */
export type SessionPolicy = z.output<typeof sessionPolicySchema>;

/** What an agent may say of it. */
export type SessionPolicyInput = z.input<typeof sessionPolicySchema>;

/** The policy of an agent that says nothing of it. */
export const DEFAULT_POLICY: SessionPolicy = sessionPolicySchema.parse({});
