import { Worker } from 'node:worker_threads';
import { EngineError } from '@parley/ports';
import { MAX_WINDOWS, type BatchNetwork } from './micro-batches.js';
import { CONTEXT_SAMPLES, STATE_NUMBERS, WINDOW_SAMPLES, type SessionWindow } from './session-window.js';
import type { SharedBatch, SileroCommand, SileroReport, SileroSetup } from './silero-protocol.js';

const INPUT_SAMPLES = CONTEXT_SAMPLES + WINDOW_SAMPLES;

/** What a thread is made with. */
export interface SileroThreadOptions {
  modelPath: string;
  startWorker?: (setup: SileroSetup) => Worker;
}

/** The Silero model on a thread of its own, which is started again when it has ended. It does not keep the process alive. */
export class SileroThread implements BatchNetwork {
  private readonly batch: SharedBatch = {
    input: sharedNumbers(MAX_WINDOWS * INPUT_SAMPLES),
    state: sharedNumbers(MAX_WINDOWS * 2 * STATE_NUMBERS),
    probabilities: sharedNumbers(MAX_WINDOWS),
  };
  private starting: Promise<Worker> | undefined;

  constructor(private readonly options: SileroThreadOptions) {}

  /**
   * Starts the thread unless it runs.
   * @throws {EngineError} `engine_missing`
   */
  async start(): Promise<void> {
    await this.running();
  }

  /**
   * @see BatchNetwork.judge
   * @throws {EngineError} `engine_unavailable`, `engine_missing`; the sessions remember what they did before
   */
  async judge(windows: readonly SessionWindow[]): Promise<Float32Array> {
    const worker = await this.running();
    const { input, state, probabilities } = this.batch;
    const cellsAt = windows.length * STATE_NUMBERS;
    windows.forEach((window, index) => {
      input.set(window.input, index * INPUT_SAMPLES);
      state.set(window.hidden, index * STATE_NUMBERS);
      state.set(window.cell, cellsAt + index * STATE_NUMBERS);
    });
    const answer = nextReport(worker);
    worker.postMessage({ windows: windows.length } satisfies SileroCommand);
    const report = await answer;
    if (report.type !== 'judged') throw broken('message' in report ? report.message : report.type);
    windows.forEach((window, index) => {
      const hiddenAt = index * STATE_NUMBERS;
      window.hidden.set(state.subarray(hiddenAt, hiddenAt + STATE_NUMBERS));
      window.cell.set(state.subarray(cellsAt + hiddenAt, cellsAt + hiddenAt + STATE_NUMBERS));
    });
    return probabilities.subarray(0, windows.length);
  }

  private running(): Promise<Worker> {
    this.starting ??= this.load().catch((error: unknown) => {
      this.starting = undefined;
      throw error;
    });
    return this.starting;
  }

  private async load(): Promise<Worker> {
    const { modelPath, startWorker = startSileroWorker } = this.options;
    const worker = startWorker({ modelPath, batch: this.batch });
    worker.once('exit', () => (this.starting = undefined));
    // It ends the thread: a batch that is being judged fails by it, and without one it must not end the process.
    worker.on('error', () => undefined);
    const report = await nextReport(worker);
    if (report.type === 'ready') return worker;
    await worker.terminate();
    const message =
      `silero: the model or onnxruntime-node cannot be loaded on ${process.platform}-${process.arch}: install the ` +
      'dependencies again with npm ci, or use WebRTC\'s detector (STT_VAD=webrtc)'; // prettier-ignore
    throw new EngineError('engine_missing', message, false, { cause: report });
  }
}

/** Starts the thread; its first report says whether it could load. */
export function startSileroWorker(setup: SileroSetup): Worker {
  return new Worker(new URL('./silero-worker.js', import.meta.url), { workerData: setup, name: 'silero' });
}

/**
 * The process stays alive meanwhile.
 * @throws {EngineError} `engine_unavailable` when the thread ends before it reports
 */
function nextReport(worker: Worker): Promise<SileroReport> {
  return new Promise<SileroReport>((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      worker.unref();
      act();
    };
    const onMessage = (report: SileroReport) => settle(() => resolve(report));
    const onError = (error: unknown) => settle(() => reject(broken('the thread broke', error)));
    const onExit = (code: number) => settle(() => reject(broken(`the thread ended with exit code ${code}`)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.ref();
  });
}

function broken(message: string, cause?: unknown): EngineError {
  return new EngineError('engine_unavailable', `silero: ${message}`, true, { cause });
}

function sharedNumbers(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}
