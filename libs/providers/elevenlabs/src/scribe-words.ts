import type { SpeechToTextEvent } from '@parley/ports';
import type { TimedItems } from './committed-twins.js';

type Final = Extract<SpeechToTextEvent, { type: 'final' }>;

/**
 * The final of a segment.
 * @param beginsMs where the segment begins in the connection's audio, which the times are of
 */
export function finalOf(text: string, items: TimedItems, beginsMs: number): Final {
  const words: NonNullable<Final['words']> = [];
  const chances: number[] = [];
  for (const { text: word, start, end, type, logprob } of items ?? []) {
    if (type !== 'word' || typeof word !== 'string' || typeof start !== 'number' || typeof end !== 'number') continue;
    const startMs = Math.max(words.at(-1)?.startMs ?? 0, start * 1000 - beginsMs);
    words.push({ word, startMs, endMs: Math.max(startMs, end * 1000 - beginsMs) });
    if (typeof logprob === 'number') chances.push(Math.min(1, Math.exp(logprob)));
  }
  return {
    type: 'final',
    text: text.trim(),
    ...(words.length > 0 && { words }),
    ...(chances.length > 0 && { confidence: chances.reduce((sum, chance) => sum + chance, 0) / chances.length }),
  };
}
