import type { ConnectOptions, ParleyClient } from '@parley/client';
import type { EdgeEvent } from '@parley/contracts';
import type { CallMaterial } from './call-material.js';
import type { CallRecord, SpokenTurn } from './call-record.js';
import type { CallerLine } from './caller-line.js';
import type { ScriptedTurn } from './conversation-script.js';
import { Microphone } from './microphone.js';
import type { CallPhase } from './plan.js';
import { Speaker } from './speaker.js';

/** What a caller needs. */
export interface CallerOptions {
  call: number;
  script: readonly ScriptedTurn[];
  line: CallerLine;
  connect(options: ConnectOptions): Promise<ParleyClient>;
  nowMs(): number;
  material: Pick<CallMaterial, 'agent' | 'voiceOf' | 'turnTimeoutMs'>;
}

const RATE_HZ = 16_000;
const FRAME_MS = 60;
const POLL_MS = 20;

/** One caller: says its turns one after the other, listens to each reply, and hangs up. */
export class Caller {
  readonly record: CallRecord;
  private readonly speaker = new Speaker(RATE_HZ);
  private readonly waiting = new Set<() => void>();
  private client: ParleyClient | undefined;

  constructor(private readonly options: CallerOptions) {
    const nowMs = options.nowMs();
    this.record = {
      call: options.call,
      sessionId: '',
      openedMs: nowMs,
      endedMs: Infinity,
      turns: [],
      phases: [{ fromMs: nowMs, phase: 'opening' }],
      gateways: options.line.connections,
      told: [],
      pieces: this.speaker.pieces,
      gaps: this.speaker.gaps,
      droppedFrames: 0,
    };
  }

  /** What the call is doing. */
  get phase(): CallPhase {
    return this.record.phases.at(-1)?.phase ?? 'opening';
  }

  /** Loses its sockets. */
  cut(): void {
    this.options.line.cut();
  }

  /**
   * Makes the call; resolves when it is over, however it went.
   * @throws {ParleyClientError} when no session could be opened
   */
  async run(): Promise<CallRecord> {
    const { line, connect, nowMs } = this.options;
    const client = (this.client = await connect({
      url: line.urls,
      agent: this.options.material.agent,
      frameMs: FRAME_MS,
      pausable: this.options.call % 2 === 0,
      nodeAgent: line.agent,
    }));
    this.record.sessionId = client.sessionId;
    client.on('event', (event) => this.onEvent(event));
    client.on('audio', ({ info, pcm }) => {
      if (this.phase === 'waiting') this.enter('hearing');
      this.speaker.play(info, pcm, nowMs());
      this.wake();
    });
    client.on('state', () => this.wake());
    const microphone = new Microphone((frame) => client.sendAudio(frame), nowMs, FRAME_MS);
    try {
      for (const turn of this.options.script) await this.takeTurn(turn, microphone);
      microphone.off();
      await client.end();
    } catch (error) {
      const { code, message } = error as Error & { code?: string };
      this.record.failure = { code: code ?? 'internal', message };
      microphone.off();
      await client.end();
    } finally {
      this.record.droppedFrames = microphone.dropped;
      this.record.endedMs = nowMs();
    }
    return this.record;
  }

  private async takeTurn(turn: ScriptedTurn, microphone: Microphone): Promise<void> {
    const { nowMs, material } = this.options;
    const isOver = this.phase === 'hearing';
    if (!isOver) await this.until(() => false, turn.pauseMs, false);
    const from = this.record.told.length;
    const saidFromMs = nowMs();
    this.enter('speaking');
    // Speaking ends by the clock of the microphone, which runs whatever becomes of the call.
    const saidToMs = await microphone.say(material.voiceOf(turn));
    const spoken: SpokenTurn = { ...turn, saidFromMs, saidToMs };
    this.record.turns.push(spoken);
    this.enter('waiting');
    await this.until(() => this.isAnswered(from, turn.interruptAfterMs), material.turnTimeoutMs, true);
    if (turn.interruptAfterMs !== undefined) return;
    await this.until(() => false, this.speaker.quietFromMs - nowMs(), false);
    this.enter('pausing');
  }

  /** Whether the newest reply since then is over, or was heard for so long. */
  private isAnswered(from: number, heardMs = Infinity): boolean {
    const told = this.record.told.slice(from).map(({ event }) => event);
    const started = told.findLast((event) => event.type === 'reply_started');
    if (!started) return false;
    const { reply } = started;
    const begun = this.record.pieces.find((piece) => piece.reply === reply);
    if (begun && this.options.nowMs() - begun.fromMs >= heardMs) return true;
    return ['agent_end', 'playout_ended'].every((type) =>
      told.some((event) => event.type === type && (event as { reply: number }).reply === reply),
    );
  }

  private onEvent(event: EdgeEvent): void {
    const nowMs = this.options.nowMs();
    // Text as it streams and interim transcripts are many, and nothing is checked by them.
    if (event.type !== 'agent_chunk' && event.type !== 'stt_chunk') this.record.told.push({ atMs: nowMs, event });
    if (event.type === 'audio_flush') this.speaker.flush(nowMs);
    if (event.type === 'audio_pause') this.holdSpeaker(nowMs);
    if (event.type === 'audio_resume') this.speaker.resume(nowMs);
    if (event.type === 'playout_ended') this.speaker.ended(event.reply);
    this.wake();
  }

  private holdSpeaker(nowMs: number): void {
    this.speaker.pause(nowMs);
    const { next } = this.speaker;
    if (next) this.client?.reportPlayout(next);
  }

  private enter(phase: CallPhase): void {
    this.record.phases.push({ fromMs: this.options.nowMs(), phase });
  }

  private wake(): void {
    for (const check of [...this.waiting]) check();
  }

  /** Waits for a condition, or for a time. Ends with an error when the session closes, or at a deadline that is one. */
  private until(condition: () => boolean, timeoutMs: number, isDeadline: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        this.waiting.delete(check);
        clearTimeout(timer);
        clearInterval(poll);
        if (error) reject(error);
        else resolve();
      };
      const check = () => {
        const state = this.client?.state;
        if (condition()) settle();
        else if (state?.name === 'closed') settle(callError(`closed_${state.reason}`, 'the session closed'));
      };
      const timer = setTimeout(
        () => settle(isDeadline ? callError('reply_timeout', `no end of a reply within ${timeoutMs} ms`) : undefined),
        Math.max(0, timeoutMs),
      );
      const poll = setInterval(check, POLL_MS);
      this.waiting.add(check);
      check();
    });
  }
}

function callError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
