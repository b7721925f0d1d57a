import { describe, expect, it } from '@jest/globals';
import type { EventType, ParleyEvent, Payload, Stage } from '@parley/contracts';
import type { CallRecord, FinishedCall } from '../call-record.js';
import { checkRealCall } from './check-real-call.js';
import { CLIPS } from './shop-script.js';

type Event = Record<string, unknown>;

const MENU = 'We have Turkey Club, Veggie Wrap and Coffee.';
const ORDERED = 'Your total is $22.';

/** A call that asks for the menu and orders, at which nothing went wrong. */
function goodCall(): FinishedCall & { record: CallRecord; log: ParleyEvent[] } {
  const log: ParleyEvent[] = [];
  const record: CallRecord = {
    call: 1,
    sessionId: 's1',
    openedMs: 0,
    endedMs: Infinity,
    turns: [],
    phases: [],
    gateways: [],
    told: [],
    pieces: [],
    gaps: [],
    droppedFrames: 0,
  };
  const add = <T extends EventType>(stage: Stage, type: T, payload: Payload<T>) => {
    const id = `${stage}.${log.length}`;
    log.push({ id, type, sessionId: 's1', seq: 1, epoch: 1, stage, at: 0, ...payload } as unknown as ParleyEvent);
    return id;
  };
  const said = [
    { words: CLIPS.menu.words, tools: CLIPS.menu.tools, text: MENU },
    { words: CLIPS.order.words, tools: CLIPS.order.tools, text: ORDERED },
  ];
  said.forEach(({ words, tools, text }, index) => {
    const turn = index + 1;
    const of = { reply: turn, turn };
    record.turns.push({ turn, words, pauseMs: 0, saidFromMs: 0, saidToMs: 0 });
    const answers = [add('stt', 'turn.ended', { turn, text: words, eouDelayMs: 1, endPts: 1 })];
    add('agent', 'reply.started', { ...of, userText: words, answers });
    tools.forEach((tool, at) => {
      const callId = `r${turn}c${at + 1}`;
      add('agent', 'tool.called', { reply: turn, callId, tool, args: {} });
      add('agent', 'tool.returned', { reply: turn, callId, tool, ok: true, result: {}, durationMs: 1 });
    });
    add('agent', 'reply.sentence', { reply: turn, sentence: 0, text, spoken: text });
    add('agent', 'reply.ended', { ...of, outcome: 'completed', sentences: 1, text, durationMs: 1 });
    add('gateway', 'playout.ended', { reply: turn, outcome: 'completed', sentence: 0, playedMs: 1, totalMs: 1 });
    record.pieces.push({ reply: turn, sentence: 0, pts: 0, pcm: new Int16Array(960).fill(turn), fromMs: 0 });
    record.told.push(
      { atMs: 0, event: { type: 'turn_ended', turn, transcript: words, eouDelayMs: 1 } },
      { atMs: 0, event: { type: 'reply_started', reply: turn, turn } },
      { atMs: 0, event: { type: 'agent_end', reply: turn, turn, outcome: 'completed', text } },
      { atMs: 0, event: { type: 'playout_ended', reply: turn, outcome: 'completed' } },
    );
  });
  add('gateway', 'session.closed', { reason: 'caller_ended' });
  return { record, log };
}

/** Hears each reply's voice as what it was to say. */
const listener = (pcm: Int16Array) => Promise.resolve(pcm[0] === 1 ? MENU : ORDERED);
const first = (call: { log: readonly ParleyEvent[] }, type: string) =>
  call.log.find((event) => event.type === type) as unknown as Event;
const brokenIn = async (call: FinishedCall, transcribe = listener) =>
  (await checkRealCall(call, transcribe)).findings.map(({ invariant }) => invariant);

type Call = ReturnType<typeof goodCall>;

describe('checks of a call of real speech', () => {
  it('find nothing when nothing went wrong', async () => {
    expect(await brokenIn(goodCall())).toEqual([]);
  });

  it('take one word in four that was misheard', async () => {
    const call = goodCall();
    first(call, 'turn.ended')['text'] = 'what is on the venue';
    expect(await brokenIn(call)).toEqual([]);
  });

  it.each<[string, (call: Call) => void, string]>([
    ['other words were understood', (call) => (first(call, 'turn.ended')['text'] = 'hello there'), 'final_changed'],
    ['a turn was understood twice', (call) => (first(call, 'turn.ended')['text'] = `${CLIPS.menu.words} ${CLIPS.menu.words}`), 'final_changed'],
    ['a turn has no reply', (call) => (first(call, 'reply.started')['turn'] = 9), 'reply_lost'],
    ['a reply was cut', (call) => call.log.push({ ...first(call, 'reply.ended'), type: 'reply.interrupted', cause: 'new_turn' } as never), 'reply_cut'],
    ['a reply leaves out what it must say', (call) => (first(call, 'reply.ended')['text'] = 'Hm.'), 'reply_changed'],
    ['a tool was called twice', (call) => call.log.push({ ...first(call, 'tool.called') } as never), 'tool_doubled'],
    ['a tool gave no answer', (call) => void call.log.splice(call.log.findIndex(({ type }) => type === 'tool.returned'), 1), 'tool_lost'],
    ['a piece of voice is missing', (call) => (call.record.pieces[0]!.pts = 960), 'voice_missing'],
    ['the session was not closed', (call) => void call.log.pop(), 'session_not_closed'],
  ])('find it when %s', async (_what, spoil, broken) => {
    const call = goodCall();
    spoil(call);
    expect(await brokenIn(call)).toContain(broken);
  }); // prettier-ignore

  it('find it when something else was heard, and when it was heard twice', async () => {
    expect(await brokenIn(goodCall(), () => Promise.resolve('noise and nothing'))).toContain('voice_changed');
    const twice = (pcm: Int16Array) => listener(pcm).then((text) => `${text} ${text}`);
    expect(await brokenIn(goodCall(), twice)).toContain('sentence_heard_twice');
  });

  it('count a tool in doubt, and ask of its reply no more than that it came', async () => {
    const call = goodCall();
    first(call, 'tool.returned')['ok'] = false;
    first(call, 'reply.ended')['text'] = 'I am not sure.';
    const verdict = await checkRealCall(call, listener);
    expect(verdict).toMatchObject({ toolsInDoubt: 1, findings: [] });
  });
});
