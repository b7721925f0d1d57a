import type { SessionPolicy } from '@parley/contracts';

/** What may say which voice a sentence is spoken with. */
export interface VoiceWishes {
  /** Who says the sentence; the agent itself when absent. */
  speaker: string | undefined;
  /** What the session's agent has said. */
  policy: Pick<SessionPolicy, 'voice' | 'speakers'>;
  /** The stage's own setting. */
  configured: string | undefined;
  /** The voices that the engine has; none when it does not say. */
  known: readonly string[];
}

/** The voices to speak a sentence with, the wanted first; the others are for when it fails. */
export interface VoiceChoice {
  /** Undefined stands for the engine's first voice. Never empty. */
  voices: (string | undefined)[];
  /** How many that were wanted the engine does not have. */
  unknown: number;
}

/** Chooses the voices of a sentence: its speaker's, the agent's, the stage's, and the engine's first. Pure. */
export function chooseVoices({ speaker, policy, configured, known }: VoiceWishes): VoiceChoice {
  const spoken = speaker === undefined ? undefined : policy.speakers[speaker];
  const wanted = [spoken, policy.voice, configured].filter((voice) => voice !== undefined);
  const voices = [...new Set(wanted)].filter((voice) => known.length === 0 || known.includes(voice));
  return {
    // The stage's own setting is the last word, as the engine's first voice is where there is none.
    voices: voices.length > 0 && voices.at(-1) === configured ? voices : [...voices, undefined],
    unknown: new Set(wanted).size - voices.length,
  };
}
