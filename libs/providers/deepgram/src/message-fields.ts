import { EngineError } from '@parley/ports';
import type { HeardWord } from './heard.js';

/** A string of a message. @throws {EngineError} `engine_protocol` when it is none */
export function stringOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new EngineError('engine_protocol', `Deepgram: ${name} is no string`, true);
  return value;
}

/** A time of a message, which are in seconds, in ms. @throws {EngineError} `engine_protocol` when it is none */
export function msOf(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new EngineError('engine_protocol', `Deepgram: ${name} is no number`, true);
  return value * 1000;
}

/** A number of a message that may be left out. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Words of a message. @throws {EngineError} `engine_protocol` when they are none */
export function wordsOf(value: unknown): HeardWord[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new EngineError('engine_protocol', 'Deepgram: words is no list', true);
  return value.map((word: Record<string, unknown>) => {
    const [start, end] = [numberOf(word.start), numberOf(word.end)];
    return {
      text: stringOf(word.punctuated_word ?? word.word, 'a word'),
      startMs: start === undefined ? undefined : start * 1000,
      endMs: end === undefined ? undefined : end * 1000,
    };
  });
}
