import { AudioError } from './audio-error.js';
import { borrowConverter, type Converter, type ResamplerQuality } from './converter-pool.js';

/** What to convert from and to. */
export interface ResamplerOptions {
  /** 4000 to 192000. */
  inputRateHz: number;
  /** 4000 to 192000. */
  outputRateHz: number;
  /**
   * `fast` passes 80 % of the narrower band at 97 dB, which is plenty for speech and holds audio back for 1 to 4 ms.
   * @defaultValue 'fast'
   */
  quality?: ResamplerQuality;
}

/** Converts one mono stream of 16-bit samples to another rate. Stateful: chunks in order, one stream at a time. */
export interface Resampler {
  readonly inputRateHz: number;
  readonly outputRateHz: number;
  /**
   * Takes a chunk of any length and returns what is ready, which may be nothing yet. With equal rates the chunk itself
   * is returned, not a copy.
   * @throws {AudioError} `closed`, `resampler_failed`
   */
  process(chunk: Int16Array): Int16Array;
  /**
   * Ends the stream and returns what was held back, so that all output together has the input's length times the
   * ratio of the rates, to within one sample. The next chunk begins a new stream.
   * @throws {AudioError} `closed`, `resampler_failed`
   */
  flush(): Int16Array;
  /**
   * Forgets the stream.
   * @throws {AudioError} `closed`
   */
  reset(): void;
  /** Gives the converter back. May be called twice. */
  close(): void;
}

/** Largest piece given to the converter at once: at the widest ratio its output still fits the converter's buffer. */
const BLOCK_SAMPLES = 16_384;
const SILENT_BLOCK_MS = 20;
/** The longest filter looks less than half a second ahead, even from 192 kHz to 4 kHz. */
const MAX_FLUSH_BLOCKS = 100;
const MIN_RATE_HZ = 4000;
const MAX_RATE_HZ = 192_000;

/**
 * Opens a resampler. With equal rates it passes audio through. Otherwise it borrows a WebAssembly converter, about 6 ms
 * for a new one and less than 1 ms for one that a closed resampler gave back, which is why it must be closed.
 * @throws {AudioError} `invalid_setting` for a rate outside 4000 to 192000 Hz, `resampler_failed`
 */
export async function openResampler(options: ResamplerOptions): Promise<Resampler> {
  const { inputRateHz, outputRateHz, quality = 'fast' } = options;
  for (const rateHz of [inputRateHz, outputRateHz]) {
    if (!Number.isInteger(rateHz) || rateHz < MIN_RATE_HZ || rateHz > MAX_RATE_HZ) {
      throw new AudioError('invalid_setting', `a sample rate of ${rateHz} Hz`);
    }
  }
  if (inputRateHz === outputRateHz) return new PassThrough(inputRateHz);
  return new ConvertingResampler(inputRateHz, outputRateHz, await borrowConverter(inputRateHz, outputRateHz, quality));
}

class PassThrough implements Resampler {
  readonly outputRateHz: number;
  private closed = false;

  constructor(readonly inputRateHz: number) {
    this.outputRateHz = inputRateHz;
  }

  process(chunk: Int16Array): Int16Array {
    this.requireOpen();
    return chunk;
  }

  flush(): Int16Array {
    this.requireOpen();
    return new Int16Array(0);
  }

  reset(): void {
    this.requireOpen();
  }

  close(): void {
    this.closed = true;
  }

  private requireOpen(): void {
    if (this.closed) throw new AudioError('closed', 'the resampler is closed');
  }
}

class ConvertingResampler implements Resampler {
  private converter: Converter | undefined;
  private scratch = new Float32Array(0);
  private inputSamples = 0;
  private outputSamples = 0;

  constructor(
    readonly inputRateHz: number,
    readonly outputRateHz: number,
    converter: Converter,
  ) {
    this.converter = converter;
  }

  process(chunk: Int16Array): Int16Array {
    const converter = this.opened();
    const parts: Float32Array[] = [];
    for (let at = 0; at < chunk.length; at += BLOCK_SAMPLES) {
      parts.push(converter.convert(this.toFloat(chunk.subarray(at, at + BLOCK_SAMPLES))));
    }
    this.inputSamples += chunk.length;
    const converted = toPcm(parts);
    this.outputSamples += converted.length;
    return converted;
  }

  flush(): Int16Array {
    const converter = this.opened();
    const owed = Math.round((this.inputSamples * this.outputRateHz) / this.inputRateHz) - this.outputSamples;
    const silence = new Float32Array(Math.ceil((this.inputRateHz * SILENT_BLOCK_MS) / 1000));
    const parts: Float32Array[] = [];
    for (let samples = 0, blocks = 0; samples < owed; blocks++) {
      if (blocks === MAX_FLUSH_BLOCKS) throw new AudioError('resampler_failed', 'the converter holds audio back');
      const part = converter.convert(silence);
      parts.push(part);
      samples += part.length;
    }
    this.reset();
    return toPcm(parts).slice(0, Math.max(0, owed));
  }

  reset(): void {
    this.opened().reset();
    this.inputSamples = 0;
    this.outputSamples = 0;
  }

  close(): void {
    this.converter?.giveBack();
    this.converter = undefined;
  }

  private opened(): Converter {
    if (this.converter === undefined) throw new AudioError('closed', 'the resampler is closed');
    return this.converter;
  }

  private toFloat(block: Int16Array): Float32Array {
    if (this.scratch.length < block.length) this.scratch = new Float32Array(block.length);
    for (let i = 0; i < block.length; i++) this.scratch[i] = block[i]! / 32_768;
    return this.scratch.subarray(0, block.length);
  }
}

/** One array of 16-bit samples of all parts; what the filter's overshoot carries beyond full scale is clipped. */
function toPcm(parts: readonly Float32Array[]): Int16Array {
  const pcm = new Int16Array(parts.reduce((samples, part) => samples + part.length, 0));
  let at = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      const sample = part[i]! * 32_768;
      pcm[at++] = sample >= 32_767 ? 32_767 : sample <= -32_768 ? -32_768 : Math.round(sample);
    }
  }
  return pcm;
}
