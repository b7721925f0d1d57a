import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@parley/testing';
import { startAnswered } from '../spec-support/answered-callers.js';
import { closeStages, startStage } from '../spec-support/started-stages.js';

afterEach(closeStages);

/** What the gateway says of a reply that plays when the caller switches to text. */
const READ_ON = { outcome: 'interrupted' as const, sentence: 0, playedMs: 100, shown: true };

describe('a caller who switches modes', () => {
  it('has each reply made for the mode in which it begins', async () => {
    const { stage } = await startStage();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.says('One.');
    await call.until('reply.ended', { reply: 1 });
    await call.playedOut(1, { outcome: 'completed', sentence: 0, playedMs: 500, sentenceMs: 500 });
    await call.gateway('session.mode', { mode: 'text-to-text' });
    await call.writes('Two.');
    await call.writes('Three.');
    await call.until('reply.ended', { reply: 3 });
    await call.gateway('session.mode', { mode: 'text-to-voice' });
    await call.writes('Four.');
    await call.until('reply.ended', { reply: 4 });
    expect(call.events('reply.started').map(({ shown }) => shown)).toEqual([false, true, true, false]);
    expect(call.folded().active).toMatchObject({ reply: 4, textDone: true });
  });

  it('to text while a reply is written and played gets the rest of it as text', async () => {
    const clock = new FakeClock();
    const { stage } = await startStage({ pace: { tokenMs: 100, clock } });
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.says('We have soup. It is hot.');
    await clock.advance(400);
    await call.until('reply.sentence');
    await call.gateway('session.mode', { mode: 'voice-to-text' });
    await call.playedOut(1, READ_ON);
    await clock.advance(2000);
    expect(await call.until('reply.ended')).toMatchObject({ reply: 1, text: 'We have soup. It is hot.' });
    expect(call.events('reply.interrupted')).toEqual([]);
    await call.writes('Ok.');
    await clock.advance(2000);
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)).toEqual([
      'human: We have soup. It is hot.',
      'ai: We have soup. It is hot.',
      'human: Ok.',
    ]);
  });

  it('to text is known to have read what it had interrupted', async () => {
    const { stage, call } = await startAnswered('We have soup. It is hot.');
    await call.speaksOver();
    await call.gateway('session.mode', { mode: 'text-to-text' });
    await call.playedOut(1, READ_ON);
    await call.writes('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)?.[1]).toMatch(/^ai: We have soup\. It is hot\./);
  });

  it('is answered in its mode by an owner who takes over', async () => {
    const { stage, first } = await startStage();
    await stage.join();
    const call = await stage.call({ mode: 'voice-to-voice' });
    await call.gateway('session.mode', { mode: 'text-to-text' });
    stage.killOn(first, ({ type }) => type === 'reply.sentence');
    await call.writes('We have soup. It is hot.');
    expect(await call.until('reply.ended')).toMatchObject({ epoch: 2, text: 'We have soup. It is hot.' });
    await call.writes('Ok.');
    expect(await call.until('reply.ended', { reply: 2 })).toMatchObject({ text: 'Ok.' });
  });
});
