import { EngineError, type EndOfTurnOptions, type SpeechToTextEvent, type SpeechToTextStream } from '@parley/ports';
import type { Clock, TimerHandle } from './clock.js';
import { EventQueue } from './event-queue.js';
import { ScriptedReader, type ScriptedWord } from './scripted-reader.js';
import { ScriptedTurnWatch } from './scripted-turn-watch.js';

/** Mean square above which unreadable sound counts as somebody speaking: 300 of 32768 in amplitude. */
const SPEECH_POWER = 300 ** 2;
/** Loud audio that makes an utterance. */
const MIN_SPEECH_MS = 60;
/** A word written as two is heard as the one first, and as the other in the end. */
const MISHEARD = /(?<![^\s])([\p{L}']+)\/([\p{L}']+)(?=[.,!?]*(\s|$))/gu;
/** How finely the end of a turn is looked for. */
const MOMENT_MS = 10;

/** What a stream needs to know. */
export interface ScriptedStreamOptions {
  sampleRateHz: number;
  latencyMs: number;
  script: readonly string[];
  interim: boolean;
  /** With it the stream says where turns end. */
  endOfTurn: EndOfTurnOptions | undefined;
  clock: Clock;
  onClose: () => void;
}

/** One session's scripted recognition. */
export class ScriptedSpeechToTextStream implements SpeechToTextStream {
  readonly events: AsyncIterable<SpeechToTextEvent>;
  private readonly queue = new EventQueue<SpeechToTextEvent>();
  private readonly reader = new ScriptedReader();
  private readonly turnWatch: ScriptedTurnWatch | undefined;
  private readonly pending: { timer: TimerHandle; said: SpeechToTextEvent[] }[] = [];
  private written = 0;
  private utteranceStart = 0;
  private loudMs = 0;
  private line = 0;
  private closed = false;

  constructor(private readonly options: ScriptedStreamOptions) {
    this.events = this.queue;
    this.turnWatch = options.endOfTurn && new ScriptedTurnWatch(options.endOfTurn);
  }

  write(pcm: Int16Array): number {
    if (this.closed) throw new EngineError('engine_closed', 'the stream is closed', false);
    const { turnWatch } = this;
    if (!turnWatch) this.hear(pcm);
    else {
      const moment = Math.round((this.options.sampleRateHz * MOMENT_MS) / 1000);
      for (let at = 0; at < pcm.length; at += moment) this.watch(turnWatch, pcm.subarray(at, at + moment));
    }
    return 0;
  }

  private hear(pcm: Int16Array): void {
    const before = this.reader.count;
    this.reader.push(pcm);
    this.written += pcm.length;
    if (power(pcm) > SPEECH_POWER) this.loudMs += (pcm.length / this.options.sampleRateHz) * 1000;
    if (this.options.interim && this.reader.count > before) {
      const heard = this.reader.read().text;
      const text = heard.replace(MISHEARD, '$1');
      const stableChars = Math.min(text.length, misheardFrom(heard));
      this.queue.push({ type: 'interim', text, stableChars }, (last) => last.type === 'interim');
    }
  }

  private watch(turnWatch: ScriptedTurnWatch, moment: Int16Array): void {
    this.hear(moment);
    const durationMs = (moment.length / this.options.sampleRateHz) * 1000;
    const isOver = turnWatch.accept(power(moment) > SPEECH_POWER, durationMs, () => this.reader.read().text);
    if (!isOver) return;
    const { sampleRateHz } = this.options;
    const final = this.takeFinal();
    if (final) this.sayLater([{ ...final, endMs: (this.written / sampleRateHz) * 1000 }, { type: 'end_of_turn' }]);
  }

  flush(): void {
    if (this.closed) return;
    const final = this.takeFinal();
    this.sayLater([...(final ? [final] : []), { type: 'flushed' }]);
  }

  reset(): void {
    for (const entry of this.pending) entry.said = entry.said.filter(({ type }) => type === 'flushed');
    this.startUtterance();
  }

  private sayLater(said: SpeechToTextEvent[]): void {
    const entry = { said, timer: undefined as TimerHandle };
    this.pending.push(entry);
    // Timers of the same delay fire in the order in which they were set, so finals keep theirs.
    entry.timer = this.options.clock.setTimeout(() => {
      this.pending.splice(this.pending.indexOf(entry), 1);
      for (const event of entry.said) this.queue.push(event);
    }, this.options.latencyMs);
  }

  close(): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      for (const { timer } of this.pending.splice(0)) this.options.clock.clearTimeout(timer);
      this.queue.end({ drop: true });
      this.options.onClose();
    }
    return Promise.resolve();
  }

  private takeFinal(): Extract<SpeechToTextEvent, { type: 'final' }> | undefined {
    const { words, text: heard } = this.reader.read();
    const text = heard.replace(MISHEARD, '$2');
    const start = this.utteranceStart;
    const isUnreadable = words.length === 0 && this.loudMs >= MIN_SPEECH_MS;
    const scripted = isUnreadable ? this.options.script[this.line++ % this.options.script.length] : undefined;
    this.startUtterance();
    if (text) return { type: 'final', text, confidence: 1, words: words.map((word) => this.timeOf(word, start)) };
    return scripted ? { type: 'final', text: scripted, confidence: 0.5 } : undefined;
  }

  private startUtterance(): void {
    this.reader.clear();
    this.loudMs = 0;
    this.utteranceStart = this.written;
  }

  private timeOf({ text, startSample, endSample }: ScriptedWord, start: number) {
    const ms = (sample: number) => Math.max(0, ((sample - start) / this.options.sampleRateHz) * 1000);
    return { word: text.replace(MISHEARD, '$2'), startMs: ms(startSample), endMs: ms(endSample) };
  }
}

/** Where the first word begins that will turn out to be another. */
function misheardFrom(heard: string): number {
  const at = heard.search(MISHEARD);
  return at < 0 ? Infinity : at;
}

function power(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return pcm.length > 0 ? sum / pcm.length : 0;
}
