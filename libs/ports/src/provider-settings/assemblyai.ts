import { z } from 'zod';

/** Models that end turns by how sure they are; the others do by what was said. */
const UNIVERSAL_STREAMING = ['universal-streaming-english', 'universal-streaming-multilingual'] as const;
const UNIVERSAL_3 = ['u3-rt-pro', 'universal-3-5-pro', 'universal-3-6-pro'] as const;

const ratio = () => z.number().min(0).max(1);
const silenceMs = () => z.int().min(50).max(10_000);

/** What only one family of models takes. */
const ONLY_OF = {
  universalStreaming: ['formatTurns', 'endOfTurnConfidence'],
  universal3: ['mode', 'prompt', 'furtherLanguages', 'interruptionDelayMs', 'voiceFocus', 'voiceFocusThreshold'],
} as const;

/** Settings of AssemblyAI's streaming speech to text. */
export const assemblyAiSettings = z
  .strictObject({
    speechModel: z
      .enum([...UNIVERSAL_STREAMING, ...UNIVERSAL_3])
      .default('universal-streaming-english')
      .meta({ description: 'Model; the provider has a default of its own, which changes, so one is always sent' }),
    region: z
      .enum(['nearest', 'us', 'eu'])
      .default('nearest')
      .meta({ description: 'Where audio is processed; a base URL that is given goes before it' }),
    keyTerms: z.array(z.string().min(1).max(50)).max(100).default([]).meta({
      description: "Words that are likely in every session, beside the session's own; up to 100 of 50 characters",
    }),
    minTurnSilenceMs: silenceMs().default(2000).meta({
      description:
        "Silence after which the provider may end a turn that sounds complete, where it is not left to it to end turns; in ms. So much that a flush comes before. The provider's default: 400, of Universal-3 128",
    }),
    maxTurnSilenceMs: silenceMs().default(2000).meta({
      description:
        "Silence after which the provider ends any turn, where it is not left to it to end turns; in ms. The provider's default: 1280, of u3-rt-pro 1000",
    }),
    vadThreshold: ratio().optional().meta({
      description:
        "From which probability of speech on audio is no silence, 0 to 1. The provider's default: 0.4, of u3-rt-pro 0.3, of newer ones 0.2",
    }),
    inactivityTimeoutMs: z.int().min(5000).max(3_600_000).multipleOf(1000).default(60_000).meta({
      description:
        "After how long without a word from this side the provider ends the session, so that a machine that is gone does not go on being billed; in ms, whole seconds. The provider's default: never",
    }),
    noWordsMs: z.int().min(50).max(10_000).default(1500).meta({
      description:
        'The provider does not answer a forced end of a turn without words; so long after it nothing more is waited for, in ms. It takes some 300 for one with words',
    }),
    filterProfanity: z.boolean().default(false).meta({ description: 'Profanity is replaced by asterisks' }),
    domain: z.enum(['medical-v1']).optional().meta({ description: 'Field whose terms are to be understood better' }),
    formatTurns: z.boolean().optional().meta({
      description:
        'Finals have punctuation, capitals and figures, and come somewhat later. Universal-Streaming alone; default: false',
    }),
    endOfTurnConfidence: ratio().optional().meta({
      description:
        "How sure the provider has to be that a turn is over, 0 to 1; 1 goes by silence alone. Universal-Streaming alone; the provider's default: 0.4",
    }),
    mode: z
      .enum(['min_latency', 'balanced', 'max_accuracy'])
      .optional()
      .meta({ description: "Speed against accuracy. Universal-3 alone; the provider's default: balanced" }),
    prompt: z
      .string()
      .min(1)
      .max(1750)
      .optional()
      .meta({ description: 'What the conversations are about. Universal-3 alone; up to 1750 characters' }),
    furtherLanguages: z
      .array(z.string().regex(/^[a-z]{2,3}$/))
      .max(9)
      .optional()
      .meta({
        description: "ISO codes of languages that callers mix with the session's. Universal-3.5 and newer alone",
      }),
    interruptionDelayMs: z.int().min(0).max(1000).optional().meta({
      description: "Speech before the first interim transcript, in ms. Universal-3 alone; the provider's default: 500",
    }),
    voiceFocus: z
      .enum(['near-field', 'far-field'])
      .optional()
      .meta({ description: 'Other voices and noise are suppressed. Universal-3 alone; default: they are not' }),
    voiceFocusThreshold: ratio()
      .optional()
      .meta({ description: 'How much is suppressed, 0 to 1; with voiceFocus alone' }),
  })
  .superRefine((settings, context) => {
    const isUniversalStreaming = settings.speechModel.startsWith('universal-streaming');
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    for (const field of ONLY_OF[isUniversalStreaming ? 'universal3' : 'universalStreaming']) {
      if (settings[field] !== undefined) refuse(field, `${settings.speechModel} does not take it`);
    }
    if (settings.speechModel === 'u3-rt-pro' && settings.furtherLanguages) refuse('furtherLanguages', 'u3-rt-pro does not take it'); // prettier-ignore
    if (settings.voiceFocusThreshold !== undefined && !settings.voiceFocus) refuse('voiceFocusThreshold', 'there is no voiceFocus'); // prettier-ignore
    if (settings.maxTurnSilenceMs < settings.minTurnSilenceMs) refuse('maxTurnSilenceMs', 'is less than minTurnSilenceMs'); // prettier-ignore
  });

/** Settings of AssemblyAI, checked and with their defaults. */
export type AssemblyAiSettings = z.output<typeof assemblyAiSettings>;
