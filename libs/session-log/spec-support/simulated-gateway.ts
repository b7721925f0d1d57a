import type { Mode, ParleyEvent, Payload } from '@parley/contracts';

type PlayoutType = 'playout.started' | 'playout.progress' | 'playout.ended';

interface Voice {
  reply: number;
  lengthsMs: number[];
  sentence: number;
  playedMs: number;
  begun: boolean;
  ended: 'completed' | 'failed' | undefined;
}

/**
 * Plays replies as a gateway does: in order, to their end or to where they are interrupted, and says how far. Speech over
 * one makes it pause until it is told what becomes of the reply.
 */
export class SimulatedGateway {
  /** The last word on each reply, by ordinal. */
  readonly ends = new Map<number, Payload<'playout.ended'>>();
  private voices: Voice[] = [];
  private isPaused = false;
  private keptThrough = 0;

  constructor(
    private readonly publish: <T extends PlayoutType>(type: T, payload: Payload<T>) => void,
    private mode: Mode,
  ) {}

  /** The caller has switched: what plays is shown from there on, when the output is text now. */
  switchTo(mode: Mode): void {
    this.mode = mode;
    if (!this.isHeard) for (const voice of this.voices) this.end(voice, 'interrupted', true);
  }

  private get isHeard(): boolean {
    return this.mode.endsWith('-to-voice');
  }

  see(event: ParleyEvent): void {
    if (event.type === 'speech.started') {
      this.isPaused ||= event.utterance > this.keptThrough && this.voices[0]?.begun === true;
    } else if (event.type === 'reply.kept') {
      this.keptThrough = Math.max(this.keptThrough, event.utterance);
      this.isPaused = false;
      this.play(0);
    } else if (event.type === 'reply.started') {
      const { reply, shown } = event;
      if (shown) return;
      const voice = { reply, lengthsMs: [], sentence: 0, playedMs: 0, begun: false, ended: undefined };
      this.voices.push(voice);
      if (!this.isHeard) this.end(voice, 'interrupted', true);
    } else if (event.type === 'reply.sentence') {
      // Speakers differ: 50 to 89 ms a character.
      const perCharacterMs = 50 + ((event.reply * 17 + event.sentence * 7) % 40);
      this.voice(event.reply)?.lengthsMs.push(event.text.length * perCharacterMs);
    } else if (event.type === 'reply.ended') {
      const voice = this.voice(event.reply);
      if (voice) voice.ended = event.outcome;
      this.play(0);
    } else if (event.type === 'reply.interrupted') {
      const voice = this.voice(event.reply);
      if (voice) this.end(voice, 'interrupted');
    }
  }

  /** Plays the oldest reply on. */
  play(ms: number): void {
    const voice = this.voices[0];
    if (!voice || this.isPaused) return;
    let leftMs = ms;
    for (let length = voice.lengthsMs[voice.sentence]; length !== undefined; length = voice.lengthsMs[voice.sentence]) {
      if (leftMs > 0 && !voice.begun) this.publish('playout.started', { reply: voice.reply });
      voice.begun ||= leftMs > 0;
      const heard = Math.min(leftMs, length - voice.playedMs);
      voice.playedMs += heard;
      leftMs -= heard;
      if (voice.playedMs < length || voice.lengthsMs[voice.sentence + 1] === undefined) break;
      voice.sentence++;
      voice.playedMs = 0;
    }
    const { reply, sentence, playedMs } = voice;
    if (ms > 0 && voice.begun) this.publish('playout.progress', { reply, sentence, playedMs });
    const isOut = voice.lengthsMs.length === 0 || playedMs >= (voice.lengthsMs[sentence] ?? 0);
    if (voice.ended && isOut && sentence >= voice.lengthsMs.length - 1) this.end(voice, voice.ended);
  }

  /** Gives the oldest reply up. */
  stall(): void {
    if (this.voices[0]) this.end(this.voices[0], 'failed');
  }

  private end(voice: Voice, outcome: Payload<'playout.ended'>['outcome'], shown = false): void {
    this.voices = this.voices.filter((other) => other !== voice);
    this.isPaused = false;
    const { reply, sentence, playedMs, begun } = voice;
    const sentenceMs = voice.lengthsMs[sentence];
    const known = begun && sentenceMs !== undefined ? { sentenceMs } : {};
    const event = { reply, outcome, sentence, playedMs, totalMs: playedMs, ...known, ...(shown && { shown }) };
    this.ends.set(reply, event);
    this.publish('playout.ended', event);
  }

  private voice(reply: number): Voice | undefined {
    return this.voices.find((voice) => voice.reply === reply);
  }
}
