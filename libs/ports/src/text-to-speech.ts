import type { WordTime } from '@parley/contracts';

/** What a text-to-speech engine can do. */
export interface TextToSpeechCapabilities {
  /** The first audio of a text leaves before all of it is made. */
  readonly streaming: boolean;
  /** Gives word times. */
  readonly alignment: boolean;
  /** Sample rates it can make, the preferred first. */
  readonly sampleRatesHz: readonly number[];
  readonly voices: readonly string[];
  readonly languages: readonly string[];
  /** Texts that one connection speaks at a time, where the provider limits it. */
  readonly maxContexts?: number;
}

/** One text to be spoken, usually a sentence. */
export interface SynthesisRequest {
  sessionId: string;
  text: string;
  /** One of the engine's voices; its first one when absent. */
  voice?: string;
  language: string;
  /** One of the engine's sample rates. */
  sampleRateHz: number;
  /** Stops the synthesis at once; the iteration then throws `engine_aborted`. */
  signal?: AbortSignal;
}

/** A variable number of samples, mono, in order, without gaps. */
export interface SpeechChunk {
  pcm: Int16Array;
  /**
   * Words that begin in this chunk, or that are late, in ms since the text began: in the text's order, spelled as they stand there.
   * Punctuation may be left out.
   */
  words?: WordTime[];
}

/** A text-to-speech engine: one per replica. */
export interface TextToSpeech {
  readonly name: string;
  readonly capabilities: TextToSpeechCapabilities;
  /**
   * Loads what the first text would otherwise wait for.
   * @throws {EngineError} `engine_missing` with what to install
   */
  warm(): Promise<void>;
  /**
   * Speaks one text. Lazy: work begins with the first `next()`, and leaving the loop stops it.
   * A text with nothing to say gives no chunk.
   * @throws {EngineError} from the iteration
   */
  synthesize(request: SynthesisRequest): AsyncIterable<SpeechChunk>;
  close(): Promise<void>;
}
