import { beforeEach, describe, expect, it } from '@jest/globals';
import { voice } from '../spec-support/running-stt-session.js';
import { newClock, startControlled, UNAVAILABLE, utterance } from '../spec-support/started-sessions.js';

beforeEach(newClock);

describe('SttSession that is closed', () => {
  it('closes its stream and says nothing more', async () => {
    const { engine, running } = startControlled();
    running.session.onLive();
    await running.send(...utterance());
    const { types } = running;
    engine.last.answer('late');
    await running.session.close('drained');
    await running.pass(10_000);
    expect(engine.last.closed).toBe(1);
    expect(running.types).toEqual(types);
  });

  it('says nothing of a stream that breaks while it is closed', async () => {
    const { engine, running } = startControlled();
    running.session.onLive();
    await running.settle();
    engine.last.close = () => Promise.resolve(engine.last.break(UNAVAILABLE));
    await running.session.close('closed');
    await running.settle();
    expect(running.types).toEqual([]);
  });

  it('closes a stream that is still being opened', async () => {
    const { engine, running } = startControlled();
    let open = () => {};
    engine.opening = () => new Promise((resolve) => (open = resolve));
    running.session.onLive();
    await running.send(voice(200));
    await running.session.close('lost');
    open();
    await running.settle();
    expect(engine.last.closed).toBe(1);
    expect(engine.last.written).toEqual([0]);
    expect(running.types).toEqual(['speech.started']);
  });

  it('says nothing when the opening fails afterwards', async () => {
    const { engine, running } = startControlled();
    let fail = (_: unknown) => {};
    engine.opening = () => new Promise((_, reject) => (fail = reject));
    running.session.onLive();
    await running.session.close('closed');
    fail(UNAVAILABLE);
    await running.settle();
    expect(running.types).toEqual([]);
  });
});
