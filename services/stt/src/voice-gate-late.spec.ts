import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FedGate, WINDOW } from '../spec-support/fed-gate.js';
import { ms, silence, voice, type Recorder } from '../spec-support/gate-recorder.js';
import { LateLoudnessDetector, LoudnessDetector } from '../spec-support/loudness-activity.js';
import type { VoiceGate } from './voice-gate.js';

let late: LateLoudnessDetector;
let fed: FedGate;
let gate: VoiceGate;
let recorder: Recorder;

beforeEach(() => {
  late = new LateLoudnessDetector();
  fed = new FedGate(late);
  ({ gate, recorder } = fed);
});

describe('VoiceGate before a detector that judges late', () => {
  it('is where the voice has been judged, not where it has come', () => {
    fed.pts = ms(1000);
    fed.send(voice(400));
    expect([gate.position, gate.receivedPts, gate.speaking]).toEqual([ms(1000), ms(1000), false]);
    late.judge(6);
    expect([gate.position, gate.receivedPts, gate.speaking]).toEqual([ms(1120), ms(1120), true]);
    late.judge();
    expect([gate.position, gate.receivedPts]).toEqual([ms(1400), ms(1400)]);
    expect(recorder.judgedLate).toBe(20);
  });

  it('keeps voice as it was when it came', () => {
    const frame = voice(20);
    for (let i = 0; i < 10; i++) gate.accept(frame, i * WINDOW);
    frame.fill(0);
    late.judge();
    expect(recorder.voice.slice(0, WINDOW)).toEqual([...voice(20)]);
  });

  it('lets silence that is assumed pass after the voice before it', () => {
    fed.send(voice(400));
    for (let i = 0; i < 4; i++) gate.assumeSilence();
    expect(gate.position).toBe(0);
    late.judge(19);
    expect(gate.position).toBe(ms(380));
    late.judge(1);
    expect(gate.position).toBe(ms(800));
    expect(recorder.told.at(-1)).toEqual(['stopped', ms(400), 400]);
  });

  it('ends the utterance after the voice before it', () => {
    fed.send(voice(400));
    gate.endUtterance();
    expect(recorder.told).toEqual([]);
    late.judge();
    expect(recorder.told.at(-1)).toEqual(['stopped', ms(400), 400]);
  });

  it('is told nothing once it is closed', () => {
    fed.send(voice(400));
    gate.close();
    late.judge();
    expect(recorder.told).toEqual([]);
  });

  const happening = fc.oneof(
    fc.record({ type: fc.constantFrom('voice', 'silence'), lengthMs: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ type: fc.constantFrom('gap', 'skipped'), lengthMs: fc.integer({ min: 1, max: 1500 }) }),
    fc.record({ type: fc.constantFrom('assumed', 'end'), lengthMs: fc.constant(0) }),
  );
  const step = fc.tuple(happening, fc.nat({ max: 30 }));

  /** What a gate tells, and where it is, after all this; so many windows are judged after each. */
  function cut(steps: [{ type: string; lengthMs: number }, number][], detecting: LoudnessDetector) {
    const { gate: cutting, recorder: listener } = new FedGate(detecting);
    let at = ms(5000);
    for (const [{ type, lengthMs }, judged] of steps) {
      if (type === 'voice') cutting.accept(voice(lengthMs), at);
      if (type === 'silence') cutting.accept(silence(lengthMs), at);
      if (type === 'assumed') cutting.assumeSilence();
      if (type === 'end') cutting.endUtterance();
      if (type === 'skipped') cutting.skipTo(at + ms(lengthMs));
      at += ms(lengthMs);
      if (detecting instanceof LateLoudnessDetector) detecting.judge(judged);
    }
    if (detecting instanceof LateLoudnessDetector) detecting.judge();
    const { position, receivedPts, speaking } = cutting;
    return { told: listener.told, voice: listener.voice, heard: listener.heard, position, receivedPts, speaking };
  }

  it('cuts the same however late the judgements come', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        expect(cut(steps, new LateLoudnessDetector())).toEqual(cut(steps, new LoudnessDetector()));
      }),
    );
  });
});
