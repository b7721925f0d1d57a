import { EngineError, type SpeechToText, type SpeechToTextOptions, type SpeechToTextStream } from '@parley/ports';
import { systemClock, type Clock } from './clock.js';
import { ScriptedSpeechToTextStream } from './scripted-speech-to-text-stream.js';

/** Settings of the scripted speech-to-text engine. All of them fit into JSON, but the clock. */
export interface ScriptedSpeechToTextOptions {
  /** From `flush()` to the final. @defaultValue 100 */
  latencyMs?: number;
  /**
   * What is understood when somebody speaks in a voice that is not scripted, one line per utterance of the session,
   * over and over. Nothing is understood when empty.
   */
  script?: readonly string[];
  /** @defaultValue true */
  interim?: boolean;
  /**
   * Ends turns where a stream is opened so: in the shortest silence after a sentence that ends with its mark, in the longest
   * after anything else. @defaultValue false
   */
  endOfTurn?: boolean;
  /** @defaultValue 'speech' */
  feed?: 'continuous' | 'speech';
  /** @defaultValue 16 kHz, 8 kHz, 24 kHz, 48 kHz */
  sampleRatesHz?: readonly number[];
  /** @defaultValue ['en'] */
  languages?: readonly string[];
  /** Streams at a time; more are refused with `engine_busy`. @defaultValue unlimited */
  maxStreams?: number;
  clock?: Clock;
}

/**
 * An engine that reads scripted voice without error and answers after a set time, holding no thread. It tells other
 * voices by their loudness only, and then follows the script. A word said as `meet/meat` is `meet` in interim
 * transcripts and `meat` in the final one.
 */
export function createScriptedSpeechToText(options: ScriptedSpeechToTextOptions = {}): SpeechToText {
  const sampleRatesHz = options.sampleRatesHz ?? [16_000, 8000, 24_000, 48_000];
  const open = new Set<SpeechToTextStream>();
  let closed = false;
  const settings = {
    latencyMs: options.latencyMs ?? 100,
    script: options.script ?? [],
    interim: options.interim ?? true,
    clock: options.clock ?? systemClock,
  };
  return {
    name: 'scripted',
    capabilities: {
      interim: settings.interim,
      endOfTurn: options.endOfTurn ?? false,
      wordTimes: true,
      feed: options.feed ?? 'speech',
      sampleRatesHz,
      languages: options.languages ?? ['en'],
    },
    warm: () => Promise.resolve(),
    async open({ sampleRateHz, endOfTurn: asked }: SpeechToTextOptions): Promise<SpeechToTextStream> {
      if (closed) throw new EngineError('engine_closed', 'the scripted engine is closed', false);
      if (!sampleRatesHz.includes(sampleRateHz)) {
        throw new EngineError('engine_settings', `the scripted engine takes ${sampleRatesHz.join(', ')} Hz`, false);
      }
      if (open.size >= (options.maxStreams ?? Infinity)) {
        throw new EngineError('engine_busy', `the scripted engine has ${open.size} streams already`, true);
      }
      const endOfTurn = options.endOfTurn ? asked : undefined;
      const onClose = () => open.delete(stream);
      const stream = new ScriptedSpeechToTextStream({ ...settings, sampleRateHz, endOfTurn, onClose });
      open.add(stream);
      return stream;
    },
    async close() {
      closed = true;
      await Promise.all([...open].map((stream) => stream.close()));
    },
  };
}
