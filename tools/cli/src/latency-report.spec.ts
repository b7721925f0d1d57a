import { describe, expect, it } from '@jest/globals';
import { latencyLine, summaryLines } from './latency-report.js';
import type { TurnSummary } from './turn-summary.js';

const turn = (voiceToVoiceMs: number | undefined, answered = true): TurnSummary => ({
  label: 'a.wav',
  transcripts: [],
  replies: [],
  tools: [],
  audioMs: 0,
  voiceToVoiceMs,
  answered,
});

describe('latency report', () => {
  it('leaves out what is not known', () => {
    expect(latencyLine({ eouDelayMs: 400.4, voiceToVoiceMs: 900 })).toBe(
      'end of utterance 400 ms, voice to voice 900 ms',
    );
    expect(latencyLine({})).toBe('');
  });

  it('gives median and worst of the answered turns', () => {
    expect(summaryLines([turn(900), turn(1500), turn(700), turn(9999, false)], 12_345)).toEqual([
      '3 of 4 turns answered in 12.3 s',
      'voice to voice median 900 ms, worst 1500 ms',
    ]);
  });

  it('gives a single value as it is', () => {
    expect(summaryLines([turn(900)], 1000)).toEqual(['1 of 1 turns answered in 1.0 s', 'voice to voice 900 ms']);
  });
});
