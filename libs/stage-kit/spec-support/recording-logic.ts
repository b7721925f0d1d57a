import type { AudioFrame, ParleyEvent } from '@parley/contracts';
import type { DeliveryContext } from '@parley/bus';
import { currentScope } from '../src/session-scope.js';
import type { CloseReason, OwnedSession, StageLogic, StageSession } from '../src/stage-logic.js';

/** A stage's session that notes what it is told. */
export class RecordingSession implements StageSession {
  /** `<type>`, `<type> replayed`, `frame <seq>`, `live`, `close <reason>`, in order. */
  readonly told: string[] = [];
  /** Thrown from handlers of this kind of call. */
  readonly failOn = new Map<string, unknown>();
  /** Reports an error that nobody caught as the process does, on behalf of whoever called last. */
  crash: (error: unknown) => void = () => {};
  closing: (reason: CloseReason) => Promise<void> = async () => {};
  /** Something is being made. */
  busy = false;

  constructor(readonly owned: OwnedSession) {
    this.enter();
  }

  onEvent(event: ParleyEvent, { replayed }: DeliveryContext): void {
    this.note(event.type, replayed ? ' replayed' : '');
  }

  onFrame({ seq }: AudioFrame): void {
    this.note('frame', ` ${seq}`);
  }

  onLive(): void {
    this.note('live');
  }

  isBusy(): boolean {
    return this.busy;
  }

  close(reason: CloseReason): Promise<void> {
    this.note('close', ` ${reason}`);
    return this.closing(reason);
  }

  private enter(): void {
    const scope = currentScope();
    this.crash = (error) => scope?.crash(error);
  }

  private note(what: string, detail = ''): void {
    this.told.push(what + detail);
    this.enter();
    if (this.failOn.has(what)) throw this.failOn.get(what);
  }
}

/** A stage that notes what is asked of it. */
export class RecordingLogic implements StageLogic {
  readonly kinds = ['speech'] as const;
  readonly audio = 'in';
  readonly sessions: RecordingSession[] = [];
  readonly told: string[] = [];
  /** Runs when a session is opened, before it is made. */
  opening: (owned: OwnedSession) => void | Promise<void> = () => {};

  constructor(readonly writesAudio?: 'out') {
    if (writesAudio === undefined) delete (this as { writesAudio?: 'out' }).writesAudio;
  }

  async warm(): Promise<void> {
    this.told.push('warm');
  }

  async open(owned: OwnedSession): Promise<StageSession> {
    this.told.push(`open ${owned.sessionId}`);
    await this.opening(owned);
    const session = new RecordingSession(owned);
    this.sessions.push(session);
    return session;
  }

  async close(): Promise<void> {
    this.told.push('close');
  }

  /** The newest session. */
  get last(): RecordingSession {
    return this.sessions.at(-1) as RecordingSession;
  }
}
