import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chunk, wait, type Speak } from '../spec-support/controlled-voice.js';
import { say } from '../spec-support/reply-events.js';
import { holdTime, releaseTime, startControlled } from '../spec-support/started-sessions.js';
import { MAX_FRAME_MS } from './frame-cutter.js';

beforeEach(holdTime);
afterEach(releaseTime);

describe('TtsSession that is ahead', () => {
  /** Speaks a minute, 100 ms at a time, as fast as it is let. */
  const aMinute: Speak = async function* () {
    for (let i = 0; i < 600; i++) yield chunk(100);
  };

  it('waits for the listener, across sentences', async () => {
    const { running } = startControlled(aMinute, { config: { TTS_MAX_LEAD_MS: 2000 } });
    running.tell(say.sentence(1, 0), say.sentence(1, 1));
    await running.pass(0);
    const sentMs = () => running.frames.reduce((sum, { payload }) => sum + payload.length / 2 / 16, 0);
    expect(sentMs()).toBeGreaterThan(2100 - MAX_FRAME_MS);
    expect(sentMs()).toBeLessThanOrEqual(2100);
    await running.pass(10_000);
    expect(sentMs()).toBeGreaterThan(12_000 - MAX_FRAME_MS);
    expect(sentMs()).toBeLessThanOrEqual(12_100);
    await running.pass(60_000);
    expect(running.spoken).toEqual(['1/0']);
    expect(sentMs()).toBeLessThanOrEqual(72_200);
  });

  it('begins anew with the next reply', async () => {
    const { running } = startControlled(aMinute, { config: { TTS_MAX_LEAD_MS: 2000 } });
    running.tell(say.sentence(1, 0));
    await running.pass(5000);
    running.tell(say.interrupted(1), say.sentence(2, 0));
    await running.pass(20);
    const { length } = running.pcm(2, 0);
    expect(length).toBeGreaterThan((2100 - MAX_FRAME_MS) * 16);
    expect(length).toBeLessThanOrEqual(2100 * 16);
  });

  it('sends longer frames the further ahead it is, and the first ones as short as the session wants them', async () => {
    const { running } = startControlled(aMinute, { config: { TTS_MAX_LEAD_MS: 2000 } });
    running.tell(say.sentence(1, 0));
    await running.pass(0);
    const lengthsMs = running.frames.map(({ payload }) => payload.length / 2 / 16);
    expect(lengthsMs.slice(0, 5)).toEqual([20, 20, 20, 20, 20]);
    expect([...lengthsMs].sort((a, b) => a - b)).toEqual(lengthsMs);
    expect(lengthsMs.at(-1)).toBe(MAX_FRAME_MS);
  });

  it('is busy while the caller is about to need what is being spoken, and not when there is more in hand or nothing', async () => {
    const slowly: Speak = async function* () {
      for (let i = 0; i < 40; i++) {
        await wait(20);
        yield chunk(100);
      }
    };
    const { running } = startControlled(slowly);
    expect(running.session.isBusy()).toBe(false);
    running.tell(say.sentence(1, 0));
    await running.pass(200);
    expect(running.session.isBusy()).toBe(true);
    await running.pass(400);
    expect(running.session.isBusy()).toBe(false);
    await running.pass(1000);
    expect([running.spoken, running.session.isBusy()]).toEqual([['1/0'], false]);
  });

  it('waits while the broker is behind', async () => {
    const { running } = startControlled(aMinute, { config: { TTS_MAX_LEAD_MS: 600_000 } });
    running.unackedFrames = 257;
    running.tell(say.sentence(1, 0));
    await running.pass(5000);
    expect(running.frames).toHaveLength(5);
    running.unackedFrames = 256;
    await running.pass(100);
    expect(running.spoken).toEqual(['1/0']);
  });
});
