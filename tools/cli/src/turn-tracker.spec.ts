import { describe, expect, it } from '@jest/globals';
import type { EdgeEvent } from '@parley/contracts';
import { TurnTracker } from './turn-tracker.js';

/** Plays events and markers at their times. */
function play(
  tracker: TurnTracker,
  ...items: [atMs: number, what: EdgeEvent | 'open' | 'done' | { voiceOf: number }][]
) {
  for (const [atMs, what] of items) {
    if (what === 'open') tracker.apply({ kind: 'turn_opened', atMs, label: 'a.wav' });
    else if (what === 'done') tracker.apply({ kind: 'caller_done', atMs });
    else if ('voiceOf' in what)
      tracker.apply({
        kind: 'audio',
        atMs,
        info: { reply: what.voiceOf, sentence: 0, pts: 0 },
        samples: 480,
        durationMs: 20,
      });
    else tracker.apply({ kind: 'event', atMs, event: what });
  }
}

const heard = (transcript = 'two sandwiches'): EdgeEvent => ({ type: 'stt_output', transcript, utterance: 1 });
const turnEnded: EdgeEvent = { type: 'turn_ended', turn: 1, transcript: 'two sandwiches', eouDelayMs: 400 };
const replyStarted = (reply = 1): EdgeEvent => ({ type: 'reply_started', reply, turn: 1 });
const token = (reply = 1): EdgeEvent => ({ type: 'agent_chunk', text: 'Sure', reply });
const agentEnd = (
  outcome: 'completed' | 'interrupted' | 'failed' = 'completed',
  text = 'Sure.',
  reply = 1,
): EdgeEvent => ({
  type: 'agent_end',
  reply,
  turn: 1,
  outcome,
  text,
});
const playoutStarted = (reply = 1): EdgeEvent => ({ type: 'playout_started', reply });
const playoutEnded = (reply = 1, outcome: 'completed' | 'interrupted' = 'completed'): EdgeEvent => ({
  type: 'playout_ended',
  reply,
  outcome,
});

