import { EngineError, type SpeechChunk, type SynthesisRequest, type TextToSpeech } from '@parley/ports';
import { sayableText } from './sayable-text.js';
import { SpeechJob } from './speech-job.js';
import { SpeechLine } from './speech-line.js';
import { FLITE_VOICES, type FliteVoice } from './speech-protocol.js';
import { startSpeechThread, type SpeechThread } from './speech-thread.js';

const SAMPLE_RATE_HZ = 16_000;

/** Settings of the engine. */
export interface FliteOptions {
  /**
   * Voices to load; the first one speaks when a request names none.
   * @defaultValue all: slt, rms, awb
   */
  voices?: readonly FliteVoice[];
  /**
   * Longest text, in characters; a longer one fails with `engine_input`. Texts are spoken one after another at 60 times
   * real time and more: 1000 characters hold up the others for about a second.
   * @defaultValue 1000
   */
  maxTextChars?: number;
  /**
   * Texts that may wait for their turn; one more fails with `engine_busy`.
   * @defaultValue 64
   */
  maxWaiting?: number;
}

/** What the engine has done since it was made. */
export interface FliteStats {
  /** Texts waiting for their turn. */
  waiting: number;
  /** Texts refused because too many were waiting. */
  refusedTexts: number;
  /** Speech threads lost to a failure. */
  lostThreads: number;
}

/** The engine, and what it has been doing. */
export interface Flite extends TextToSpeech {
  readonly stats: FliteStats;
}

/**
 * Text to speech on this machine: libflite, on a thread of its own. Audio streams in chunks of about 50 ms, PCM16 mono
 * at 16 kHz, with 50 ms of silence before the voice and 100 ms after it. Texts are spoken one after another: libflite
 * shares its voices between threads.
 * @throws {EngineError} `engine_settings`
 */
export function createFlite(options: FliteOptions = {}): Flite {
  const { voices = FLITE_VOICES } = options;
  return createEngine(options, () => startSpeechThread({ voices }));
}

/** The engine over speech threads of any kind. */
export function createEngine(options: FliteOptions, start: () => SpeechThread): Flite {
  const { voices = FLITE_VOICES, maxTextChars = 1000, maxWaiting = 64 } = options;
  for (const [name, value] of Object.entries({ maxTextChars, maxWaiting })) {
    if (!Number.isSafeInteger(value) || value < 1) throw settingsError(`${name} must be a whole number above 0`);
  }
  const unknown = voices.find((voice) => !FLITE_VOICES.includes(voice));
  if (unknown !== undefined) throw settingsError(`there is no voice ${unknown}, only ${FLITE_VOICES.join(', ')}`);
  if (voices.length === 0) throw settingsError('voices must name at least one');
  const line = new SpeechLine(maxWaiting, start);

  function jobFor(request: SynthesisRequest): SpeechJob | undefined {
    const { sampleRateHz, language, voice = voices[0] } = request;
    if (sampleRateHz !== SAMPLE_RATE_HZ) throw settingsError(`it makes ${SAMPLE_RATE_HZ} Hz, not ${sampleRateHz}`);
    if (!/^en([-_]|$)/i.test(language)) throw settingsError(`it speaks en, not ${language}`);
    const known = voices.find((each) => each === voice);
    if (known === undefined) throw settingsError(`there is no voice ${voice}, only ${voices.join(', ')}`);
    if (request.text.length > maxTextChars) {
      throw new EngineError('engine_input', `flite: a text has at most ${maxTextChars} characters`, false);
    }
    const text = sayableText(request.text);
    return text === '' ? undefined : new SpeechJob(text, known);
  }

  async function* synthesize(request: SynthesisRequest): AsyncGenerator<SpeechChunk, void, undefined> {
    const { signal } = request;
    if (signal?.aborted) throw abortedError(signal);
    const job = jobFor(request);
    if (!job) return;
    line.submit(job);
    const abort = () => job.fail(abortedError(signal));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      for await (const chunk of job) yield chunk;
      if (signal?.aborted) throw abortedError(signal);
    } finally {
      signal?.removeEventListener('abort', abort);
      job.abandon();
    }
  }

  return {
    name: 'flite',
    capabilities: {
      streaming: true,
      alignment: true,
      sampleRatesHz: [SAMPLE_RATE_HZ],
      voices: [...voices],
      languages: ['en'],
    },
    get stats() {
      return { waiting: line.waiting, refusedTexts: line.refusedTexts, lostThreads: line.lostThreads };
    },
    warm: () => line.warm(),
    synthesize,
    close: () => line.close(),
  };
}

function settingsError(message: string): EngineError {
  return new EngineError('engine_settings', `flite: ${message}`, false);
}

function abortedError(signal: AbortSignal | undefined): EngineError {
  return new EngineError('engine_aborted', 'flite: the synthesis was aborted', false, { cause: signal?.reason });
}
