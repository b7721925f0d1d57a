import { Worker } from 'node:worker_threads';
import type { DecoderCommand, DecoderReport, DecoderSetup } from './decoder-protocol.js';

/** Longest wait for a decoder to free its memory before its thread is stopped. */
const QUIT_WITHIN_MS = 2000;

/** A decoder that carries out commands in order, somewhere else. */
export interface Decoder {
  post(command: DecoderCommand): void;
  /** Set before the first report can arrive: in the turn of the event loop that made the decoder. */
  onReport: (report: DecoderReport) => void;
  /** Called once, when it has ended, with the reason unless it ended by itself. */
  onExit: (reason: unknown) => void;
  /** Frees it. */
  quit(): Promise<void>;
}

/** Starts a decoder on a thread of its own; the first report says whether it could load. */
export function startDecoderThread(setup: DecoderSetup): Decoder {
  const worker = new Worker(new URL('./decoder-worker.js', import.meta.url), {
    workerData: setup,
    name: 'pocketsphinx',
  });
  let reason: unknown;
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const decoder: Decoder = {
    post: (command) => worker.postMessage(command),
    onReport: () => undefined,
    onExit: () => undefined,
    async quit() {
      worker.postMessage({ type: 'quit' } satisfies DecoderCommand);
      const timer = setTimeout(() => void worker.terminate(), QUIT_WITHIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
  worker.on('message', (report: DecoderReport) => decoder.onReport(report));
  worker.on('error', (error) => (reason = error));
  worker.once('exit', (code) => decoder.onExit(reason ?? (code === 0 ? undefined : new Error(`exit code ${code}`))));
  return decoder;
}
