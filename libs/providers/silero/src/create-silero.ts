import { fileURLToPath } from 'node:url';
import { EngineError, type VoiceActivity } from '@parley/ports';
import { EnergyGate } from './energy-gate.js';
import { MicroBatches } from './micro-batches.js';
import { SileroDetector } from './silero-detector.js';
import { SileroThread } from './silero-thread.js';

/** Settings of the detectors. */
export interface SileroOptions {
  /**
   * Whether windows as quiet as the background go unjudged while nobody speaks.
   * @defaultValue true
   */
  energyGate?: boolean;
  /** Told of each batch that was judged: its windows, and how long the first of them had waited. */
  onBatch?: (windows: number, waitedMs: number) => void;
  /** Told of windows that could not be judged and count as no speech. */
  onFailure?: (windows: number, error: unknown) => void;
  /** Told of each window that a session which is far behind does not wait for: it counts as no speech. */
  onDropped?: () => void;
  /** Told of each window that was too quiet to be judged. */
  onQuiet?: () => void;
}

const MODEL = new URL('./silero_vad_16k_op15.onnx', import.meta.url);
const SAMPLE_RATE_HZ = 16_000;

/**
 * Voice activity by the Silero model, on one thread for the process: windows of 32 ms of all sessions are judged together.
 * It knows speech from noise, music and clicks.
 */
export function createSilero(options: SileroOptions = {}): VoiceActivity {
  const { energyGate = true, onBatch, onFailure, onDropped, onQuiet } = options;
  const thread = new SileroThread({ modelPath: fileURLToPath(MODEL) });
  let batches: MicroBatches | undefined;

  return {
    name: 'silero',
    sampleRatesHz: [SAMPLE_RATE_HZ],
    async warm() {
      await thread.start();
      batches ??= new MicroBatches(thread, { onBatch, onFailure });
    },
    open({ sampleRateHz }) {
      if (!batches) throw new EngineError('engine_settings', 'silero: warm() must finish before open()', false);
      if (sampleRateHz !== SAMPLE_RATE_HZ) {
        throw new EngineError('engine_settings', `silero takes ${SAMPLE_RATE_HZ} Hz, not ${sampleRateHz}`, false);
      }
      return new SileroDetector({ batches, onQuiet, onDropped, ...(energyGate && { gate: new EnergyGate() }) });
    },
  };
}
