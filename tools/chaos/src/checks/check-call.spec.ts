import { describe, expect, it } from '@jest/globals';
import { speakScripted } from '@parley/testing/engines';
import { eventIn, perfectCall } from '../../spec-support/perfect-call.js';
import { checkCall } from './check-call.js';
import { INVARIANTS, type Invariant } from './finding.js';

type Call = ReturnType<typeof perfectCall>;
type Event = Record<string, unknown>;

const events = ({ log }: Call) => log as unknown as Event[];
const without = (call: Call, type: string) => void call.log.splice(0, call.log.length, ...call.log.filter((e) => e.type !== type)); // prettier-ignore
const again = (call: Call, type: string, changes: Event = {}) => {
  const index = events(call).findIndex((event) => event['type'] === type);
  events(call).splice(index + 1, 0, { ...events(call)[index], id: 'again', ...changes });
};
const last = <T>(list: readonly T[]): T => list[list.length - 1] as T;

/** What is done to a perfect call, and the invariants that this breaks. */
const spoiled: [what: string, spoil: (call: Call) => void, broken: Invariant[]][] = [
  ['a turn never ended', (call) => without(call, 'turn.ended'), ['final_lost']],
  ['a turn ended twice', (call) => again(call, 'turn.ended', { turn: 9 }), ['final_doubled']],
  ['a word of a turn is missing', (call) => (eventIn(call.log, 'turn.ended')['text'] = 'call c3 t1 word wabc'), ['final_changed']],
  ['a final has words twice', (call) => again(call, 'transcript.final'), ['final_changed']],
  ['a turn has no reply', (call) => without(call, 'reply.started'), ['reply_lost', 'history_changed']],
  ['a reply never ended', (call) => without(call, 'reply.ended'), ['reply_lost']],
  ['a turn has two replies', (call) => again(call, 'reply.started', { reply: 7 }), ['reply_doubled', 'history_changed']],
  ['a reply started twice', (call) => again(call, 'reply.started'), ['reply_doubled']],
  ['a reply ended twice', (call) => again(call, 'reply.ended'), ['reply_doubled']],
  ['a reply has other words', (call) => (eventIn(call.log, 'reply.ended')['text'] = 'Hm.'), ['reply_changed']],
  ['a reply failed', (call) => (eventIn(call.log, 'reply.ended')['outcome'] = 'failed'), ['reply_changed']],
  ['a reply was interrupted without cause', (call) => { again(call, 'reply.ended', { type: 'reply.interrupted', cause: 'user_spoke', sentences: 3 }); eventIn(call.log, 'playout.ended')['outcome'] = 'interrupted'; }, ['reply_cut']],
  ['a sentence was written twice', (call) => again(call, 'reply.sentence'), ['sentence_doubled', 'history_changed']],
  ['a sentence was written otherwise', (call) => (eventIn(call.log, 'reply.sentence')['text'] = 'I heard nothing. '), ['reply_changed', 'history_changed']],
  ['one sample is wrong', (call) => { const piece = call.record.pieces[5]!; piece.pcm = piece.pcm.slice(); piece.pcm[7]! ^= 1; }, ['voice_changed']],
  ["another call's voice is heard", (call) => { call.record.pieces[0]!.pcm = speakScripted('call c4', 16_000).subarray(0, 960); }, ['voice_changed']],
  ['a frame is missing within a sentence', (call) => void call.record.pieces.splice(5, 1), ['voice_missing']],
  ['the last frame of a reply is missing', (call) => void call.record.pieces.pop(), ['voice_missing']],
  ['two sentences change places', (call) => void call.record.pieces.sort((a, b) => a.reply - b.reply || b.sentence - a.sentence || a.pts - b.pts), ['voice_out_of_order']],
  ['a sentence begins anew after most of it', (call) => { const { pieces } = call.record; const one = pieces.filter((p) => p.reply === 1 && p.sentence === 0); pieces.splice(one.length, 0, ...one); }, ['sentence_heard_twice']],
  ['a note was never taken', (call) => void call.executions.pop(), ['tool_lost']],
  ['a note was taken under two keys', (call) => void call.executions.push({ ...last(call.executions), idempotencyKey: 'other' }), ['tool_doubled']],
  ['a note was taken again after its answer', (call) => void call.executions.push({ ...last(call.executions), begunAt: last(call.log).at }), ['tool_doubled']],
  ['a note was answered twice', (call) => again(call, 'tool.returned'), ['tool_doubled']],
  ['a note was taken that nobody asked for', (call) => void call.executions.push({ ...last(call.executions), key: 'k9' }), ['tool_doubled']],
  ['turns changed places', (call) => { const starts = events(call).filter((e) => e['type'] === 'reply.started'); [starts[0]!['userText'], starts[1]!['userText']] = [starts[1]!['userText'], starts[0]!['userText']]; }, ['history_changed']],
  ['the caller was not told of an end', (call) => void call.record.told.pop(), ['event_lost']],
  ['the caller was told of a turn twice', (call) => void call.record.told.push(call.record.told[1]!), ['event_doubled']],
  ['the caller was told what the log does not have', (call) => void Object.assign(call.record.told[0]!.event, { id: 'transcript.stt.0.1' }), ['event_of_no_log']],
  ["the caller was told another's words", (call) => void call.record.told.push({ atMs: 1, event: { type: 'tool_result', tool: 'note', result: 'call c99', ok: true, reply: 1, callId: 'x' } }), ['foreign_words']],
  ['the call failed', (call) => (call.record.failure = { code: 'reply_timeout', message: 'no end' }), ['call_failed']],
  ['the session was not closed', (call) => without(call, 'session.closed'), ['session_not_closed']],
]; // prettier-ignore

