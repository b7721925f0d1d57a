import { Microphone, Speaker, type HeardPiece } from '@parley/chaos/caller';
import type { CallerMessage, EdgeAudioInfo, EdgeEvent } from '@parley/contracts';
import type { CallerDoor, DoorListener, DoorRequest, OpenDoor } from './caller-door.js';
import { echoOf, mixed, type EchoPath } from './echo.js';
import { RATE_HZ } from './voices.js';

/** An event with when it came. */
export interface Timed<E> {
  atMs: number;
  event: E;
}

/** What a caller needs. */
export interface CallerOptions {
  request: DoorRequest;
  open: OpenDoor;
  nowMs(): number;
  /** What the microphone hears of the speaker. */
  echo?: EchoPath | undefined;
}

/** Why the agent's voice stopped at the caller's ear. */
export type Stop = { atMs: number; why: 'pause' | 'flush' };

/** One caller: a microphone that is always on, a speaker that plays in real time, and what the gateway tells. */
export class Caller implements DoorListener {
  readonly told: Timed<EdgeEvent>[] = [];
  readonly speaker = new Speaker(RATE_HZ);
  /** When the speaker was silenced, and when it went on. */
  readonly stops: Stop[] = [];
  readonly resumes: { atMs: number }[] = [];
  /** Why the connection is closed; undefined while it is open. */
  closedBecause: string | undefined;
  private door: CallerDoor | undefined;
  private microphone: Microphone | undefined;
  private whenOff: Promise<void> = Promise.resolve();
  private tellOff: () => void = () => {};
  private newestReply = 0;
  private readonly nextPts = new Map<number, number>();

  private constructor(private readonly options: CallerOptions) {}

  /** Opens a session, and switches the microphone on unless the mode is one of writing. */
  static async connect(options: CallerOptions): Promise<Caller> {
    const caller = new Caller(options);
    caller.door = await options.open(options.request, caller);
    if (options.request.mode.startsWith('voice-')) caller.switchOn();
    return caller;
  }

  get sessionId(): string {
    return this.door?.sessionId ?? '';
  }

  /** When the last sample that was given will have been played. */
  get quietFromMs(): number {
    return this.speaker.isPaused ? Infinity : this.speaker.quietFromMs;
  }

  /** Says something behind what is being said; resolves when its last sample has left or the microphone is off. */
  say(pcm: Int16Array): Promise<unknown> {
    if (!this.microphone) throw new Error('the microphone is off');
    return Promise.race([this.microphone.say(pcm), this.whenOff]);
  }

  async send(message: CallerMessage): Promise<void> {
    await this.door?.send(message);
    if (message.type !== 'mode') return;
    if (message.mode.startsWith('voice-')) this.switchOn();
    else this.switchOff();
  }

  /** Hangs up, unless the session is over. */
  async leave(): Promise<void> {
    this.switchOff();
    await this.door?.leave();
  }

  /** What the speaker has played by now of a reply. */
  heard(reply: number): Int16Array[] {
    const nowMs = this.options.nowMs();
    return this.speaker.pieces.filter((piece) => piece.reply === reply).map((piece) => playedBy(piece, nowMs));
  }

  /** The newest reply of which anything has been played; 0 for none. */
  get newestHeard(): number {
    const nowMs = this.options.nowMs();
    return this.speaker.pieces.findLast(({ fromMs }) => fromMs <= nowMs)?.reply ?? 0;
  }

  event(event: EdgeEvent): void {
    const atMs = this.options.nowMs();
    this.told.push({ atMs, event });
    if (event.type === 'playout_started') this.newestReply = event.reply;
    if (event.type === 'playout_ended') this.speaker.ended(event.reply);
    if (event.type === 'audio_flush') {
      if (!this.speaker.isPaused) this.stops.push({ atMs, why: 'flush' });
      this.speaker.flush(atMs);
    }
    if (event.type === 'audio_pause' && !this.speaker.isPaused) this.pause(atMs);
    if (event.type === 'audio_resume' && this.speaker.isPaused) {
      this.resumes.push({ atMs });
      this.speaker.resume(atMs);
    }
  }

  audio(pcm: Int16Array, info: EdgeAudioInfo | undefined): void {
    this.speaker.play(info ?? this.placeOf(pcm), pcm, this.options.nowMs());
  }

  closed(reason: string): void {
    this.closedBecause ??= reason;
    this.switchOff();
  }

  private pause(atMs: number): void {
    this.stops.push({ atMs, why: 'pause' });
    this.speaker.pause(atMs);
    const { next } = this.speaker;
    // Whoever holds says where; a session that is over meanwhile needs no answer.
    if (next) this.door?.send({ type: 'played', ...next }).catch(() => undefined);
  }

  /** A raw WebSocket does not say where a frame belongs: it goes on with the reply that was told last. */
  private placeOf(pcm: Int16Array): EdgeAudioInfo {
    const reply = this.newestReply;
    const pts = this.nextPts.get(reply) ?? 0;
    this.nextPts.set(reply, pts + pcm.length);
    return { reply, sentence: 0, pts };
  }

  private switchOn(): void {
    const { request, nowMs, echo } = this.options;
    const frameMs = request.frameMs;
    if (this.microphone) return;
    this.whenOff = new Promise((resolve) => (this.tellOff = resolve));
    this.microphone = new Microphone(
      (frame) => this.door?.audio(echo ? this.withEcho(frame, echo, nowMs() - frameMs) : frame) ?? false,
      nowMs,
      frameMs,
    );
  }

  private switchOff(): void {
    this.microphone?.off();
    this.microphone = undefined;
    this.tellOff();
  }

  private withEcho(frame: Int16Array, path: EchoPath, fromMs: number): Int16Array {
    return mixed(frame, echoOf(this.speaker.pieces, path, { fromMs, samples: frame.length, sampleRateHz: RATE_HZ }));
  }
}

function playedBy({ pcm, fromMs }: HeardPiece, nowMs: number): Int16Array {
  return pcm.subarray(0, Math.max(0, Math.floor(((nowMs - fromMs) / 1000) * RATE_HZ)));
}
