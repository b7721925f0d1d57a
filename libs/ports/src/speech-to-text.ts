import type { WordTime } from '@parley/contracts';
import type { EngineError } from './engine-error.js';

/** What a speech-to-text engine can do. */
export interface SpeechToTextCapabilities {
  /** Gives interim results while the caller speaks. */
  readonly interim: boolean;
  /** Decides the end of a turn by itself, in a stream that was opened with `endOfTurn`. */
  readonly endOfTurn: boolean;
  /** Gives word times with a final. */
  readonly wordTimes: boolean;
  /**
   * `continuous` engines are fed all audio, silence included; `speech` engines are fed only what the
   * voice-activity detector let through (with some audio before it), and flushed at its end.
   */
  readonly feed: 'continuous' | 'speech';
  /** Sample rates it takes, the preferred first. */
  readonly sampleRatesHz: readonly number[];
  readonly languages: readonly string[];
  /** How long one stream may last, in ms, where the provider sets an end to it. */
  readonly maxStreamMs?: number;
}

/** How an engine is to decide where turns end, as far as it can be told; in ms of silence. */
export interface EndOfTurnOptions {
  /** No turn ends sooner. */
  minSilenceMs: number;
  /** Every turn ends then. */
  maxSilenceMs: number;
}

/** Settings of one stream. */
export interface SpeechToTextOptions {
  sessionId: string;
  sampleRateHz: number;
  language: string;
  /** Words that are likely in this conversation: names, products. */
  keyTerms?: readonly string[];
  /**
   * The engine is to say where turns end, if it has the capability; otherwise it never says so. Such a stream is fed all
   * audio, silence included, and flushed only to force an end.
   */
  endOfTurn?: EndOfTurnOptions;
}

/** What a stream says, in order. */
export type SpeechToTextEvent =
  /** Everything heard since the last final; the first `stableChars` characters will not change, when the engine knows. */
  | { type: 'interim'; text: string; stableChars?: number }
  | {
      type: 'final';
      text: string;
      confidence?: number;
      words?: WordTime[];
      /** Where the audio that it covers ends, in ms of all that was written; of use where no flush asked for it. */
      endMs?: number;
    }
  /**
   * The turn is over, by the engine's own decision: every word of it has had its final, just before. Once a turn, and not
   * for one that a flush ended.
   */
  | { type: 'end_of_turn'; confidence?: number }
  /** Answers one `flush()`: everything written before it has had its final. */
  | { type: 'flushed' }
  /** The stream is dead; nothing follows. */
  | { type: 'error'; error: EngineError };

/** One session's way into an engine. Not shared between sessions. */
export interface SpeechToTextStream {
  /**
   * Takes PCM in the stream's sample rate, mono, any length. Never blocks. The array is the caller's again afterwards.
   * @returns how many ms of audio are waiting inside; a caller that is far ahead should slow down
   * @throws {EngineError} `engine_closed` after `close()`
   */
  write(pcm: Int16Array): number;
  /**
   * Asks for the final of everything written so far; answered by at most one `final`, then one `flushed`. Of an engine
   * that ends turns it forces the end.
   */
  flush(): void;
  /** Drops what is being recognised, without a final. */
  reset(): void;
  /** Everything the stream says; one reader; ends after `close()` or `error`. */
  readonly events: AsyncIterable<SpeechToTextEvent>;
  /** Releases the stream; pending audio is dropped. May be called twice. */
  close(): Promise<void>;
}

/** A speech-to-text engine: one per replica, streams per session. */
export interface SpeechToText {
  readonly name: string;
  readonly capabilities: SpeechToTextCapabilities;
  /**
   * Loads what the first stream would otherwise wait for.
   * @throws {EngineError} `engine_missing` with what to install
   */
  warm(): Promise<void>;
  /** @throws {EngineError} `engine_settings`, `engine_busy`, `engine_unavailable` */
  open(options: SpeechToTextOptions): Promise<SpeechToTextStream>;
  close(): Promise<void>;
}
