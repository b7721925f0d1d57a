import { Worker } from 'node:worker_threads';
import type { SpeechCommand, SpeechReport, SpeechSetup } from './speech-protocol.js';

/** Longest wait for the thread to end by itself before it is stopped. */
const QUIT_WITHIN_MS = 2000;

/** A voice that says one text at a time, somewhere else. */
export interface SpeechThread {
  post(command: SpeechCommand): void;
  /** Set before the first report can arrive: in the turn of the event loop that made the thread. */
  onReport: (report: SpeechReport) => void;
  /** Called once, when it has ended, with the reason unless it ended by itself. */
  onExit: (reason: unknown) => void;
  quit(): Promise<void>;
}

/** Starts libflite on a thread; the first report says whether it could load. */
export function startSpeechThread(setup: SpeechSetup): SpeechThread {
  const worker = new Worker(new URL('./speech-worker.js', import.meta.url), { workerData: setup, name: 'flite' });
  let reason: unknown;
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const thread: SpeechThread = {
    post: (command) => worker.postMessage(command),
    onReport: () => undefined,
    onExit: () => undefined,
    async quit() {
      worker.postMessage({ type: 'quit' } satisfies SpeechCommand);
      const timer = setTimeout(() => void worker.terminate(), QUIT_WITHIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
  worker.on('message', (report: SpeechReport) => thread.onReport(report));
  worker.on('error', (error) => (reason = error));
  worker.once('exit', (code) => thread.onExit(reason ?? (code === 0 ? undefined : new Error(`exit code ${code}`))));
  return thread;
}
