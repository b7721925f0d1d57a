import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { closeStages, startStage } from '../spec-support/started-stages.js';

afterEach(closeStages);

async function setUp(agent = 'eager') {
  const { stage, first } = await startStage();
  const call = await stage.call({ mode: 'voice-to-voice', agent });
  const asked = (requests: number) => eventually(() => stage.sent.length === requests, { what: 'the model asked' });
  return { stage, first, call, asked };
}

describe('a reply that is begun before its turn is over', () => {
  it('is kept when the turn ends with what was understood, and nothing is told of it before', async () => {
    const { stage, first, call, asked } = await setUp();
    await call.utters('We have soup.');
    await asked(1);
    await call.settled();
    expect(call.written()).toEqual([]);
    const id = await call.says('We have soup.');
    expect(await call.until('reply.ended')).toMatchObject({ text: 'We have soup.', ttftMs: 0 });
    expect(call.written()).toEqual(['reply.started 1', 'reply.sentence 1', 'reply.ended 1']);
    expect(call.events('reply.started')).toMatchObject([{ turn: 1, userText: 'We have soup.', answers: [id] }]);
    expect(stage.sent).toHaveLength(1);
    expect(await first.counted('parley_agent_preemptive_replies_total{outcome="kept"')).toBe(1);
    expect(await first.counted('parley_agent_preemptive_saved_seconds_count')).toBe(1);
  });

  it('begins with words that will not change when no more come, and is kept when they are all', async () => {
    const { stage, first, call, asked } = await setUp();
    await call.goesOn('we have');
    await call.goesOn('we have soup');
    await asked(1);
    await call.utters('We have soup.');
    const id = await call.says('We have soup.');
    expect(await call.until('reply.ended')).toMatchObject({ ttftMs: 0 });
    expect(call.events('reply.started')).toMatchObject([{ userText: 'We have soup.', answers: [id] }]);
    expect(stage.sent).toEqual([['human: we have soup']]);
    expect(await first.counted('parley_agent_preemptive_replies_total{outcome="kept"')).toBe(1);
  });

  it('is thrown away as soon as another word is heard', async () => {
    const { first, call, asked } = await setUp();
    await call.goesOn('we have soup');
    await asked(1);
    await call.goesOn('we have soup and');
    await call.settled();
    expect(await first.counted('parley_agent_preemptive_replies_total{outcome="discarded"')).toBe(1);
  });

  it('does not begin with words that may still change', async () => {
    const { stage, call, asked } = await setUp();
    await call.goesOn('we have soap', 7);
    await call.utters('we have soup');
    await asked(1);
    expect(stage.sent).toEqual([['human: we have soup']]);
  });

  it('is thrown away when more is said, and leaves no trace in what the model is sent', async () => {
    const { stage, first, call, asked } = await setUp();
    await call.utters('We have soup');
    await asked(1);
    await call.utters('and tea.');
    await asked(2);
    await call.says('We have soup and tea.');
    expect(await call.until('reply.ended')).toMatchObject({ reply: 1, text: 'We have soup and tea.' });
    await call.playedOut(1, { outcome: 'completed', sentence: 0, playedMs: 900, sentenceMs: 900 });
    await call.says('Thanks.');
    await call.until('reply.ended', { reply: 2 });
    expect(stage.sent.at(-1)).toEqual(['human: We have soup and tea.', 'ai: We have soup and tea.', 'human: Thanks.']);
    expect(await first.counted('parley_agent_preemptive_replies_total{outcome="discarded"')).toBe(1);
    expect(await first.counted('parley_agent_preemptive_wasted_tokens_total')).toBeGreaterThan(0);
  });

  it('is made anew when the turn ends with other words than were understood', async () => {
    const { call, asked } = await setUp();
    await call.utters('We have meet.');
    await asked(1);
    await call.says('We have meat.');
    expect(await call.until('reply.ended')).toMatchObject({ text: 'We have meat.' });
    expect(call.events('reply.started')).toHaveLength(1);
  });

  it('calls no tool before the turn is over', async () => {
    const { stage, call, asked } = await setUp();
    await call.utters('Well. [add 2] Done.');
    await asked(1);
    await call.settled();
    expect([stage.runs, call.events('tool.called')]).toEqual([[], []]);
    await call.says('Well. [add 2] Done.');
    expect(await call.until('reply.ended')).toMatchObject({ text: 'Well. Done.' });
    expect(stage.runs).toHaveLength(1);
  });

  it('calls no tool when it is thrown away', async () => {
    const { stage, call, asked } = await setUp();
    await call.utters('Well. [add 2] Done.');
    await asked(1);
    await call.says('No. [add 3] Done.');
    await call.until('reply.ended');
    expect(stage.sent[1]).toEqual(['human: No. [add 3] Done.']);
    expect(call.events('tool.called')).toMatchObject([{ args: { n: 3 } }]);
    expect(stage.runs).toHaveLength(1);
  });

  it('is none for an agent that does not want it, nor while a reply has the floor', async () => {
    const plain = await setUp('adder');
    await plain.call.utters('We have soup.');
    await plain.call.settled();
    expect(plain.stage.sent).toEqual([]);
    const eager = await setUp();
    await eager.call.says('We have soup.');
    await eager.call.until('reply.ended');
    await eager.call.utters('mhm');
    await eager.call.settled();
    expect(eager.stage.sent).toHaveLength(1);
  });

  it('is made by the next owner when its owner dies', async () => {
    const { stage, first, call, asked } = await setUp();
    await call.utters('We have soup.');
    await asked(1);
    const second = await stage.join();
    stage.kill(first, call.sessionId);
    await call.until('stage.claimed', { replica: second.bus.replica });
    await call.says('We have soup.');
    expect(await call.until('reply.ended')).toMatchObject({ reply: 1, text: 'We have soup.' });
    expect(call.events('reply.started')).toHaveLength(1);
  });
});
