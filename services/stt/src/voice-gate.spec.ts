import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LateLoudnessDetector, LoudnessDetector } from '../spec-support/loudness-activity.js';
import { VoiceGate, type VoiceGateListener } from './voice-gate.js';

const RATE = 16_000;
const WINDOW = 320;
const ms = (count: number) => (count * RATE) / 1000;

class Recorder implements VoiceGateListener {
  readonly told: [string, number, number?][] = [];
  voice: number[] = [];
  moves = 0;

  onSpeechStarted(atPts: number, pcm: Int16Array): void {
    this.told.push(['started', atPts]);
    this.voice = [...pcm];
  }

  onSpeech(pcm: Int16Array): void {
    this.voice.push(...pcm);
  }

  onSpeechStopped(atPts: number, durationMs: number): void {
    this.told.push(['stopped', atPts, durationMs]);
  }

  onMoved(): void {
    this.moves++;
  }
}

const voice = (durationMs: number) => new Int16Array(ms(durationMs)).map((_, i) => 1000 + (i % 1000));
const silence = (durationMs: number) => new Int16Array(ms(durationMs));

let recorder: Recorder;
let detector: LoudnessDetector;
let gate: VoiceGate;
let pts: number;

/** Sends voice in frames of 20 ms from where the last one ended. */
function send(...parts: Int16Array[]): void {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += WINDOW, pts += WINDOW) gate.accept(part.subarray(at, at + WINDOW), pts);
  }
}

beforeEach(() => {
  recorder = new Recorder();
  detector = new LoudnessDetector();
  gate = new VoiceGate({ sampleRateHz: RATE, minSilenceMs: 300 }, detector, recorder);
  pts = 0;
});

describe('VoiceGate', () => {
  it('tells positions by the pts of the frames, wherever they begin', () => {
    pts = ms(60_000);
    send(silence(500), voice(400), silence(400));
    expect(recorder.told).toEqual([
      ['started', ms(60_500)],
      ['stopped', ms(60_900), 400],
    ]);
    expect(gate.position).toBe(ms(61_300));
    expect(gate.speaking).toBe(false);
  });

  it('hands out what came shortly before the speech, and all of it up to its end', () => {
    send(silence(1000), voice(400), silence(400));
    // 300 ms before it, the speech, and the 300 ms that ended it
    expect(recorder.voice).toHaveLength(ms(1000));
    expect(recorder.voice.slice(ms(300), ms(700))).toEqual([...voice(400)]);
  });

  it('hands out what there is when speech begins with the session', () => {
    send(voice(400), silence(400));
    expect(recorder.told[0]).toEqual(['started', 0]);
    expect(recorder.voice).toHaveLength(ms(700));
  });

  it('takes frames of any length', () => {
    const pcm = new Int16Array([...silence(500), ...voice(400), ...silence(400)]);
    for (let at = 0; at < pcm.length; at += 777) gate.accept(pcm.subarray(at, at + 777), at);
    expect(recorder.told).toEqual([
      ['started', ms(500)],
      ['stopped', ms(900), 400],
    ]);
  });

  it('fills a gap with silence, says how long it is, and keeps its place', () => {
    send(silence(500), voice(400));
    pts += ms(500);
    expect(gate.accept(silence(20), pts)).toBe(ms(500));
    expect(recorder.told).toEqual([
      ['started', ms(500)],
      ['stopped', ms(900), 400],
    ]);
    expect(gate.position).toBe(ms(1420));
  });

  it('goes on with an utterance across a short gap', () => {
    send(voice(200));
    pts += ms(100);
    send(voice(200), silence(400));
    expect(recorder.told).toEqual([
      ['started', 0],
      ['stopped', ms(500), 500],
    ]);
  });

  it('passes over the rest of a gap of more than a second', () => {
    send(silence(100));
    pts += ms(600_000);
    const judged: number[] = [];
    const { accept } = detector;
    detector.accept = (window, onJudged) => (judged.push(window.length), accept.call(detector, window, onJudged));
    expect(gate.accept(voice(20), pts)).toBe(ms(600_000));
    expect(judged.length * WINDOW).toBe(ms(1020));
    pts += WINDOW;
    send(voice(200), silence(400));
    expect(recorder.told[0]).toEqual(['started', ms(600_100)]);
    expect(gate.position).toBe(ms(600_720));
  });

  it('passes over voice that it has had', () => {
    const judged: number[] = [];
    const { accept } = detector;
    detector.accept = (window, onJudged) => (judged.push(window.length), accept.call(detector, window, onJudged));
    send(silence(100));
    expect(gate.accept(silence(60), pts - ms(40))).toBe(0);
    expect(gate.accept(silence(20), 0)).toBe(0);
    expect(judged.length * WINDOW).toBe(ms(120));
    expect(gate.position).toBe(ms(120));
  });

  it('ends an utterance in silence that is let pass, and finds its place when frames come again', () => {
    send(silence(500), voice(400));
    for (let i = 0; i < 10; i++) gate.assumeSilence();
    expect(recorder.told.at(-1)).toEqual(['stopped', ms(900), 400]);
    expect(gate.position).toBe(ms(1900));
    expect(gate.receivedPts).toBe(ms(900));
    send(voice(400), silence(400));
    expect(recorder.told.slice(2)).toEqual([
      ['started', ms(900)],
      ['stopped', ms(1300), 400],
    ]);
    expect(gate.position).toBe(ms(1700));
  });

  it('counts as received what has been judged, not the rest of the frame', () => {
    let received = -1;
    recorder.onSpeechStopped = () => (received = gate.receivedPts);
    gate.accept(new Int16Array([...voice(400), ...silence(600)]), 0);
    expect(received).toBe(ms(700));
  });

  it('begins where it is told to before the first frame, and not after it', () => {
    gate.startAt(ms(5000));
    expect([gate.position, gate.receivedPts]).toEqual([ms(5000), ms(5000)]);
    gate.assumeSilence();
    expect([gate.position, gate.receivedPts]).toEqual([ms(5100), ms(5000)]);
    pts = ms(7000);
    send(silence(20));
    gate.startAt(0);
    expect(gate.position).toBe(ms(7020));
  });

  it('tells that it has moved after what happened there', () => {
    const positions: number[] = [];
    let toldAtLast = 0;
    recorder.onMoved = () => {
      positions.push(gate.position);
      toldAtLast = recorder.told.length;
    };
    send(voice(400), silence(300));
    expect(positions).toEqual(Array.from({ length: 35 }, (_, i) => ms(20 * (i + 1))));
    expect(toldAtLast).toBe(2);
  });

  it('ends an utterance where the voice ends, though a window is not full, and goes on behind it', () => {
    gate.accept(voice(410), 0);
    gate.end();
    expect(recorder.told).toEqual([
      ['started', 0],
      ['stopped', ms(420), 420],
    ]);
    expect(gate.receivedPts).toBe(ms(410));
    pts = ms(410);
    send(silence(100), voice(200));
    gate.end();
    expect(recorder.told.slice(2)).toEqual([
      ['started', ms(510)],
      ['stopped', ms(710), 200],
    ]);
  });

  it('ends nothing when nobody speaks', () => {
    gate.end();
    send(silence(500));
    gate.end();
    expect(recorder.told).toEqual([]);
  });

  it('goes on after a window that the detector refuses', () => {
    const { accept } = detector;
    detector.accept = () => {
      throw new Error('refused');
    };
    expect(() => gate.accept(silence(20), 0)).toThrow('refused');
    detector.accept = accept;
    pts = WINDOW;
    send(voice(400), silence(400));
    expect(recorder.told).toHaveLength(2);
  });

  it('closes its detector', () => {
    gate.close();
    expect(detector.closed).toBe(1);
  });
});

