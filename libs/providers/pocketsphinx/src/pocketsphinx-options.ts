import { availableParallelism } from 'node:os';
import { EngineError } from '@parley/ports';

/** Settings of the engine. */
export interface PocketsphinxOptions {
  /**
   * Decoders that may run at once, each on its own thread. One takes 100 MB, about 75 MB more for each of its (at most
   * two) sets of key terms, and 0.15 to 0.4 of a core while somebody speaks.
   * @defaultValue min(2, cores)
   */
  decoders?: number;
  /**
   * Folder with an acoustic model `en-us/`, a language model `en-us.lm.bin` and a dictionary `cmudict-en-us.dict`.
   * @defaultValue the first of the usual places that has them
   */
  modelFolder?: string;
  /** Acoustic model's folder, instead of the one in `modelFolder`. */
  acousticModel?: string;
  /** Language model's file, instead of the one in `modelFolder`. */
  languageModel?: string;
  /** Pronunciation dictionary's file, instead of the one in `modelFolder`. */
  dictionary?: string;
  /** ARPAbet phones by lower-case word, such as `{ halloumi: 'HH AH L UW M IY' }`; added to those the dictionary has. */
  pronunciations?: Readonly<Record<string, string>>;
  /**
   * Audio that may wait for a decoder, over all streams; an utterance beyond it is refused with `engine_busy`.
   * @defaultValue 60 000
   */
  maxWaitingMs?: number;
  /**
   * Longest utterance; a longer one is cut: it gets a final, and what follows is recognised as another.
   * @defaultValue 30 000
   */
  maxUtteranceMs?: number;
  /**
   * How long an utterance may keep a decoder without being written to or flushed before it is cut.
   * @defaultValue 5000
   */
  idleMs?: number;
}

/** What the engine has done since it was made. */
export interface PocketsphinxStats {
  /** Decoders that are loaded. */
  decoders: number;
  /** Utterances that a decoder is working on. */
  leased: number;
  /** Utterances waiting for a decoder. */
  waiting: number;
  /** Audio that no decoder has taken yet. */
  waitingMs: number;
  /** Utterances refused because too much was waiting. */
  refusedUtterances: number;
  /** Audio lost with refused utterances. */
  refusedMs: number;
  /** Utterances that were cut for their length or for idling. */
  cutUtterances: number;
  /** Interim results that a newer one replaced before they were read. */
  supersededInterims: number;
  /** Decoders lost to a failure. */
  lostDecoders: number;
  /** Key terms left out because a word of theirs has no pronunciation. */
  ignoredTerms: readonly string[];
}

/** Options with their defaults, checked. */
export interface PocketsphinxSettings {
  decoders: number;
  maxWaitingMs: number;
  maxUtteranceMs: number;
  idleMs: number;
}

/**
 * Checks the numbers among the options and fills in the defaults.
 * @throws {EngineError} `engine_settings`
 */
export function compileSettings(options: PocketsphinxOptions): PocketsphinxSettings {
  const settings = {
    decoders: options.decoders ?? Math.min(2, availableParallelism()),
    maxWaitingMs: options.maxWaitingMs ?? 60_000,
    maxUtteranceMs: options.maxUtteranceMs ?? 30_000,
    idleMs: options.idleMs ?? 5000,
  };
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new EngineError('engine_settings', `pocketsphinx: ${name} must be a whole number above 0`, false);
    }
  }
  return settings;
}
