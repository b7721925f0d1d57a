import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@parley/testing';
import { startAnswered } from '../spec-support/answered-callers.js';
import { closeStages, startStage } from '../spec-support/started-stages.js';

afterEach(closeStages);

/** As far as the gateway played, of a sentence that lasts 1 s. */
const cutAt = (sentence: number, playedMs: number) => ({
  outcome: 'interrupted' as const,
  sentence,
  playedMs,
  sentenceMs: 1000,
});

describe('an interruption', () => {
  it('comes with a turn that is said while the reply is written, and that turn is answered', async () => {
    const clock = new FakeClock();
    const { stage, first } = await startStage({ pace: { tokenMs: 100, clock } });
    const call = await stage.call();
    await call.writes('Hello. This takes long.');
    await clock.advance(100);
    await call.until('reply.sentence');
    await call.writes('Stop.');
    await clock.advance(1000);
    expect(await call.until('reply.ended', { reply: 2 })).toMatchObject({ text: 'Stop.' });
    expect(call.written()).toEqual([
      'reply.started 1',
      'reply.sentence 1',
      'reply.interrupted 1',
      'reply.started 2',
      'reply.sentence 2',
      'reply.ended 2',
    ]);
    expect(call.events('reply.interrupted')).toMatchObject([{ cause: 'new_turn', sentences: 1 }]);
    expect(await first.counted('parley_agent_interruptions_total{reason="new_turn"')).toBe(1);
  });

  it('comes with words over the voice, and no reply follows before the turn is over', async () => {
    const { call } = await startAnswered('Hello. How are you?');
    await call.speaksOver();
    expect(call.events('reply.interrupted')).toMatchObject([{ reply: 1, cause: 'user_spoke' }]);
    expect(call.events('reply.started')).toHaveLength(1);
    await call.says('But why?');
    expect(await call.until('reply.ended', { reply: 2 })).toMatchObject({ text: 'But why?' });
  });

  it('leaves in the history of the model what was heard', async () => {
    const { stage, call } = await startAnswered('We have soup. It is hot.');
    await call.speaksOver();
    await call.playedOut(1, cutAt(0, 1000));
    await call.says('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)).toEqual(['human: We have soup. It is hot.', 'ai: We have soup. —', 'human: Ok.']);
  });

  it.each(['before', 'after'] as const)(
    'leaves in the history of the model the words heard by their times, known %s the end of the playout',
    async (when) => {
      const { stage, call } = await startAnswered('Counterrevolutionaries internationalise a b c.');
      const time = () => call.timesWords(1, 0, ['Counterrevolutionaries', 'internationalise', 'a', 'b', 'c'], 200);
      if (when === 'before') await time();
      await call.speaksOver();
      await call.playedOut(1, cutAt(0, 850));
      if (when === 'after') await time();
      await call.says('Ok.');
      await call.until('reply.ended', { reply: 2 });
      expect(stage.sent.at(-1)?.[1]).toBe('ai: Counterrevolutionaries internationalise a b —');
      expect(call.folded().history[0]?.replyText).toBe('Counterrevolutionaries internationalise a b');
    },
  );

  it('lets a running tool come to its end, which is told and known to the next reply', async () => {
    const { stage } = await startStage();
    const call = await stage.call();
    await call.writes('Hold on. [wait] Done.');
    await stage.toolWaits();
    await call.writes('Stop.');
    await call.until('reply.interrupted');
    await stage.release();
    await call.until('reply.ended', { reply: 2 });
    expect(call.events('tool.returned')).toMatchObject([{ reply: 1, ok: true, state: { count: 100 } }]);
    expect(call.events('reply.ended')).toHaveLength(1);
    expect(stage.sent.at(-1)).toContain('tool: "waited"');
  });
});

describe('a playout', () => {
  it('that was cut short leaves in the history of the model what was heard', async () => {
    const { stage, call } = await startAnswered('We have soup. It is hot.');
    await call.playedOut(1, { ...cutAt(1, 800), outcome: 'failed' });
    await call.says('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)?.[1]).toBe('ai: We have soup. It is —');
    expect(call.events('reply.interrupted')).toEqual([]);
  });

  it('that was whole when the interruption came leaves all of the text in the history of the model', async () => {
    const { stage, call } = await startAnswered('We have soup.');
    await call.speaksOver();
    await call.playedOut(1, { ...cutAt(0, 1000), outcome: 'completed' });
    await call.says('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)?.[1]).toMatch(/^ai: We have soup\./);
  });

  it('that was whole leaves the history alone', async () => {
    const { stage, call } = await startAnswered('We have soup.');
    await call.playedOut(1, { ...cutAt(0, 1000), outcome: 'completed' });
    await call.says('Ok.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)?.[1]).toBe('ai: We have soup.');
  });
});
