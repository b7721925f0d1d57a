import { describe, expect, it } from '@jest/globals';
import { sessionPolicySchema, type EventType, type ParleyEvent, type Payload, type SessionPolicyInput } from '@parley/contracts'; // prettier-ignore
import { TurnEvents } from '@parley/testing';
import { sentenceFrames, setUp as setUpPlayout } from '../../spec-support/heard-playout.js';
import { SpeechPause } from './speech-pause.js';

/** A reply of two sentences of a second each, 300 ms of which have been played. */
function setUp(interruption: SessionPolicyInput['interruption'] = {}, reply = 2) {
  const { heard, playout, run, give, clock } = setUpPlayout();
  const outcomes: string[] = [];
  const pause = new SpeechPause(clock, playout, true, (outcome) => outcomes.push(outcome));
  const events = new TurnEvents();
  const on = <T extends EventType>(type: T, payload: Payload<T>) =>
    pause.event(events.make(type, payload) as ParleyEvent);
  const speaks = (utterance: number) => on('speech.started', { utterance, pts: 0 });
  on('session.policy', sessionPolicySchema.parse({ interruption }));
  on('reply.started', { reply, turn: 1, userText: 'hi', answers: [] });
  give([...sentenceFrames(reply, 0, 16_000), ...sentenceFrames(reply, 1, 16_000)]);
  run(300);
  return { heard, playout, run, outcomes, pause, on, speaks, reply };
}

const PAUSED: unknown = expect.arrayContaining([expect.stringMatching(/^paused/)]);

describe('speech over a reply', () => {
  it('pauses it at once, until the agent says that it was no interruption', () => {
    const { heard, speaks, on, run, outcomes } = setUp();
    speaks(1);
    expect(heard.log).toEqual(['started 2', 'paused 2.0 at 300 held']);
    run(900);
    expect(on('reply.kept', { reply: 2, cause: 'noise', utterance: 1, unanswered: [] })).toBe(true);
    expect(heard.log.at(-1)).toBe('resumed 2.0 at 300');
    expect(outcomes).toEqual(['kept']);
  });

  it('leaves it paused for the next utterance when only the one before is judged', () => {
    const { heard, speaks, on } = setUp();
    speaks(1);
    speaks(2);
    expect(on('reply.kept', { reply: 2, cause: 'noise', utterance: 1, unanswered: [] })).toBe(false);
    expect(heard.log.at(-1)).toBe('paused 2.0 at 300 held');
    expect(on('reply.kept', { reply: 2, cause: 'noise', utterance: 2, unanswered: [] })).toBe(true);
  });

  it('does not pause it when the agent has judged that utterance before the gateway heard of it', () => {
    const { heard, speaks, on } = setUp();
    on('reply.kept', { reply: 2, cause: 'backchannel', utterance: 1, unanswered: [] });
    speaks(1);
    expect(heard.log).toEqual(['started 2']);
  });

  it('counts what was interrupted', () => {
    const { speaks, on, outcomes } = setUp();
    speaks(1);
    on('reply.interrupted', { reply: 2, cause: 'user_spoke', sentences: 2 });
    expect(outcomes).toEqual(['interrupted']);
  });

  it.each([
    ['always', 2],
    ['first_reply', 1],
  ] as const)('does not pause what is muted: %s', (mute, reply) => {
    const { heard, speaks } = setUp({ mute }, reply);
    speaks(1);
    expect(heard.log).not.toEqual(PAUSED);
  });

  it('does not pause the second reply when the first is muted', () => {
    const { heard, speaks } = setUp({ mute: 'first_reply' });
    speaks(1);
    expect(heard.log).toEqual(PAUSED);
  });

  it('does not pause while a tool runs, when that is muted', () => {
    const { heard, speaks, on } = setUp({ mute: 'tools' });
    on('tool.called', { reply: 2, callId: 'a', tool: 't', args: {} });
    speaks(1);
    expect(heard.log).not.toEqual(PAUSED);
    on('tool.returned', { reply: 2, callId: 'a', tool: 't', ok: true, result: 1, durationMs: 1 });
    speaks(2);
    expect(heard.log).toEqual(PAUSED);
  });

  it('does not pause a sentence that cannot be interrupted, and does the next', () => {
    const { heard, speaks, on, run } = setUp();
    on('reply.sentence', { reply: 2, sentence: 0, text: 'x', spoken: 'x', interruptible: false });
    speaks(1);
    expect(heard.log).not.toEqual(PAUSED);
    run(1000);
    speaks(2);
    expect(heard.log).toEqual(PAUSED);
  });

  it('goes on by itself when nobody judges speech that has ended', () => {
    const { heard, speaks, on, run, outcomes, pause } = setUp();
    speaks(1);
    run(500);
    on('speech.stopped', { utterance: 1, pts: 0, durationMs: 500 });
    run(2600);
    expect(pause.tick()).toBe(false);
    run(200);
    expect(pause.tick()).toBe(true);
    expect([heard.log.at(-1), outcomes]).toEqual(['resumed 2.0 at 300', ['undecided']]);
  });

  it('goes on by itself when nobody judges speech that does not end', () => {
    const { speaks, run, pause } = setUp();
    speaks(1);
    run(8000);
    expect(pause.tick()).toBe(false);
    run(100);
    expect(pause.tick()).toBe(true);
  });
});
