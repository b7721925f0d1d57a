import type { EdgeEvent } from '@parley/contracts';
import { WebSocket } from 'ws';
import type { LoadCallReport, LoadPlan, LoadTurn } from './load-report.js';

/** What callers have in common. */
export interface LoadSurroundings {
  plan: LoadPlan;
  nowMs(): number;
  /** A turn's frames, each of them whole. */
  speech: readonly Buffer[][];
  silence: Buffer;
  onJitter(ms: number): void;
}

type Phase = 'idle' | 'speaking' | 'waiting' | 'hearing' | 'pausing' | 'over';

const PAUSE_MS = 1000;
const REPLY_DEADLINE_MS = 10_000;
/** How much of a reply is heard before it is spoken over. */
const HEARS_MS = 1000;
/** A reply leaves faster than real time at first. */
const BURST_MS = 500;
const BYTES_PER_MS = 32;

/** The reply that is being heard. */
interface Hearing extends LoadTurn {
  playedMs: number;
  lastFrameMs: number;
}

/** One caller: speaks for 2 s, hears the reply, pauses for 1 s, and so on. Its voice never stops. */
export class LoadCall {
  readonly report: LoadCallReport = { sessionId: '', voiceFromMs: 0, turns: [], unanswered: 0 };
  private socket: WebSocket | undefined;
  private phase: Phase = 'idle';
  private saying: readonly Buffer[] = [];
  private said = 0;
  private sinceMs = 0;
  private turns = 0;
  private isHangingUp = false;
  private hearing: Hearing | undefined;

  constructor(
    private readonly index: number,
    private readonly shared: LoadSurroundings,
  ) {}

  /** Opens the session; resolves when it is there. Rejects when it is refused. */
  open(): Promise<void> {
    const { urls, agent, frameMs } = this.shared.plan;
    const query = new URLSearchParams({ agent, frameMs: String(frameMs), pausable: '1' });
    // No mask: the load costs less, and the gateway the same.
    const socket = new WebSocket(`${urls[this.index % urls.length]}/ws?${query}`, {
      perMessageDeflate: false,
      generateMask: () => undefined,
    });
    this.socket = socket;
    return new Promise((resolve, reject) => {
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (isBinary) return this.onFrame(data.byteLength);
        const event = JSON.parse(data.toString()) as EdgeEvent;
        if (event.type === 'session_started') {
          this.report.sessionId = event.sessionId;
          resolve();
        } else this.onEvent(event);
      });
      socket.on('error', (error) => {
        this.fail(error.message);
        reject(error);
      });
      socket.on('close', (code) => {
        if (!this.isHangingUp) this.fail(`closed with ${code}`);
        reject(new Error(`closed with ${code}`));
      });
    });
  }

  /** From now on turns are taken. */
  begin(): void {
    if (this.phase === 'idle') this.speak();
  }

  /** Sends the frame that is due. @returns whether it could be sent */
  sendFrame(): boolean {
    const { socket, phase } = this;
    if (!socket || phase === 'over') return false;
    const now = this.shared.nowMs();
    if (this.report.voiceFromMs === 0) this.report.voiceFromMs = now;
    let frame = this.shared.silence;
    if (phase === 'speaking') {
      if (this.said === 0 && this.hearing) this.hearing.interruptedMs = now;
      frame = this.saying[this.said++] as Buffer;
      if (this.said === this.saying.length) this.enter('waiting', now);
    } else this.passTime(now);
    socket.send(frame, { binary: true });
    return true;
  }

  /** Ends the call. */
  hangUp(): void {
    this.isHangingUp = true;
    this.phase = 'over';
    this.socket?.send('{"type":"end"}');
  }

  /** Cuts whatever is left. */
  cut(): void {
    this.socket?.terminate();
  }

  private passTime(now: number): void {
    const { interruptEvery } = this.shared.plan;
    const elapsedMs = now - this.sinceMs;
    if (this.phase === 'pausing' && elapsedMs >= PAUSE_MS) this.speak();
    else if (this.phase === 'waiting' && elapsedMs >= REPLY_DEADLINE_MS) {
      this.report.unanswered++;
      this.speak();
    } else if (this.phase === 'hearing' && interruptEvery > 0 && elapsedMs >= HEARS_MS) {
      // Callers take turns at it, so that it is as many at any time.
      if ((this.turns + this.index) % interruptEvery === 0) this.speak();
    }
  }

  private speak(): void {
    const { speech } = this.shared;
    this.saying = speech[(this.turns++ + this.index) % speech.length] as Buffer[];
    this.said = 0;
    this.enter('speaking', this.shared.nowMs());
  }

  private onFrame(bytes: number): void {
    const now = this.shared.nowMs();
    const { hearing } = this;
    if (!hearing) return;
    if (hearing.frames++ === 0) {
      hearing.firstFrameMs = now;
      if (this.phase === 'waiting') this.enter('hearing', now);
    } else {
      if (now > hearing.firstFrameMs + hearing.playedMs) hearing.lateFrames++;
      const frameMs = bytes / BYTES_PER_MS;
      if (now - hearing.firstFrameMs > BURST_MS) this.shared.onJitter(Math.abs(now - hearing.lastFrameMs - frameMs));
    }
    hearing.playedMs += bytes / BYTES_PER_MS;
    hearing.lastFrameMs = now;
  }

  private onEvent(event: EdgeEvent): void {
    const now = this.shared.nowMs();
    switch (event.type) {
      case 'playout_started':
        this.hearing = { reply: event.reply, firstFrameMs: 0, frames: 0, lateFrames: 0, playedMs: 0, lastFrameMs: 0 };
        break;
      case 'audio_pause':
      case 'audio_flush':
        if (this.hearing?.interruptedMs !== undefined) this.hearing.silentMs ??= now;
        break;
      case 'audio_resume':
        delete this.hearing?.silentMs;
        break;
      case 'playout_ended':
        this.endHearing(event.reply);
        if (this.phase === 'hearing') this.enter('pausing', now);
        break;
      case 'session_ended':
        if (!this.isHangingUp) this.fail(event.reason);
        break;
    }
  }

  private endHearing(reply: number): void {
    if (this.hearing?.reply !== reply || this.hearing.frames === 0) return;
    const { playedMs: _played, lastFrameMs, ...turn } = this.hearing;
    // What came behind the word that stops the speaker is heard by nobody, but it was on the wire.
    if (turn.silentMs !== undefined) turn.silentMs = Math.max(turn.silentMs, lastFrameMs);
    this.report.turns.push(turn);
    this.hearing = undefined;
  }

  private enter(phase: Phase, now: number): void {
    this.phase = phase;
    this.sinceMs = now;
  }

  private fail(why: string): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.report.failure ??= why;
  }
}
