import type { WordTime } from '@parley/contracts';

/** What the speech thread is told. One text at a time. */
export type SpeechCommand =
  /** `stop` is shared memory: a 1 in it ends the text early. */
  { type: 'speak'; text: string; voice: FliteVoice; stop: Int32Array } | { type: 'quit' };

/** What the speech thread answers. */
export type SpeechReport =
  | { type: 'ready' }
  | { type: 'load_failed'; missing: boolean; message: string }
  /** Words of the text, before its first samples; in ms since these. */
  | { type: 'words'; words: WordTime[] }
  /** The next samples of the text. */
  | { type: 'chunk'; pcm: Int16Array }
  /** Nothing follows of the text. */
  | { type: 'spoken' };

/** What the speech thread loads. */
export interface SpeechSetup {
  voices: readonly FliteVoice[];
}

/** Voices of Debian's libflite1 that stream at 16 kHz, the preferred first. */
export const FLITE_VOICES = ['slt', 'rms', 'awb'] as const;
/** A woman's (slt) and two men's voices, of the United States (slt, rms) and of Scotland (awb). */
export type FliteVoice = (typeof FLITE_VOICES)[number];