describe('VoiceGate before a detector that judges late', () => {
  let late: LateLoudnessDetector;

  beforeEach(() => {
    late = new LateLoudnessDetector();
    gate = new VoiceGate({ sampleRateHz: RATE, minSilenceMs: 300 }, late, recorder);
  });

  it('is where the voice has been judged, not where it has come', () => {
    pts = ms(1000);
    send(voice(400));
    expect([gate.position, gate.receivedPts, gate.speaking]).toEqual([ms(1000), ms(1000), false]);
    late.judge(6);
    expect([gate.position, gate.receivedPts, gate.speaking]).toEqual([ms(1120), ms(1120), true]);
    late.judge();
    expect([gate.position, gate.receivedPts]).toEqual([ms(1400), ms(1400)]);
    expect(recorder.moves).toBe(20);
  });

  it('keeps voice as it was when it came', () => {
    const frame = voice(20);
    for (let i = 0; i < 10; i++) gate.accept(frame, i * WINDOW);
    frame.fill(0);
    late.judge();
    expect(recorder.voice.slice(0, WINDOW)).toEqual([...voice(20)]);
  });

  it('lets silence that is assumed pass after the voice before it', () => {
    send(voice(400));
    for (let i = 0; i < 4; i++) gate.assumeSilence();
    expect(gate.position).toBe(0);
    late.judge(19);
    expect(gate.position).toBe(ms(380));
    late.judge(1);
    expect(gate.position).toBe(ms(800));
    expect(recorder.told.at(-1)).toEqual(['stopped', ms(400), 400]);
  });

  it('ends the utterance after the voice before it', () => {
    send(voice(400));
    gate.end();
    expect(recorder.told).toEqual([]);
    late.judge();
    expect(recorder.told.at(-1)).toEqual(['stopped', ms(400), 400]);
  });

  it('is told nothing once it is closed', () => {
    send(voice(400));
    gate.close();
    late.judge();
    expect(recorder.told).toEqual([]);
  });

  const happening = fc.oneof(
    fc.record({ type: fc.constantFrom('voice', 'silence'), lengthMs: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ type: fc.constant('gap'), lengthMs: fc.integer({ min: 1, max: 1500 }) }),
    fc.record({ type: fc.constantFrom('assumed', 'end'), lengthMs: fc.constant(0) }),
  );
  const step = fc.tuple(happening, fc.nat({ max: 30 }));

  /** What a gate tells, and where it is, after all this; so many windows are judged after each. */
  function cut(steps: [{ type: string; lengthMs: number }, number][], detecting: LoudnessDetector) {
    const listener = new Recorder();
    const cutting = new VoiceGate({ sampleRateHz: RATE, minSilenceMs: 300 }, detecting, listener);
    const moves: number[] = [];
    listener.onMoved = () => moves.push(cutting.position);
    let at = ms(5000);
    for (const [{ type, lengthMs }, judged] of steps) {
      if (type === 'voice') cutting.accept(voice(lengthMs), at);
      if (type === 'silence') cutting.accept(silence(lengthMs), at);
      if (type === 'assumed') cutting.assumeSilence();
      if (type === 'end') cutting.end();
      at += ms(lengthMs);
      if (detecting instanceof LateLoudnessDetector) detecting.judge(judged);
    }
    if (detecting instanceof LateLoudnessDetector) detecting.judge();
    const { position, receivedPts, speaking } = cutting;
    return { told: listener.told, voice: listener.voice, moves, position, receivedPts, speaking };
  }

  it('cuts the same however late the judgements come', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        expect(cut(steps, new LateLoudnessDetector())).toEqual(cut(steps, new LoudnessDetector()));
      }),
    );
  });
});
