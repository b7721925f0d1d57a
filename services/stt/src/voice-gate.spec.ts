import { beforeEach, describe, expect, it } from '@jest/globals';
import { FedGate, WINDOW } from '../spec-support/fed-gate.js';
import { ms, silence, voice, type Recorder } from '../spec-support/gate-recorder.js';
import { LoudnessDetector } from '../spec-support/loudness-activity.js';
import type { VoiceGate } from './voice-gate.js';

let detector: LoudnessDetector;
let fed: FedGate;
let gate: VoiceGate;
let recorder: Recorder;

beforeEach(() => {
  detector = new LoudnessDetector();
  fed = new FedGate(detector);
  ({ gate, recorder } = fed);
});

describe('VoiceGate', () => {
  it('tells positions by the pts of the frames, wherever they begin', () => {
    fed.pts = ms(60_000);
    fed.send(silence(500), voice(400), silence(400));
    expect(recorder.told).toEqual([
      ['started', ms(60_500)],
      ['stopped', ms(60_900), 400],
    ]);
    expect(gate.position).toBe(ms(61_300));
    expect(gate.speaking).toBe(false);
  });

  it('hands out what came shortly before the speech, and all of it up to its end', () => {
    fed.send(silence(1000), voice(400), silence(400));
    // 300 ms before it, the speech, and the 300 ms that ended it
    expect(recorder.voice).toHaveLength(ms(1000));
    expect(recorder.voice.slice(ms(300), ms(700))).toEqual([...voice(400)]);
  });

  it('hands out what there is when speech begins with the session', () => {
    fed.send(voice(400), silence(400));
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
    fed.send(silence(500), voice(400));
    fed.pts += ms(500);
    expect(gate.accept(silence(20), fed.pts)).toBe(ms(500));
    expect(recorder.told).toEqual([
      ['started', ms(500)],
      ['stopped', ms(900), 400],
    ]);
    expect(gate.position).toBe(ms(1420));
  });

  it('goes on with an utterance across a short gap', () => {
    fed.send(voice(200));
    fed.pts += ms(100);
    fed.send(voice(200), silence(400));
    expect(recorder.told).toEqual([
      ['started', 0],
      ['stopped', ms(500), 500],
    ]);
  });

  it('passes over the rest of a gap of more than a second', () => {
    fed.send(silence(100));
    fed.pts += ms(600_000);
    const judged: number[] = [];
    const { accept } = detector;
    detector.accept = (window, onJudged) => (judged.push(window.length), accept.call(detector, window, onJudged));
    expect(gate.accept(voice(20), fed.pts)).toBe(ms(600_000));
    expect(judged.length * WINDOW).toBe(ms(1020));
    fed.pts += WINDOW;
    fed.send(voice(200), silence(400));
    expect(recorder.told[0]).toEqual(['started', ms(600_100)]);
    expect(gate.position).toBe(ms(600_720));
  });

  it('passes over voice that it has had', () => {
    const judged: number[] = [];
    const { accept } = detector;
    detector.accept = (window, onJudged) => (judged.push(window.length), accept.call(detector, window, onJudged));
    fed.send(silence(100));
    expect(gate.accept(silence(60), fed.pts - ms(40))).toBe(0);
    expect(gate.accept(silence(20), 0)).toBe(0);
    expect(judged.length * WINDOW).toBe(ms(120));
    expect(gate.position).toBe(ms(120));
  });

  it('ends an utterance in silence that is let pass, and finds its place when frames come again', () => {
    fed.send(silence(500), voice(400));
    for (let i = 0; i < 10; i++) gate.assumeSilence();
    expect(recorder.told.at(-1)).toEqual(['stopped', ms(900), 400]);
    expect(gate.position).toBe(ms(1900));
    expect(gate.receivedPts).toBe(ms(900));
    fed.send(voice(400), silence(400));
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
    fed.pts = ms(7000);
    fed.send(silence(20));
    gate.startAt(0);
    expect(gate.position).toBe(ms(7020));
  });

  it('lets everything be heard, with its place, but silence that is only assumed', () => {
    fed.pts = ms(5000);
    fed.send(silence(100), voice(200));
    gate.assumeSilence();
    fed.send(silence(20));
    expect(recorder.heard).toEqual([...silence(100), ...voice(200), ...silence(20)]);
    expect(recorder.heardAtPts).toBe(ms(5300));
  });

  it('ends an utterance when it is told to, and hands nothing of it out again', () => {
    fed.send(silence(500), voice(380));
    gate.accept(voice(10), fed.pts);
    fed.pts += ms(10);
    gate.endUtterance();
    expect(recorder.told.at(-1)).toEqual(['stopped', ms(890), 390]);
    expect(recorder.voice.slice(ms(300), ms(690))).toEqual([...voice(380), ...voice(10)]);
    expect(gate.takenPts).toBe(ms(890));
    fed.send(voice(200), silence(400));
    expect(recorder.told.slice(2)).toEqual([
      ['started', ms(890)],
      ['stopped', ms(1090), 200],
    ]);
    expect(recorder.voice).toHaveLength(ms(500));
  });

  it('ends no utterance when there is none, and begins none before the place where it was told to', () => {
    fed.send(silence(500), voice(60));
    gate.endUtterance();
    expect(recorder.told).toEqual([]);
    fed.send(voice(200), silence(400));
    expect(recorder.told[0]).toEqual(['started', ms(560)]);
    expect(recorder.voice.slice(0, ms(300))).toEqual([...silence(240), ...voice(60)]);
  });

  it('is undecided while sound may become speech', () => {
    fed.send(silence(100));
    expect(gate.undecided).toBe(false);
    fed.send(voice(60));
    expect(gate.undecided).toBe(true);
    fed.send(voice(100));
    expect(gate.undecided).toBe(false);
    expect(gate.speaking).toBe(true);
  });

  it('passes over voice as if it had not come', () => {
    fed.send(silence(100), voice(205));
    fed.pts = ms(305);
    gate.skipTo(ms(5000));
    expect(recorder.told.at(-1)).toEqual(['stopped', ms(305), 205]);
    expect([gate.position, gate.takenPts]).toEqual([ms(5000), ms(5000)]);
    fed.pts = ms(5000);
    fed.send(voice(200), silence(400));
    expect(recorder.told.slice(2)).toEqual([
      ['started', ms(5000)],
      ['stopped', ms(5200), 200],
    ]);
    expect(recorder.voice).toHaveLength(ms(500));
  });

  it('goes on after a window that the detector refuses', () => {
    const { accept } = detector;
    detector.accept = () => {
      throw new Error('refused');
    };
    expect(() => gate.accept(silence(20), 0)).toThrow('refused');
    detector.accept = accept;
    fed.pts = WINDOW;
    fed.send(voice(400), silence(400));
    expect(recorder.told).toHaveLength(2);
  });

  it('closes its detector', () => {
    gate.close();
    expect(detector.closed).toBe(1);
  });
});
