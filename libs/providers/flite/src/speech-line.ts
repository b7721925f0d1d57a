import { EngineError } from '@parley/ports';
import type { SpeechJob } from './speech-job.js';
import type { SpeechReport } from './speech-protocol.js';
import type { SpeechThread } from './speech-thread.js';

/** What to do when the engine is not on this machine. */
export const INSTALL_HINT = 'install it with: apt-get install libflite1';
const RETRY_AFTER_MS = 500;

/** Texts in line for the one speech thread, which is replaced when it breaks. */
export class SpeechLine {
  #thread: SpeechThread | undefined;
  #starting: Promise<void> | undefined;
  #waiting: SpeechJob[] = [];
  #current: SpeechJob | undefined;
  #closed = false;
  refusedTexts = 0;
  lostThreads = 0;

  constructor(
    private readonly maxWaiting: number,
    private readonly start: () => SpeechThread,
  ) {}

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws {EngineError} `engine_missing`, `engine_unavailable`, `engine_closed` */
  async warm(): Promise<void> {
    if (this.#closed) throw closedError();
    if (this.#thread) return;
    this.#starting ??= this.#load().finally(() => (this.#starting = undefined));
    await this.#starting;
  }

  /**
   * Puts a text in line.
   * @throws {EngineError} `engine_busy` when the line is full, `engine_closed`
   */
  submit(job: SpeechJob): void {
    if (this.#closed) throw closedError();
    this.#waiting = this.#waiting.filter((other) => !other.over);
    if (this.#waiting.length >= this.maxWaiting) {
      this.refusedTexts += 1;
      throw new EngineError('engine_busy', `flite: ${this.maxWaiting} texts are waiting already`, true, {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.#waiting.push(job);
    this.#next();
  }

  /** Fails every text with `engine_closed` and frees the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#failAll(closedError());
    await this.#starting?.catch(() => undefined);
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.quit();
  }

  #next(): void {
    if (this.#current || this.#waiting.length === 0) return;
    if (!this.#thread) {
      this.warm().then(
        () => this.#next(),
        (error: EngineError) => this.#failAll(error),
      );
      return;
    }
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) {
      if (job.over) continue;
      this.#current = job;
      this.#thread.post({ type: 'speak', text: job.text, voice: job.voice, stop: job.stop });
      return;
    }
  }

  #failAll(error: EngineError): void {
    this.#current?.fail(error);
    for (const job of this.#waiting.splice(0)) job.fail(error);
  }

  #onReport(report: SpeechReport): void {
    if (report.type === 'words') this.#current?.acceptWords(report.words);
    if (report.type === 'chunk') this.#current?.accept(report.pcm);
    if (report.type === 'spoken') {
      this.#current?.finish();
      this.#current = undefined;
      this.#next();
    }
  }

  #onExit(cause: unknown): void {
    if (this.#closed) return;
    this.lostThreads += 1;
    this.#thread = undefined;
    this.#current?.fail(brokenError(cause));
    this.#current = undefined;
    this.#next();
  }

  async #load(): Promise<void> {
    const thread = this.start();
    await new Promise<void>((resolve, reject) => {
      thread.onReport = (report) => (report.type === 'ready' ? resolve() : reject(loadError(report)));
      thread.onExit = (cause) => reject(brokenError(cause));
    });
    if (this.#closed) {
      await thread.quit();
      throw closedError();
    }
    thread.onReport = (report) => this.#onReport(report);
    thread.onExit = (cause) => this.#onExit(cause);
    this.#thread = thread;
  }
}

function closedError(): EngineError {
  return new EngineError('engine_closed', 'flite: the engine is closed', false);
}

function brokenError(cause: unknown): EngineError {
  return new EngineError('engine_unavailable', 'flite: the speech thread broke; another takes its place', true, {
    cause,
  });
}

function loadError(report: SpeechReport): EngineError {
  if (report.type !== 'load_failed') {
    return new EngineError('engine_protocol', `flite: the speech thread began with ${report.type}`, false);
  }
  return report.missing
    ? new EngineError('engine_missing', `flite: ${report.message}; ${INSTALL_HINT}`, false)
    : new EngineError('engine_settings', `flite: ${report.message}`, false);
}