describe('TurnTracker in a call', () => {
  it('counts a turn as answered once its reply has been played, with its latencies', () => {
    const tracker = new TurnTracker({ voice: true });
    play(tracker, [0, 'open'], [1000, 'done'], [1350, heard()], [1400, turnEnded], [1410, replyStarted()]);
    play(tracker, [1600, token()], [1700, agentEnd()], [1900, playoutStarted()], [1905, { voiceOf: 1 }]);
    expect(tracker.verdict(1950)).toBe('waiting');
    play(tracker, [2000, playoutEnded()]);
    expect(tracker.verdict(2000)).toBe('answered');
    expect(tracker.turns).toEqual([
      {
        label: 'a.wav',
        transcripts: ['two sandwiches'],
        replies: ['Sure.'],
        tools: [],
        audioMs: 20,
        eouDelayMs: 400,
        firstTokenMs: 200,
        firstAudioMs: 505,
        voiceToVoiceMs: 905,
        answered: true,
      },
    ]);
  });

  it('waits for the reply to the last utterance when a WAV holds two', () => {
    const tracker = new TurnTracker({ voice: true });
    play(
      tracker,
      [0, 'open'],
      [900, heard('hello')],
      [950, replyStarted(1)],
      [1200, { type: 'speech_started', utterance: 2 }],
    );
    play(
      tracker,
      [1210, agentEnd('interrupted', 'Hi', 1)],
      [2000, 'done'],
      [2400, { type: 'speech_stopped', utterance: 2 }],
    );
    expect(tracker.verdict(2500)).toBe('waiting');
    expect(tracker.turns[0]!.problem).toBe('the reply was interrupted');
    play(
      tracker,
      [2600, turnEnded],
      [2610, replyStarted(2)],
      [2700, token(2)],
      [2800, agentEnd('completed', 'Two.', 2)],
    );
    play(tracker, [2900, playoutStarted(2)], [2900, { voiceOf: 2 }], [3000, playoutEnded(2)]);
    expect(tracker.verdict(3000)).toBe('answered');
    expect(tracker.turns[0]).toMatchObject({ replies: ['Hi', 'Two.'], voiceToVoiceMs: 900, firstAudioMs: 300 });
  });

  it('gives what was heard after a reply began a moment to be answered too', () => {
    const tracker = new TurnTracker({ voice: true });
    play(tracker, [0, 'open'], [900, heard()], [950, replyStarted()], [1000, agentEnd()], [1000, { voiceOf: 1 }]);
    play(tracker, [1010, playoutStarted()], [1100, { type: 'speech_started', utterance: 2 }], [1200, 'done']);
    play(tracker, [1300, playoutEnded()]);
    expect(tracker.verdict(9000)).toBe('waiting');
    play(tracker, [1500, { type: 'speech_stopped', utterance: 2 }]);
    expect(tracker.verdict(1600)).toBe('waiting');
    expect(tracker.verdict(4500)).toBe('answered');
  });

  it.each<[string, [number, EdgeEvent | { voiceOf: number }][]]>([
    ['no final transcript came', [[20, replyStarted()]]],
    ['no reply began', [[20, heard()]]],
    [
      'the reply did not end',
      [
        [20, heard()],
        [30, replyStarted()],
      ],
    ],
    [
      'the reply failed',
      [
        [20, heard()],
        [30, agentEnd('failed', '')],
      ],
    ],
    [
      'the reply had no text',
      [
        [20, heard()],
        [30, agentEnd('completed', ' ')],
      ],
    ],
    [
      'no voice was received',
      [
        [20, heard()],
        [30, agentEnd()],
        [40, playoutEnded()],
      ],
    ],
    [
      'the voice of the reply was interrupted',
      [
        [20, heard()],
        [30, agentEnd()],
        [35, { voiceOf: 1 }],
        [40, playoutEnded(1, 'interrupted')],
      ],
    ],
    [
      'the voice of the reply was interrupted',
      [
        [20, heard()],
        [30, agentEnd()],
        [35, { voiceOf: 1 }],
        [40, { type: 'audio_flush', reply: 1 }],
      ],
    ],
  ])('does not count a turn as answered when %s', (problem, items) => {
    const tracker = new TurnTracker({ voice: true });
    play(tracker, [0, 'open'], [10, 'done'], ...items);
    expect(tracker.turns[0]).toMatchObject({ answered: false, problem });
    expect(tracker.verdict(60_000)).toBe(problem === 'the reply failed' ? 'failed' : 'waiting');
  });

  it('keeps a greeting out of the turns, and knows when it is over', () => {
    const tracker = new TurnTracker({ voice: true });
    expect(tracker.hasReplies).toBe(false);
    play(tracker, [0, token()], [10, agentEnd()]);
    expect([tracker.hasReplies, tracker.quiet]).toEqual([true, false]);
    play(tracker, [20, playoutStarted()], [30, playoutEnded()]);
    expect(tracker.quiet).toBe(true);
    expect(tracker.turns).toEqual([]);
  });

  it('does not take noise and interim transcripts for progress', () => {
    const tracker = new TurnTracker({ voice: true });
    play(tracker, [0, 'open'], [10, heard()], [500, { type: 'speech_started', utterance: 2 }]);
    play(tracker, [600, { type: 'stt_chunk', transcript: 'mh', stableChars: 0, utterance: 2 }]);
    expect(tracker.lastProgressAtMs).toBe(10);
  });
});

describe('TurnTracker in a chat', () => {
  it('counts a turn as answered when its text is complete, timed from the sending', () => {
    const tracker = new TurnTracker({ voice: false });
    play(tracker, [0, 'open'], [0, 'done'], [5, replyStarted()], [80, token()]);
    expect(tracker.verdict(90)).toBe('waiting');
    play(tracker, [100, agentEnd()]);
    expect(tracker.verdict(100)).toBe('answered');
    expect(tracker.turns[0]).toMatchObject({ answered: true, firstTokenMs: 80 });
  });
});
