import type { ProviderObserver, SpeechChunk } from '@parley/ports';
import type { TimedPiece } from './alignment.js';
import { protocolError } from './service.js';
import { SpokenWords } from './spoken-words.js';

/**
 * Makes chunks of what comes for one text: audio in bytes that may end in the middle of a sample, and times of the
 * text's characters. A sample is held back, for the words that are known only when the voice is over.
 */
export class SpeechAssembly {
  readonly #words = new SpokenWords();
  #rest = Buffer.alloc(0);
  #samples = 0;

  constructor(
    private readonly text: string,
    private readonly sampleRateHz: number,
  ) {}

  /** How much voice has been given out, in ms. */
  get voiceMs(): number {
    return (this.#samples * 1000) / this.sampleRateHz;
  }

  /**
   * Takes audio in base64 and times, either of them if there is any.
   * @param origin what the times are of: the text's voice, or this audio alone
   * @throws {EngineError} `engine_protocol` for what is neither
   */
  take(audio: unknown, times: readonly TimedPiece[] | undefined, origin: 'text' | 'audio'): SpeechChunk | undefined {
    if (audio != null && typeof audio !== 'string') throw protocolError('audio is no text');
    const heldMs = (Math.floor(this.#rest.length / 2) * 1000) / this.sampleRateHz;
    if (times) this.#words.take(times, origin === 'text' ? 0 : this.voiceMs + heldMs);
    if (!audio) return undefined;
    const bytes = Buffer.concat([this.#rest, Buffer.from(audio, 'base64')]);
    const samples = Math.max(0, Math.floor(bytes.length / 2) - 1);
    this.#rest = bytes.subarray(2 * samples);
    return samples > 0 ? this.#chunk(bytes, samples, (voiceMs) => this.#words.until(voiceMs)) : undefined;
  }

  /**
   * The last of the voice; undefined when there was none, and nothing to say.
   * @throws {EngineError} `engine_protocol` when there is less voice than text
   */
  end(): SpeechChunk | undefined {
    if (this.#rest.length < 2) {
      if (/[\p{L}\p{N}]/u.test(this.text)) throw protocolError('there was no voice');
      return undefined;
    }
    if (this.#words.isShortOf(this.text)) throw protocolError('the voice ended before the text');
    return this.#chunk(this.#rest, 1, (voiceMs) => this.#words.end(voiceMs));
  }

  #chunk(bytes: Buffer, samples: number, words: (voiceMs: number) => NonNullable<SpeechChunk['words']>): SpeechChunk {
    const pcm = new Int16Array(samples);
    for (let n = 0; n < samples; n++) pcm[n] = bytes.readInt16LE(2 * n);
    this.#samples += samples;
    const spoken = words(this.voiceMs);
    return spoken.length > 0 ? { pcm, words: spoken } : { pcm };
  }
}

/** Counts times that were sent and cannot be read. */
export function readTimes<Times>(
  read: (alignment: unknown) => Times | undefined,
  alignment: unknown,
  observe: ProviderObserver,
): Times | undefined {
  const times = read(alignment);
  if (alignment != null && !times) observe('ignored_message');
  return times;
}
