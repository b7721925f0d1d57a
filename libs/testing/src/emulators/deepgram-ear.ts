import type { WordTime } from '@parley/contracts';
import type { SpeechToText, SpeechToTextStream } from '@parley/ports';

/** Mean square above which sound counts as speech: 300 of 32768 in amplitude. */
const SPEECH_POWER = 300 ** 2;

/** What was understood of a stretch of audio; times in ms of all that was heard. */
export interface Understood {
  text: string;
  words: WordTime[];
  confidence: number;
  startMs: number;
  endMs: number;
}

/** A speech-to-text engine that listens for an emulated Deepgram, which cuts what it hears itself. */
export class DeepgramEar {
  /** All that was heard, in ms. */
  positionMs = 0;
  /** Silence at its end. */
  silentMs = 0;
  /** Sound since the last cut. */
  loudMs = 0;
  /** Where the last cut was. */
  cutMs = 0;
  /** What has been understood since, so far. */
  interim = '';
  private final: { text: string; words?: WordTime[]; confidence?: number } | undefined;
  private answered: () => void = () => undefined;

  private constructor(
    private readonly stream: SpeechToTextStream,
    private readonly sampleRateHz: number,
    private readonly onInterim: () => void,
  ) {
    void this.read();
  }

  /** Opens a stream of an engine. */
  static async open(ears: SpeechToText, options: { sampleRateHz: number; language: string; onInterim(): void }) {
    const { sampleRateHz, language, onInterim } = options;
    const stream = await ears.open({ sessionId: 'deepgram', sampleRateHz, language });
    return new DeepgramEar(stream, sampleRateHz, onInterim);
  }

  /** Takes a moment of audio, short enough to be either loud or silent. */
  hear(moment: Int16Array): void {
    const durationMs = (moment.length * 1000) / this.sampleRateHz;
    const isLoud = moment.reduce((sum, sample) => sum + sample * sample, 0) > SPEECH_POWER * moment.length;
    this.stream.write(moment);
    this.positionMs += durationMs;
    this.silentMs = isLoud ? 0 : this.silentMs + durationMs;
    if (isLoud) this.loudMs += durationMs;
  }

  /** Understands everything since the last cut for good. */
  async cut(): Promise<Understood> {
    const startMs = this.cutMs;
    const endMs = this.positionMs;
    const flushed = new Promise<void>((resolve) => (this.answered = resolve));
    this.stream.flush();
    await flushed;
    const { text = '', words = [], confidence = 0 } = this.final ?? {};
    this.final = undefined;
    this.interim = '';
    this.loudMs = 0;
    this.cutMs = endMs;
    const moved = words.map((word) => ({ ...word, startMs: startMs + word.startMs, endMs: startMs + word.endMs }));
    return { text, words: moved, confidence, startMs, endMs };
  }

  /** What has been understood since the last cut; its words are spread evenly over it. */
  soFar(): Understood {
    const texts = this.interim.split(/\s+/).filter(Boolean);
    const eachMs = (this.positionMs - this.cutMs) / Math.max(1, texts.length);
    const words = texts.map((word, at) => ({
      word,
      startMs: this.cutMs + at * eachMs,
      endMs: this.cutMs + (at + 1) * eachMs,
    }));
    return { text: this.interim, words, confidence: 0.8, startMs: this.cutMs, endMs: this.positionMs };
  }

  async close(): Promise<void> {
    await this.stream.close();
    this.answered();
  }

  private async read(): Promise<void> {
    for await (const event of this.stream.events) {
      if (event.type === 'interim') {
        this.interim = event.text;
        this.onInterim();
      } else if (event.type === 'final') {
        this.final = event;
      } else if (event.type === 'flushed' || event.type === 'error') {
        this.answered();
      }
    }
  }
}

/** Cuts samples in moments of 20 ms. */
export function* momentsOf(bytes: Buffer, sampleRateHz: number): Generator<Int16Array> {
  const samples = new Int16Array(bytes.length / 2);
  for (let at = 0; at < samples.length; at++) samples[at] = bytes.readInt16LE(2 * at);
  const step = sampleRateHz / 50;
  for (let at = 0; at < samples.length; at += step) yield samples.subarray(at, at + step);
}
