import type { VoiceActivityDetector } from '@parley/ports';
import { VoiceGate } from '../src/voice-gate.js';
import { RATE, Recorder } from './gate-recorder.js';

/** Samples of 20 ms: of a frame, and of what the detectors here judge at once. */
export const WINDOW = 320;

/** A gate that ends utterances after 300 ms, what it tells, and the voice that it is fed. */
export class FedGate {
  readonly recorder = new Recorder();
  readonly gate: VoiceGate;
  /** Where the next frame begins. */
  pts = 0;

  constructor(detector: VoiceActivityDetector) {
    this.gate = new VoiceGate({ sampleRateHz: RATE, minSilenceMs: 300 }, detector, this.recorder);
  }

  /** Sends voice in frames of 20 ms from where the last one ended. */
  send(...parts: Int16Array[]): void {
    for (const part of parts) {
      for (let at = 0; at < part.length; at += WINDOW, this.pts += WINDOW) {
        this.gate.accept(part.subarray(at, at + WINDOW), this.pts);
      }
    }
  }
}
