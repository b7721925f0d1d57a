import { EngineError, type SpeechToText } from '@parley/ports';
import { DecoderPool } from './decoder-pool.js';
import { startDecoderThread, type Decoder } from './decoder-thread.js';
import { findModelFiles } from './model-files.js';
import { compileSettings, type PocketsphinxOptions, type PocketsphinxStats } from './pocketsphinx-options.js';
import { RecognitionStream } from './recognition-stream.js';
import { SAMPLE_RATE_HZ } from './utterance.js';

/** The engine, and what it has been doing. */
export interface Pocketsphinx extends SpeechToText {
  readonly stats: PocketsphinxStats;
}

/**
 * Speech to text on this machine: libpocketsphinx and its US English model, on threads of their own.
 *
 * An utterance leases a decoder from its first audio until its final. While all decoders are leased it waits with its
 * audio, and is then decoded faster than real time. Transcripts are lower-case words without punctuation; numbers and
 * spelled-out names come as words (`two`, `b l t`). Key terms make their words and phrases likelier and close nothing
 * out.
 * @throws {EngineError} `engine_settings`
 */
export function createPocketsphinx(options: PocketsphinxOptions = {}): Pocketsphinx {
  return createEngine(options, async () => startDecoderThread(await findModelFiles(options)));
}

/** The engine over decoders of any kind. */
export function createEngine(options: PocketsphinxOptions, start: () => Promise<Decoder>): Pocketsphinx {
  const settings = compileSettings(options);
  const pool = new DecoderPool(settings, start);
  const streams = new Set<RecognitionStream>();
  let cutUtterances = 0;
  let supersededInterims = 0;

  return {
    name: 'pocketsphinx',
    capabilities: {
      interim: true,
      endOfTurn: false,
      wordTimes: true,
      feed: 'speech',
      sampleRatesHz: [SAMPLE_RATE_HZ],
      languages: ['en'],
    },
    get stats() {
      return { ...pool.stats, cutUtterances, supersededInterims };
    },
    warm: () => pool.warm(),
    async open({ sampleRateHz, language, keyTerms = [] }) {
      if (sampleRateHz !== SAMPLE_RATE_HZ) {
        throw new EngineError('engine_settings', `pocketsphinx takes ${SAMPLE_RATE_HZ} Hz, not ${sampleRateHz}`, false);
      }
      if (!/^en([-_]|$)/i.test(language)) {
        throw new EngineError('engine_settings', `pocketsphinx speaks en, not ${language}`, false);
      }
      await pool.warm();
      pool.prepare(keyTerms);
      const stream: RecognitionStream = new RecognitionStream({
        pool,
        terms: keyTerms,
        maxUtteranceMs: settings.maxUtteranceMs,
        onCut: () => (cutUtterances += 1),
        onSuperseded: () => (supersededInterims += 1),
        onOver: () => streams.delete(stream),
      });
      streams.add(stream);
      return stream;
    },
    async close() {
      for (const stream of [...streams]) await stream.close();
      await pool.close();
    },
  };
}