const brokenIn = (call: Call) => checkCall(call, call.executions).findings.map(({ invariant }) => invariant);

describe('checks of a call', () => {
  it('find nothing in a call at which nothing went wrong', () => {
    expect(checkCall(perfectCall(), perfectCall().executions).findings).toEqual([]);
  });

  it.each(spoiled)('find it when %s', (_, spoil, broken) => {
    const call = perfectCall();
    spoil(call);
    expect(brokenIn(call)).toEqual(expect.arrayContaining(broken));
  });

  it('can each fail', () => {
    expect(new Set(spoiled.flatMap(([, , broken]) => broken))).toEqual(new Set(INVARIANTS));
  });

  it('name the call and its session', () => {
    const call = perfectCall();
    call.record.pieces.pop();
    expect(checkCall(call, call.executions).findings[0]).toMatchObject({ call: 3, sessionId: 's1' });
  });

  it('allow a note to be taken again under its key while its answer is not in the log, and count it', () => {
    const call = perfectCall();
    call.executions.push({ ...call.executions[0]!, pid: 2 });
    const verdict = checkCall(call, call.executions);
    expect(verdict.findings).toEqual([]);
    expect(verdict.toolsRepeatedUnderKey).toBe(1);
  });

  it('allow a note not to be taken whose owner died, when the model was told that nobody knows, and count it', () => {
    const call = perfectCall();
    call.executions.pop();
    const returned = events(call).findLast((event) => event['type'] === 'tool.returned')!;
    Object.assign(returned, { ok: false, result: { error: 'The call was begun and its outcome is unknown' } });
    const verdict = checkCall(call, call.executions);
    expect(verdict.findings).toEqual([]);
    expect(verdict.toolsInDoubt).toBe(1);
  });

  it('allow a reply to be cut off that is spoken over, as far as it was heard in one piece', () => {
    const call = perfectCall();
    call.record.turns[1]!.interruptAfterMs = 1000;
    const cut = events(call).findLast((event) => event['type'] === 'reply.ended')!;
    Object.assign(cut, { type: 'reply.interrupted', cause: 'user_spoke', sentences: 3 });
    Object.assign(
      events(call).findLast((event) => event['type'] === 'playout.ended')!,
      { outcome: 'interrupted' },
    );
    call.record.pieces.splice(-30);
    expect(brokenIn(call)).toEqual([]);
    call.record.pieces.splice(-5, 1);
    expect(brokenIn(call)).toEqual(['voice_missing']);
  });

  it('count voice that is heard again, short of half a sentence, without a finding', () => {
    const call = perfectCall();
    call.record.pieces.splice(4, 0, ...call.record.pieces.slice(1, 4));
    const verdict = checkCall(call, call.executions);
    expect(verdict.findings).toEqual([]);
    expect(verdict.repeatedMs).toBe(180);
  });
});
