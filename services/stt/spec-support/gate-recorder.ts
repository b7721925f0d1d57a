import type { VoiceGateListener } from '../src/voice-gate.js';

/** Samples a second. */
export const RATE = 16_000;
/** Samples of so many milliseconds. */
export const ms = (count: number) => (count * RATE) / 1000;
/** Notes what a gate tells. */
export class Recorder implements VoiceGateListener {
  readonly told: [string, number, number?][] = [];
  voice: number[] = [];
  judgedLate = 0;
  heard: number[] = [];
  /** Where what was heard last begins. */
  heardAtPts = -1;

  onHeard(pcm: Int16Array, atPts: number): void {
    this.heard.push(...pcm);
    this.heardAtPts = atPts;
  }

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

  onJudgedLate(): void {
    this.judgedLate++;
  }
}

/** Voice that a loudness detector takes for speech; samples that follow each other differ. */
export const voice = (durationMs: number) => new Int16Array(ms(durationMs)).map((_, i) => 1000 + (i % 1000));
/** Nobody speaks. */
export const silence = (durationMs: number) => new Int16Array(ms(durationMs));
