import { describe, expect, it } from '@jest/globals';
import type { ParleyEvent } from '@parley/contracts';
import type { LoadCallReport } from './load/load-report.js';
import { interruptionsOf, turnTimesOf } from './turn-times.js';

const call = (turn: Partial<LoadCallReport['turns'][number]>): LoadCallReport => ({
  sessionId: 's1',
  voiceFromMs: 1000,
  unanswered: 0,
  turns: [{ reply: 1, firstFrameMs: 3340, frames: 150, lateFrames: 0, ...turn }],
});
/** Speech ends after 2 s, and 300 ms of silence end the turn with the frame that leaves at 3280. */
const log = [
  { type: 'speech.started', at: 4003 },
  { type: 'turn.ended', turn: 1, at: 3285, endPts: 32_000, eouDelayMs: 300 },
  { type: 'reply.started', turn: 1, reply: 1, at: 3287 },
  { type: 'reply.sentence', reply: 1, sentence: 1, at: 3299 },
  { type: 'reply.sentence', reply: 1, sentence: 0, at: 3297 },
  { type: 'playout.started', reply: 1, at: 3333 },
] as unknown as ParleyEvent[];
const settings = { stubs: { firstSentenceMs: 4, firstAudioMs: 20 }, frameMs: 20 };

describe('the times of a turn', () => {
  it('are what is left without what the stubs were told to take', () => {
    expect(turnTimesOf(call({}), log, settings, [0, 9999])).toEqual([
      { hearing: 5.5, toAgent: 2, agent: 6, toGateway: 16, toClient: 6.5, added: 30.5, plumbing: 24.5 },
    ]);
  });

  it('are none of a turn that is not whole, or not of the measured time', () => {
    expect(turnTimesOf(call({}), log.slice(0, 4), settings, [0, 9999])).toEqual([]);
    expect(turnTimesOf(call({ reply: 2 }), log, settings, [0, 9999])).toEqual([]);
    expect(turnTimesOf(call({}), log, settings, [3300, 9999])).toEqual([]);
    expect(turnTimesOf(call({}), log, settings, [0, 3335])).toEqual([]);
  });
});

describe('interruptions', () => {
  it('are told from their sound and from the event', () => {
    expect(interruptionsOf(call({ interruptedMs: 3950, silentMs: 4010 }), log, [0, 9999])).toEqual([
      { fromSound: 60, fromSpeechStarted: 6.5 },
    ]);
  });

  it('are told as unheeded when they silenced nobody', () => {
    expect(interruptionsOf(call({ interruptedMs: 3950 }), log, [0, 9999])).toEqual([undefined]);
    expect(interruptionsOf(call({}), log, [0, 9999])).toEqual([]);
  });
});
