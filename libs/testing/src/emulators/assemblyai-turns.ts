import type { SpeechToTextEvent, SpeechToTextStream } from '@parley/ports';
import type { AssemblyAiParameters } from './assemblyai-parameters.js';
import { formatted, plain, spread, type EmulatedWord } from './assemblyai-words.js';

type Final = Extract<SpeechToTextEvent, { type: 'final' }>;

/** How turns are said. */
export interface AssemblyAiTurnsOptions {
  formatsInSecond?: boolean;
  answersEmptyForce?: boolean;
}

/** Mean square above which sound is taken for speech: 300 of 32768 in amplitude. */
const SPEECH_POWER = 300 ** 2;
/** How finely ends of turns are looked for. */
const MOMENT_MS = 10;
/** Speech that makes a turn. */
const MIN_SPEECH_MS = 80;
/** What the provider adds before the first interim transcript of Universal-3. */
const PARTIAL_DELAY_MS = 256;
/** Between interim transcripts of Universal-3 while somebody goes on speaking. */
const PARTIAL_INTERVAL_MS = 1000;

/** Finds turns in the audio of one session, and says what the ears understand of them. */
export class AssemblyAiTurns {
  private order = 0;
  private hearsMs = 0;
  /** Where what the ears have not given a final of begins. */
  private fromMs = 0;
  private loudMs = 0;
  private silentMs = 0;
  private firstLoudMs: number | undefined;
  private lastLoudMs = 0;
  private heard = '';
  /** Words of it that the ears will not change. */
  private stableWords = 0;
  private said = '';
  private saidMs = -Infinity;
  private isPaused = false;
  private final: Final | undefined;
  private onFlushed: () => void = () => undefined;

  constructor(
    private readonly ears: SpeechToTextStream,
    private readonly parameters: AssemblyAiParameters,
    private readonly say: (message: Record<string, unknown>) => void,
    private readonly options: AssemblyAiTurnsOptions,
  ) {
    void this.listen();
  }

  /** Takes one message's audio. */
  async hear(pcm: Int16Array): Promise<void> {
    const moment = Math.round((this.parameters.sampleRateHz * MOMENT_MS) / 1000);
    for (let at = 0; at < pcm.length; at += moment) await this.hearMoment(pcm.subarray(at, at + moment));
    await understood();
    this.sayPartial();
  }

  /** Ends the turn that goes on, if there are words. */
  async force(): Promise<void> {
    await this.end(true);
  }

  private async hearMoment(pcm: Int16Array): Promise<void> {
    this.ears.write(pcm);
    const ms = (pcm.length * 1000) / this.parameters.sampleRateHz;
    this.hearsMs += ms;
    if (isLoud(pcm)) {
      this.firstLoudMs ??= this.hearsMs - ms;
      this.lastLoudMs = this.hearsMs;
      this.loudMs += ms;
      this.silentMs = 0;
      this.isPaused = false;
      return;
    }
    this.silentMs += ms;
    const { minTurnSilenceMs, maxTurnSilenceMs } = this.parameters;
    if (this.loudMs < MIN_SPEECH_MS || this.silentMs < minTurnSilenceMs) return;
    await understood();
    if (this.isComplete() || this.silentMs >= maxTurnSilenceMs) await this.end(false);
    else if (!this.isPaused) this.pause();
  }

  private isComplete(): boolean {
    const { isUniversalStreaming, endOfTurnConfidence } = this.parameters;
    if (this.heard === '') return false;
    return isUniversalStreaming ? this.confidence() >= endOfTurnConfidence : endsSentence(this.heard);
  }

  private confidence(): number {
    return endsSentence(this.heard) ? 0.9 : 0.1;
  }

  private sayPartial(): void {
    const { isUniversalStreaming, interruptionDelayMs } = this.parameters;
    if (this.heard === '' || this.heard === this.said) return;
    if (!isUniversalStreaming) {
      const isEarly = this.loudMs < interruptionDelayMs + PARTIAL_DELAY_MS;
      if (isEarly || this.hearsMs - this.saidMs < PARTIAL_INTERVAL_MS) return;
    }
    this.sayInterim(isUniversalStreaming ? Math.min(this.stableWords, wordsIn(this.heard) - 1) : 0);
  }

  /** The utterance is over, though the turn is not. */
  private pause(): void {
    this.isPaused = true;
    if (this.heard === '') return;
    const { isUniversalStreaming } = this.parameters;
    this.sayInterim(isUniversalStreaming ? this.stableWords : 0, isUniversalStreaming ? plain(this.heard) : '');
  }

