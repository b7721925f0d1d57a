import { afterEach, describe, expect, it } from '@jest/globals';
import { closeStages, newStage, startStage } from '../spec-support/started-stages.js';

afterEach(closeStages);

const GREETING = 'Hello! This is the adder. What shall I add?';

const setUp = (greeting = GREETING) => startStage({ agent: { greeting } });

describe('a greeting', () => {
  it('is the first reply of a session, as it stands', async () => {
    const { stage, first } = await setUp();
    const call = await stage.call();
    await call.until('reply.ended');
    expect(call.events('reply.started')).toMatchObject([
      { reply: 1, turn: 0, userText: '', answers: [], occasion: 'greeting' },
    ]);
    expect(call.events('reply.sentence').map(({ text }) => text).join('')).toBe(GREETING); // prettier-ignore
    expect(call.events('reply.ended')).toMatchObject([{ outcome: 'completed', sentences: 3, text: GREETING }]);
    expect(stage.sent).toEqual([]);
    expect(await first.counted('parley_agent_occasions_total{kind="greeting"')).toBe(1);
  });

  it('stands in the history as a message of the assistant', async () => {
    const { stage } = await setUp();
    const call = await stage.call();
    await call.until('reply.ended');
    await call.writes('Ok.');
    expect(await call.until('reply.ended', { reply: 2 })).toMatchObject({ turn: 1, text: 'Ok.' });
    expect(stage.sent.at(-1)).toEqual([`ai: ${GREETING}`, 'human: Ok.']);
    expect(call.folded().history[0]).toMatchObject({ occasion: 'greeting', replyText: GREETING, userText: '' });
  });

  it('comes before the answer to a caller who was faster', async () => {
    const stage = newStage({ agent: { greeting: 'Hello!' } });
    const call = await stage.call();
    await call.writes('Good day.');
    await stage.join();
    await call.until('reply.ended', { reply: 2 });
    expect(call.events('reply.ended').map(({ text }) => text)).toEqual(['Hello!', 'Good day.']);
  });

  it('is interrupted like any reply, and what was heard of it is remembered', async () => {
    const { stage } = await setUp();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.until('reply.ended');
    await call.speaksOver();
    await call.playedOut(1, { outcome: 'interrupted', sentence: 1, playedMs: 0, sentenceMs: 1000 });
    await call.says('Add two.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)).toEqual(['ai: Hello! —', 'human: Add two.']);
  });

  it('of which nothing was heard is not shown to the model', async () => {
    const { stage } = await setUp();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.until('reply.ended');
    await call.says('Add two.');
    await call.until('reply.interrupted');
    await call.playedOut(1, { outcome: 'interrupted', sentence: 0, playedMs: 0 });
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)).toEqual(['human: Add two.']);
  });

  it('is said once, whichever event its owner is killed after', async () => {
    for (let after = 1; after <= 5; after++) {
      const { stage, first } = await setUp();
      await stage.join();
      let stored = 0;
      stage.killOn(first, ({ type }) => type.startsWith('reply.') && ++stored === after);
      const call = await stage.call();
      await call.until('reply.ended');
      await call.writes('Ok.');
      await call.until('reply.ended', { reply: 2 });
      expect(call.events('reply.started').map(({ occasion }) => occasion)).toEqual(['greeting', undefined]);
      expect(call.events('reply.sentence').map(({ sentence }) => sentence)).toEqual([0, 1, 2, 0]);
      expect(stage.sent.at(-1)).toEqual([`ai: ${GREETING}`, 'human: Ok.']);
    }
  });
});
