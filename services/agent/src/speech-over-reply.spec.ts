import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { startAnswered } from '../spec-support/answered-callers.js';
import { closeStages } from '../spec-support/started-stages.js';

afterEach(closeStages);

/** A caller to whom a reply is being played. */
async function hearing(text = 'We have soup. It is hot.') {
  const answered = await startAnswered(text);
  await answered.call.gateway('playout.started', { reply: 1 });
  return answered;
}

describe('speech over a reply', () => {
  it('is noise when nothing was said, and the reply goes on', async () => {
    const { call, first } = await hearing();
    await call.sounds(200, '');
    expect(await call.until('reply.kept')).toMatchObject({ reply: 1, cause: 'noise', unanswered: [] });
    expect(call.events('reply.interrupted')).toEqual([]);
    expect(await first.counted('parley_agent_interruptions_false_total{reason="noise"')).toBe(1);
  });

  it('is noise when it was short and its words do not come in time', async () => {
    const { call } = await hearing();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    await call.sounds(200);
    await jest.advanceTimersByTimeAsync(600);
    expect(call.events('reply.kept')).toEqual([]);
    await jest.advanceTimersByTimeAsync(200);
    expect(call.events('reply.kept')).toMatchObject([{ cause: 'noise' }]);
  });

  it('interrupts when it goes on for long enough, before any word of it is known', async () => {
    const { call } = await hearing();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    await call.speaks();
    await jest.advanceTimersByTimeAsync(650);
    expect(call.events('reply.interrupted')).toEqual([]);
    await jest.advanceTimersByTimeAsync(100);
    expect(call.events('reply.interrupted')).toMatchObject([{ reply: 1, cause: 'user_spoke' }]);
  });

  it('that only shows to be listening is kept out of the conversation', async () => {
    const { stage, call } = await hearing();
    await call.sounds(500, 'mhm');
    await call.until('reply.kept', { cause: 'backchannel' });
    const turn = call.events('turn.ended').at(-1);
    expect(call.events('reply.kept').flatMap(({ unanswered }) => unanswered)).toEqual([turn?.id]);
    await call.playedOut(1, { outcome: 'completed', sentence: 1, playedMs: 1000, sentenceMs: 1000 });
    expect(call.events('reply.started')).toHaveLength(1);
    await call.says('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)).toEqual([
      'human: We have soup. It is hot.',
      'ai: We have soup. It is hot.',
      'human: Ok.',
    ]);
  });

  it('that agrees to a question is its answer', async () => {
    const { call } = await hearing('Do you want soup?');
    await call.sounds(500, 'yes');
    expect(await call.until('reply.started', { reply: 2 })).toMatchObject({ userText: 'yes' });
  });

  it('that agrees to what is being told is no answer to a question that comes later', async () => {
    const { call } = await hearing('We have soup. Do you want some?');
    await call.sounds(500, 'okay');
    expect(await call.until('reply.kept')).toMatchObject({ cause: 'backchannel' });
    expect(call.events('reply.interrupted')).toEqual([]);
  });

  it('is judged by the next owner as by the one before', async () => {
    const { stage, call, first } = await hearing();
    const second = await stage.join();
    await call.sounds(200);
    stage.kill(first, call.sessionId);
    await call.until('stage.claimed', { replica: second.bus.replica });
    await call.until('reply.kept', { cause: 'noise' });
    expect(call.events('reply.interrupted')).toEqual([]);
  });
});
