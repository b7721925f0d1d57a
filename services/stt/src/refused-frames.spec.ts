import { beforeEach, describe, expect, it } from '@jest/globals';
import { frameOf, silence } from '../spec-support/running-stt-session.js';
import { newClock, spoken, startScripted } from '../spec-support/started-sessions.js';

beforeEach(newClock);

describe('SttSession given what is no voice of 16 kHz', () => {
  it.each([
    ['an odd number of bytes', { payload: new Uint8Array(641) }, 'odd_length'],
    ['another rate', { sampleRateHz: 8000 }, 'engine_input'],
    ['another codec', { codec: 'mulaw' }, 'engine_input'],
  ] as const)('refuses %s and takes the next frame', async (_, changes, code) => {
    const running = await startScripted();
    const refused = frameOf(silence(20), 0, changes);
    expect(() => running.session.onFrame(refused)).toThrow(expect.objectContaining({ code }));
    await running.send(spoken('one'), silence(1000));
    expect(running.told.at(-1)).toMatchObject({ type: 'turn.ended', text: 'one' });
  });
});
