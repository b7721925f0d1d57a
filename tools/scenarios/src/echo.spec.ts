import { describe, expect, it } from '@jest/globals';
import { echoOf, mixed } from './echo.js';

const piece = (fromMs: number, ...samples: number[]) => ({ reply: 1, sentence: 0, pts: 0, fromMs, pcm: Int16Array.from(samples) }); // prettier-ignore
const frame = (fromMs: number) => ({ fromMs, samples: 4, sampleRateHz: 1000 });

describe("the echo of the agent's voice", () => {
  it('is what was played so long before, as loud as the path lets it be', () => {
    const pieces = [piece(100, 10, 20, 30, 40), piece(104, 50, 60)];
    expect([...echoOf(pieces, { level: 0.5, delayMs: 8 }, frame(110))]).toEqual([15, 20, 25, 30]);
  });

  it('is silence before and after the voice', () => {
    const pieces = [piece(100, 10, 20)];
    const path = { level: 1, delayMs: 0 };
    expect([...echoOf(pieces, path, frame(98))]).toEqual([0, 0, 10, 20]);
    expect([...echoOf(pieces, path, frame(102))]).toEqual([0, 0, 0, 0]);
  });

  it('is heard together with the caller, without running over', () => {
    expect([...mixed(Int16Array.of(5, 32_000, -32_000), Int16Array.of(1, 1000, -1000))]).toEqual([6, 32_767, -32_768]);
  });
});
