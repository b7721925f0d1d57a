import type { WordTime } from '@parley/contracts';

/** What a decoder thread loads. */
export interface DecoderSetup {
  acousticModel: string;
  languageModel: string;
  dictionary: string;
  /** ARPAbet phones by word, added to the dictionary. */
  pronunciations: Readonly<Record<string, string>>;
}

/** What an utterance turned out to be; an empty text when nothing was recognised. */
export interface Recognition {
  text: string;
  /** 0 to 1: the posterior's mean per word. */
  confidence?: number;
  /** In ms since the utterance's first sample. */
  words: WordTime[];
  /** Cepstral mean of this caller's voice and line, for the `begin` of the caller's next utterance. */
  mean: Float32Array;
}

/**
 * What a decoder thread is told, carried out in order. An utterance is `begin`, any number of `decode`, and either
 * `finish` or `abandon`.
 */
export type DecoderCommand =
  | { type: 'prepare'; terms: readonly string[] }
  | { type: 'begin'; terms: readonly string[]; mean: Float32Array | undefined }
  | { type: 'decode'; pcm: Int16Array }
  | { type: 'finish' }
  | { type: 'abandon' }
  | { type: 'quit' };

/** What a decoder thread answers. */
export type DecoderReport =
  | { type: 'ready' }
  | { type: 'load_failed'; missing: boolean; message: string }
  /** Answers `prepare` and `begin`. */
  | { type: 'prepared'; ignoredTerms: string[] }
  /** Answers `decode` with everything recognised since `begin`. */
  | { type: 'decoded'; samples: number; text: string }
  | { type: 'finished'; recognition: Recognition }
  | { type: 'abandoned' };
