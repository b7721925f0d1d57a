import { afterEach, describe, expect, it } from '@jest/globals';
import type { Mode } from '@parley/contracts';
import fc from 'fast-check';
import type { AgentCall } from '../spec-support/agent-call.js';
import type { AgentReplica } from '../spec-support/agent-replica.js';
import type { AgentStage } from '../spec-support/agent-stage.js';
import { closeStages, newStage } from '../spec-support/started-stages.js';

afterEach(closeStages);

/** A turn of the user; where there is a voice, the caller may cut its reply off. */
interface ScriptedTurn {
  text: string;
  /** Ordinal of the sentence that the caller speaks over, with the turn that follows. */
  cutAt?: number;
}

/** Has a conversation in which nothing depends on time: each turn is said when the log holds what it waits for. */
async function converse(call: AgentCall, mode: Mode, turns: readonly ScriptedTurn[]): Promise<void> {
  const isVoice = mode === 'voice-to-voice';
  for (const [index, { text, cutAt }] of turns.entries()) {
    const reply = index + 1;
    const isSaid = turns[index - 1]?.cutAt !== undefined;
    if (!isSaid) await (isVoice ? call.says(text) : call.writes(text));
    if (cutAt !== undefined) {
      await call.until('reply.sentence', { reply, sentence: cutAt });
      await call.gateway('playout.started', { reply });
      await call.says(turns[reply]?.text ?? '');
      await call.until('reply.interrupted', { reply });
      await call.playedOut(reply, { outcome: 'interrupted', sentence: cutAt, playedMs: 500, sentenceMs: 1000 });
    } else {
      const { sentences } = await call.until('reply.ended', { reply });
      if (!isVoice) continue;
      await call.gateway('playout.started', { reply });
      await call.playedOut(reply, { outcome: 'completed', sentence: sentences - 1, playedMs: 900, sentenceMs: 900 });
    }
  }
  await call.until('reply.ended', { reply: turns.length });
}

/** Runs the conversation; `gaps` are how many events are stored before the owner is killed, and the next, and so on. */
async function run(mode: Mode, turns: readonly ScriptedTurn[], gaps: readonly number[] = []) {
  const stage = newStage();
  const replicas: AgentReplica[] = [];
  for (let each = 0; each <= gaps.length; each++) replicas.push(await stage.join());
  let stored = 0;
  let killed = 0;
  stage.onStored = ({ sessionId, type }) => {
    if (type === 'stage.claimed' || ++stored < (gaps[killed] ?? Infinity)) return;
    stored = 0;
    const owner = replicas[killed++];
    if (owner) stage.kill(owner, sessionId);
  };
  const call = await stage.call({ mode });
  await converse(call, mode, turns);
  return { stage, call, events: call.events().filter(({ type }) => type !== 'stage.claimed').length };
}

/** What has to be the same whoever worked on it. */
function outcomeOf(call: AgentCall) {
  const { history, toolState } = call.folded();
  const turns = history.map(({ reply, userText, replyText, interrupted, toolCalls, sentences }) => {
    // How much was written beyond what was heard depends on when the interruption came.
    const written = interrupted ? {} : { sentences };
    return { reply, userText, replyText, interrupted, toolCalls, ...written };
  });
  return { turns, toolState };
}

