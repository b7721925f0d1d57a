import libsamplerate from '@alexanderolsen/libsamplerate-js';
import { AudioError } from './audio-error.js';

/** How carefully to filter; each step costs two to three times the one before it. */
export type ResamplerQuality = 'fast' | 'medium' | 'best';

/** A libsamplerate converter that is used by one stream at a time. */
export interface Converter {
  /** @throws {AudioError} `resampler_failed` */
  convert(input: Float32Array): Float32Array;
  reset(): void;
  /** Puts the converter back for another stream; it is not to be used afterwards. */
  giveBack(): void;
}

type Engine = Awaited<ReturnType<typeof libsamplerate.create>>;

/*
 * The package instantiates a WebAssembly module of its own, with 26 MB of address space, for each converter and has no
 * way to free it but garbage collection. Keeping idle ones makes sessions that come and go reuse them.
 */
const MAX_IDLE = 32;
const idle = new Map<string, Engine[]>();
let idleCount = 0;

/**
 * An idle converter for these rates, else a new one.
 * @throws {AudioError} `resampler_failed` when it cannot be instantiated
 */
export async function borrowConverter(
  inputRateHz: number,
  outputRateHz: number,
  quality: ResamplerQuality,
): Promise<Converter> {
  // the package does not update its ratio when a rate changes, so an engine stays with its rates
  const key = `${inputRateHz}:${outputRateHz}:${quality}`;
  const reused = idle.get(key)?.pop();
  if (reused !== undefined) {
    idleCount--;
    const converter = converterOf(reused, key, outputRateHz);
    converter.reset();
    return converter;
  }
  const {
    SRC_SINC_BEST_QUALITY: best,
    SRC_SINC_MEDIUM_QUALITY: medium,
    SRC_SINC_FASTEST: fast,
  } = libsamplerate.ConverterType;
  try {
    const converterType = { best, medium, fast }[quality];
    return converterOf(await libsamplerate.create(1, inputRateHz, outputRateHz, { converterType }), key, outputRateHz);
  } catch (cause) {
    throw new AudioError('resampler_failed', `no converter from ${inputRateHz} to ${outputRateHz} Hz`, { cause });
  }
}

function converterOf(engine: Engine, key: string, outputRateHz: number): Converter {
  let broken = false;
  return {
    convert(input) {
      try {
        return engine.full(input);
      } catch (cause) {
        broken = true;
        throw new AudioError('resampler_failed', 'the converter refused a chunk', { cause });
      }
    },
    reset() {
      // setting a rate makes the package build its state anew, which is the only reset it has
      engine.outputSampleRate = outputRateHz;
    },
    giveBack() {
      if (broken) return;
      if (idleCount >= MAX_IDLE) {
        engine.destroy();
        return;
      }
      idleCount++;
      const engines = idle.get(key);
      if (engines === undefined) idle.set(key, [engine]);
      else engines.push(engine);
    },
  };
}
