// @ts-check
// The Silero model in onnxruntime, on a thread of its own: run() calculates on the thread that calls it, whatever its promise
// suggests. It speaks the types in silero-protocol.ts.
import { parentPort, workerData } from 'node:worker_threads';

const SAMPLE_RATE_HZ = 16_000n;

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const { modelPath, batch } = /** @type {import('./silero-protocol.js').SileroSetup} */ (workerData);
/** @param {import('./silero-protocol.js').SileroReport} report */
const report = (report) => port.postMessage(report);
/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

async function load() {
  // Here and not above, so that a machine without its binary gets an answer.
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(modelPath, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // It would keep the most that any batch ever took.
    enableCpuMemArena: false,
    // Warnings are printed beside the logs otherwise.
    logSeverityLevel: 3,
  });
  const rate = new Tensor('int64', BigInt64Array.of(SAMPLE_RATE_HZ), []);
  const [inputs, states] = [tensors(batch.input, []), tensors(batch.state, [2])];

  /**
   * Tensors over one array, which is made once: onnxruntime takes no shared memory. They are kept by their size.
   * @param {Float32Array} shared
   * @param {number[]} outer dimensions before the batch's
   */
  function tensors(shared, outer) {
    const perWindow = shared.length / batch.probabilities.length;
    const columns = perWindow / outer.reduce((product, size) => product * size, 1);
    const array = new Float32Array(shared.length);
    /** @type {Map<number, import('onnxruntime-node').Tensor>} */
    const bySize = new Map();
    /** @param {number} windows */
    return (windows) => {
      const size = windows * perWindow;
      array.set(shared.subarray(0, size));
      const known = bySize.get(windows);
      if (known) return known;
      const tensor = new Tensor('float32', array.subarray(0, size), [...outer, windows, columns]);
      bySize.set(windows, tensor);
      return tensor;
    };
  }

  return async (/** @type {number} */ windows) => {
    const { output, stateN } = await session.run({ input: inputs(windows), state: states(windows), sr: rate });
    batch.probabilities.set(/** @type {Float32Array} */ (output?.data));
    batch.state.set(/** @type {Float32Array} */ (stateN?.data));
  };
}

try {
  const judge = await load();
  port.on('message', (/** @type {import('./silero-protocol.js').SileroCommand} */ { windows }) => {
    judge(windows).then(
      () => report({ type: 'judged' }),
      (error) => report({ type: 'failed', message: messageOf(error) }),
    );
  });
  report({ type: 'ready' });
} catch (error) {
  report({ type: 'load_failed', message: messageOf(error) });
}
