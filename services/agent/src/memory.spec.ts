import { afterEach, describe, expect, it } from '@jest/globals';
import { initialTurnState, type HistoryTurn, type TurnState } from '@parley/session-log';
import type { EventOf } from '@parley/contracts';
import type { AgentCall } from '../spec-support/agent-call.js';
import type { AgentStage } from '../spec-support/agent-stage.js';
import { closeStages, startStage } from '../spec-support/started-stages.js';
import { oldTurns, tokensOf } from './history-size.js';

afterEach(closeStages);

const setUp = () => startStage({ agent: { historyTokens: 200, apology: false } });

/** About 25 tokens, answered with as many. */
const long = (n: number) => `This is turn ${n}, ${'and on and on '.repeat(6)}it goes.`;

/** Has a conversation of so many long turns. */
async function converse(stage: AgentStage, from: number, to: number, said = long) {
  const call = await stage.call();
  for (let n = from; n <= to; n++) {
    await call.writes(said(n));
    await call.until('reply.ended', { reply: n });
  }
  await stage.bus.settled();
  return call;
}

function lastSummary(call: AgentCall): EventOf<'history.summarised'> {
  return call.events('history.summarised').at(-1) as EventOf<'history.summarised'>;
}

describe('a long conversation', () => {
  it('is summarised in the background, and the model is shown the summary and the later turns', async () => {
    const { stage, first } = await setUp();
    const call = await converse(stage, 1, 6);
    const { through, text } = lastSummary(call);
    expect(call.folded()).toMatchObject({ summary: { through, text } });
    expect(text).toContain(`Caller: ${long(1)}`);
    await call.writes('Ok.');
    await call.until('reply.ended', { reply: 7 });
    expect(stage.systems.at(-1)).toContain(`in short: ${text}`);
    const shown = Array.from({ length: 6 - through }, (_, i) => long(through + 1 + i));
    expect(stage.sent.at(-1)).toEqual([...shown.flatMap((each) => [`human: ${each}`, `ai: ${each}`]), 'human: Ok.']);
    expect(await first.counted('parley_agent_memories_total{outcome="summarised"')).toBeGreaterThan(0);
  });

  it('is remembered by an owner that takes over', async () => {
    const { stage, first } = await setUp();
    const call = await converse(stage, 1, 6);
    const { text, through } = lastSummary(call);
    await stage.join();
    stage.kill(first, call.sessionId);
    await call.writes('Ok.');
    expect(await call.until('reply.ended', { reply: 7 })).toMatchObject({ epoch: 2 });
    expect(stage.systems.at(-1)).toContain(`in short: ${text}`);
    expect(stage.sent.at(-1)).toHaveLength(2 * (6 - through) + 1);
  });

  it('loses its oldest turns when they cannot be summarised, and that is counted', async () => {
    const { stage, first } = await setUp();
    const call = await converse(stage, 1, 5, (n) => (n === 1 ? `${long(1)} [fail]` : long(n)));
    expect(lastSummary(call)).toMatchObject({ through: 1, text: '' });
    await call.writes('Ok.');
    expect(await call.until('reply.ended', { reply: 6 })).toMatchObject({ text: 'Ok.' });
    expect(stage.sent.at(-1)?.[0]).not.toContain('turn 1');
    expect(stage.systems.at(-1)).not.toContain('in short');
    expect(await first.counted('parley_agent_memories_total{outcome="dropped"')).toBe(1);
  });
});

describe('the oldest turns', () => {
  const turn = (reply: number, text: string): HistoryTurn => ({
    ...{ reply, userText: text, sentences: [], replyText: text, interrupted: false, settled: true, shown: true },
    ...{ toolCalls: [], sentencesBeforeTool: 0, uninterruptible: [] },
  });
  const state = (texts: readonly string[], summary?: string): TurnState => ({
    ...initialTurnState(),
    history: texts.map((text, index) => turn(index + 1, text)),
    ...(summary !== undefined && { summary: { through: 0, text: summary } }),
  });
  const hundred = 'x'.repeat(200);

  it('are none while all fits, with the summary so far', () => {
    expect(oldTurns(state(Array<string>(6).fill(hundred)), 600)).toBeUndefined();
    expect(oldTurns(state(Array<string>(6).fill(hundred), 'x'.repeat(8)), 600)).toMatchObject({ through: 2 });
  });

  it('are as many as it takes to be half as long, but for the last four', () => {
    expect(oldTurns(state(Array<string>(20).fill(hundred)), 1600)).toMatchObject({ through: 12 });
    expect(oldTurns(state(Array<string>(6).fill(hundred.repeat(10))), 1600)).toMatchObject({ through: 2 });
    expect(oldTurns(state(Array<string>(4).fill(hundred.repeat(10))), 1600)).toBeUndefined();
  });

  it('are summarised when they are many, however short', () => {
    expect(oldTurns(state(Array<string>(41).fill('ok')), 6000)).toMatchObject({ through: 21 });
  });

  it('count with what their tools were asked and answered', () => {
    const call = { callId: 'a', tool: 't', args: {}, returned: { ok: true, result: 'x'.repeat(4000) } };
    expect(tokensOf({ ...turn(1, ''), toolCalls: [call] })).toBeGreaterThan(1000);
  });
});
