import { describe, expect, it } from '@jest/globals';
import type { EdgeEvent, EventType, ParleyEvent, Payload } from '@parley/contracts';
import { EdgeTranslation } from './edge-translation.js';

function event<T extends EventType>(type: T, payload: Payload<T>): ParleyEvent {
  const envelope = { id: 'x.agent.1.1', sessionId: 's', seq: 1, epoch: 1, stage: 'agent', at: 1 };
  return { ...envelope, type, ...payload } as unknown as ParleyEvent;
}

const started = (reply: number, turn = reply) => event('reply.started', { reply, turn, userText: '', answers: [] });
const ended = (reply: number, text: string, outcome: 'completed' | 'failed' = 'completed') =>
  event('reply.ended', { reply, turn: reply, outcome, sentences: 1, text, durationMs: 1 });
const delta = (reply: number, text: string) => event('text.delta', { reply, text });

function told(...events: ParleyEvent[]) {
  const translation = new EdgeTranslation();
  return events.flatMap((each) => translation.translate(each)).map(withoutId);
}

function withoutId(told: EdgeEvent): EdgeEvent {
  const { id: _, ...rest } = told as EdgeEvent & { id?: string };
  return rest as EdgeEvent;
}

describe('EdgeTranslation', () => {
  it('sends no text twice when all of it streamed', () => {
    expect(
      told(started(1), delta(1, 'Good '), delta(1, 'day.'), ended(1, 'Good day.')).map(({ type }) => type),
    ).toEqual(['reply_started', 'agent_chunk', 'agent_chunk', 'agent_end']);
  });

  it('says who has answered', () => {
    expect(told(event('session.answered', { by: 'machine' }))).toEqual([{ type: 'answered', by: 'machine' }]);
  });

  it.each([
    ['its end', [delta(1, 'Good ')], 'day.'],
    ['all of it', [], 'Good day.'],
  ])('sends what is missing when a caller missed %s', (_, deltas, missing) => {
    expect(told(started(1), ...deltas, ended(1, 'Good day.')).slice(-2)).toEqual([
      { type: 'agent_chunk', text: missing, reply: 1 },
      { type: 'agent_end', reply: 1, turn: 1, outcome: 'completed', text: 'Good day.' },
    ]);
  });

  it('leaves the text alone when something in its middle was missed', () => {
    expect(told(started(1), delta(1, 'day.'), ended(1, 'Good day.')).map(({ type }) => type)).toEqual([
      'reply_started',
      'agent_chunk',
      'agent_end',
    ]);
  });

  it('drops tokens that come behind the end of their reply', () => {
    expect(told(started(1), ended(1, 'Hi.'), delta(1, 'Hi.')).at(-1)?.type).toBe('agent_end');
  });

  it('keeps from the caller why a tool failed', () => {
    const error = { error: 'connect ECONNREFUSED 10.0.0.3' };
    const returned = event('tool.returned', { reply: 1, callId: 'c', tool: 'add', ok: false, result: error, durationMs: 1 }); // prettier-ignore
    expect(told(returned)).toEqual([
      { type: 'tool_result', tool: 'add', result: { error: 'tool_failed' }, ok: false, reply: 1, callId: 'c' },
    ]);
  });

  it('says whose a text is where several speak', () => {
    expect(told(event('text.delta', { reply: 1, text: '[chef]: Hot.', speaker: 'chef' }))).toEqual([
      { type: 'agent_chunk', text: '[chef]: Hot.', reply: 1, speaker: 'chef' },
    ]);
  });

  it('takes tokens that come before their reply is known to have begun', () => {
    expect(told(delta(1, 'Hi.'))).toEqual([{ type: 'agent_chunk', text: 'Hi.', reply: 1 }]);
  });

  it('ends an interrupted reply with what the caller got of it, and only once', () => {
    const interrupted = event('reply.interrupted', { reply: 2, cause: 'speech', sentences: 1 });
    expect(told(started(2, 5), delta(2, 'Good '), interrupted, ended(2, 'Good day.')).slice(2)).toEqual([
      { type: 'agent_end', reply: 2, turn: 5, outcome: 'interrupted', text: 'Good ' },
    ]);
  });

  it('ends a reply once that is interrupted while its voice plays', () => {
    const interrupted = event('reply.interrupted', { reply: 1, cause: 'speech', sentences: 1 });
    expect(told(started(1), ended(1, 'Hi.'), interrupted).filter(({ type }) => type === 'agent_end')).toHaveLength(1);
  });

  it('says tools, turns and speech as they are', () => {
    expect(
      told(
        event('speech.started', { utterance: 1, pts: 0 }),
        event('speech.stopped', { utterance: 1, pts: 1, durationMs: 1 }),
        event('transcript.interim', { utterance: 1, text: 'two', stableChars: 2 }),
        event('turn.ended', { turn: 1, text: 'two', eouDelayMs: 300, endPts: 1 }),
        event('tool.called', { reply: 1, callId: 'c', tool: 'add', args: { n: 2 } }),
        event('tool.returned', { reply: 1, callId: 'c', tool: 'add', ok: true, result: 'ok', durationMs: 1 }),
      ),
    ).toEqual([
      { type: 'speech_started', utterance: 1 },
      { type: 'speech_stopped', utterance: 1 },
      { type: 'stt_chunk', transcript: 'two', stableChars: 2, utterance: 1 },
      { type: 'turn_ended', turn: 1, transcript: 'two', eouDelayMs: 300 },
      { type: 'tool_call', tool: 'add', args: { n: 2 }, reply: 1, callId: 'c' },
      { type: 'tool_result', tool: 'add', result: 'ok', ok: true, reply: 1, callId: 'c' },
    ]);
  });

  it.each([
    ['reply_failed', 'reply_failed'],
    ['engine_timeout', 'engine_failed'],
    ['constructor', 'engine_failed'],
  ])('tells a failure %s as %s, without its inner message', (code, told_) => {
    const [error] = told(event('stage.failed', { code, message: 'secret detail', retryable: true }));
    expect(error).toMatchObject({ type: 'error', code: told_, stage: 'agent' });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('puts the event’s id on the last of what comes of it', () => {
    const translation = new EdgeTranslation();
    translation.translate(started(1));
    expect(translation.translate(ended(1, 'Hi.'))).toEqual([
      { type: 'agent_chunk', text: 'Hi.', reply: 1 },
      expect.objectContaining({ type: 'agent_end', id: 'x.agent.1.1' }),
    ]);
    expect(translation.translate(delta(2, 'Hi.'))).toEqual([{ type: 'agent_chunk', text: 'Hi.', reply: 2 }]);
  });

  it('says nothing of what the caller has seen, and not the text again of a reply that it saw begin', () => {
    const translation = new EdgeTranslation();
    expect(translation.translate(started(1), true)).toEqual([]);
    expect(translation.translate(ended(1, 'Hi.')).map(({ type }) => type)).toEqual(['agent_end']);
    expect(translation.translate(ended(2, 'Ho.'), true)).toEqual([]);
    expect(translation.translate(delta(2, 'Ho.'))).toEqual([]);
  });

  it('says of an earlier gateway’s playout what the caller has not seen', () => {
    const totals = { sentence: 0, playedMs: 1, totalMs: 1 };
    expect(
      told(
        event('playout.started', { reply: 1 }),
        event('playout.ended', { reply: 1, outcome: 'completed', ...totals }),
        event('playout.ended', { reply: 2, outcome: 'interrupted', ...totals }),
      ),
    ).toEqual([
      { type: 'playout_started', reply: 1 },
      { type: 'playout_ended', reply: 1, outcome: 'completed' },
      { type: 'audio_flush', reply: 2 },
      { type: 'playout_ended', reply: 2, outcome: 'interrupted' },
    ]);
  });
});