  /** @param settled how many words will not change */
  private sayInterim(settled: number, utterance = ''): void {
    const { isUniversalStreaming } = this.parameters;
    if (!isUniversalStreaming && this.said === '') this.say({ type: 'SpeechStarted', timestamp: this.firstLoudMs ?? 0, confidence: 0.9 }); // prettier-ignore
    this.said = this.heard;
    this.saidMs = this.hearsMs;
    const text = isUniversalStreaming ? plain(this.heard) : this.heard;
    const words = spread(text, this.firstLoudMs ?? 0, this.lastLoudMs);
    this.say({
      ...this.turn(isUniversalStreaming ? words.slice(0, settled).map((word) => word.text).join(' ') : text),
      end_of_turn_confidence: isUniversalStreaming ? this.confidence() : 0,
      words: words.map((word, at) => ({ ...word, word_is_final: at < settled })),
      utterance,
    }); // prettier-ignore
  }

  private async end(isForced: boolean): Promise<void> {
    const { isUniversalStreaming, formatTurns } = this.parameters;
    const { text = '', words } = (await this.takeFinal()) ?? {};
    if (text === '') {
      if (isForced && this.options.answersEmptyForce) {
        this.say({ ...this.turn(''), ...OVER });
        this.order += 1;
      }
      return this.begin();
    }
    const at = (each: { word: string; startMs: number; endMs: number }): EmulatedWord => ({
      text: each.word,
      start: Math.round(this.fromMs + each.startMs),
      end: Math.round(this.fromMs + each.endMs),
      confidence: 0.98,
    });
    const known = words?.map(at) ?? spread(text, this.firstLoudMs ?? this.fromMs, this.lastLoudMs);
    const over = (transcript: string, isFormatted: boolean) => {
      const texts = transcript.split(/\s+/u);
      const said = known.map((word, n) => ({ ...word, text: texts.length === known.length ? texts[n] : word.text, word_is_final: true })); // prettier-ignore
      const end_of_turn_confidence = isUniversalStreaming ? (isForced ? 1 : this.confidence()) : 1;
      this.say({ ...this.turn(transcript), ...OVER, turn_is_formatted: isFormatted, end_of_turn_confidence, words: said, utterance: transcript }); // prettier-ignore
    };
    const isFormatted = !isUniversalStreaming || formatTurns;
    if (isUniversalStreaming && (!formatTurns || (this.options.formatsInSecond ?? true))) over(plain(text), false);
    if (isFormatted) over(formatted(text), true);
    this.order += 1;
    this.begin();
  }

  private turn(transcript: string): Record<string, unknown> {
    return { type: 'Turn', turn_order: this.order, turn_is_formatted: false, end_of_turn: false, transcript, end_of_turn_confidence: 0, words: [], utterance: '' }; // prettier-ignore
  }

  private begin(): void {
    this.fromMs = this.hearsMs;
    this.loudMs = 0;
    this.silentMs = 0;
    this.firstLoudMs = undefined;
    this.heard = '';
    this.said = '';
    this.saidMs = -Infinity;
    this.isPaused = false;
  }

  private async takeFinal(): Promise<Final | undefined> {
    const flushed = new Promise<void>((resolve) => (this.onFlushed = resolve));
    this.ears.flush();
    await flushed;
    const { final } = this;
    this.final = undefined;
    return final;
  }

  private understand(text: string, stableChars = text.length): void {
    this.heard = text;
    const stable = text.slice(0, stableChars);
    const isInWord = /\S$/u.test(stable) && /^\S/u.test(text.slice(stableChars));
    this.stableWords = wordsIn(stable) - (isInWord ? 1 : 0);
  }

  private async listen(): Promise<void> {
    for await (const event of this.ears.events) {
      if (event.type === 'interim') this.understand(event.text, event.stableChars);
      else if (event.type === 'final') this.final = event;
      else if (event.type === 'flushed') this.onFlushed();
    }
    // Whoever waits for ears that are closed waits for nothing.
    this.onFlushed();
  }
}

const OVER = { end_of_turn: true, end_of_turn_confidence: 1 };

function wordsIn(text: string): number {
  return text.split(/\s+/u).filter(Boolean).length;
}

function endsSentence(text: string): boolean {
  return /[.?!]$/u.test(text);
}

function isLoud(pcm: Int16Array): boolean {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return pcm.length > 0 && sum / pcm.length > SPEECH_POWER;
}

/** Lets the ears say what they have understood. */
async function understood(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
