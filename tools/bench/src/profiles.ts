import type { StubTimes } from './turn-times.js';

/** How the stubs answer. */
export interface Profile {
  env: Record<string, string>;
  /** What of it lies between the final transcript and the first audio. */
  stubs: StubTimes;
}

const ENGINES = {
  STT_ENGINE: 'scripted',
  LLM_ENGINE: 'scripted',
  TTS_ENGINE: 'scripted',
  SCRIPTED_STT_LATENCY_MS: '0',
};

/** How the stubs may answer, by name. */
export const PROFILES: Readonly<Record<string, Profile>> = {
  /** At once: what is left is the system's own. */
  instant: {
    env: {
      ...ENGINES,
      SCRIPTED_LLM_FIRST_TOKEN_MS: '0',
      SCRIPTED_LLM_TOKEN_MS: '0',
      SCRIPTED_TTS_FIRST_AUDIO_MS: '0',
      SCRIPTED_TTS_REAL_TIME_FACTOR: '0',
    },
    stubs: { firstSentenceMs: 0, firstAudioMs: 0 },
  },
  /** 300 ms to the first token, 25 ms a token, 20 tokens in two sentences of which the first has a clause of four, 100 ms to the first audio. */
  paced: {
    env: {
      ...ENGINES,
      SCRIPTED_LLM_FIRST_TOKEN_MS: '300',
      SCRIPTED_LLM_TOKEN_MS: '25',
      SCRIPTED_TTS_FIRST_AUDIO_MS: '100',
      BENCH_REPLY: 'long',
    },
    stubs: { firstSentenceMs: 375, firstAudioMs: 100 },
  },
};