function expectGoodOrder(stage: AgentStage, call: AgentCall): void {
  const started = call.events('reply.started').map(({ reply }) => reply);
  expect(started).toEqual(started.map((_, index) => index + 1));
  for (const reply of started) {
    const sentences = call.events('reply.sentence').filter((event) => event.reply === reply);
    expect(sentences.map(({ sentence }) => sentence)).toEqual(sentences.map((_, index) => index));
    const ended = call.events('reply.ended').filter((event) => event.reply === reply);
    expect(ended.length).toBeLessThanOrEqual(1);
    for (const { text } of ended) expect(text).toBe(sentences.map((sentence) => sentence.text).join(''));
  }
  const returned = call.events('tool.returned').map(({ reply, callId }) => `${reply} ${callId}`);
  expect(new Set(returned).size).toBe(returned.length);
  // A tool that returned in the log was run by that owner last: only an owner that never told of its end is repeated.
  for (const { reply, callId } of call.events('tool.returned')) {
    const key = `${call.sessionId}:${reply}:${callId.split('c')[1]}`;
    const runs = stage.runs.filter(({ idempotencyKey }) => idempotencyKey === key);
    const called = call.events('tool.called').filter((event) => event.reply === reply && event.callId === callId);
    expect(runs.length).toBeGreaterThan(0);
    expect(new Set(runs.map(({ replica }) => replica)).size).toBe(runs.length);
    expect(called.length).toBeGreaterThanOrEqual(runs.length);
  }
}

async function expectUndisturbed(mode: Mode, turns: readonly ScriptedTurn[], gaps: readonly number[]): Promise<void> {
  const undisturbed = await run(mode, turns);
  const { stage, call } = await run(mode, turns, gaps);
  expect(outcomeOf(call)).toEqual(outcomeOf(undisturbed.call));
  expectGoodOrder(stage, call);
}

const SENTENCES = [
  'Let me see.',
  'That is it.',
  'So be it!',
  'We have soup, bread and butter, and tea if you like it hot.',
];
const calls = fc.array(
  fc.integer({ min: 1, max: 9 }).map((n) => `[add ${n}]`),
  { minLength: 1, maxLength: 2 },
);
const said = (minLength: number) => fc.array(fc.constantFrom(...SENTENCES), { minLength, maxLength: 2 });
const words = (parts: string[][]) => parts.flat().join(' ');
const wholeTurn = fc
  .tuple(
    fc.array(
      fc.tuple(said(0), calls).map((parts) => parts.flat()),
      { maxLength: 2 },
    ),
    said(1),
  )
  .map(([rounds, last]): ScriptedTurn => ({ text: words([...rounds, last]) }));
const cutTurn = fc
  .tuple(fc.option(calls, { nil: [] }), fc.constantFrom(0, 1))
  .map(([before, cutAt]): ScriptedTurn => ({ text: words([before, SENTENCES.slice(0, 3)]), cutAt }));
const conversation = fc.oneof(
  fc.record({ mode: fc.constant<Mode>('text-to-text'), turns: fc.array(wholeTurn, { minLength: 1, maxLength: 3 }) }),
  fc.record({
    mode: fc.constant<Mode>('voice-to-voice'),
    turns: fc
      .tuple(fc.array(fc.oneof(wholeTurn, cutTurn), { maxLength: 2 }), wholeTurn)
      .map(([turns, last]) => [...turns, last])
      // Whoever says what the agent says is taken for its echo.
      .map((turns) => turns.map((turn, index) => ({ ...turn, text: `Number ${index}, now. ${turn.text}` }))),
  }),
);

describe('an owner that is killed', () => {
  const turns = [
    { text: 'Let me see. [add 1] [add 2] So far. [add 3] That is it.' },
    { text: '[add 4] One moment. So be it! That is all.', cutAt: 1 },
    { text: 'We have soup, bread and butter, and tea. [add 5] Good bye!' },
  ];

  it('leaves the conversation as if it had lived, after whichever event it was', async () => {
    const undisturbed = await run('voice-to-voice', turns);
    expect(undisturbed.events).toBeGreaterThan(30);
    for (let after = 1; after <= undisturbed.events; after++) {
      const { stage, call } = await run('voice-to-voice', turns, [after]);
      expect({ after, ...outcomeOf(call) }).toEqual({ after, ...outcomeOf(undisturbed.call) });
      expectGoodOrder(stage, call);
    }
  });

  it('leaves any conversation as if it had lived, as often as it happens', async () => {
    await fc.assert(
      fc.asyncProperty(
        conversation,
        fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
        ({ mode, turns }, gaps) => expectUndisturbed(mode, turns, gaps),
      ),
      { numRuns: 40 },
    );
  });
});
