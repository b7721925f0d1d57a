import type { WordTime } from '@parley/contracts';
import { EngineError, type SpeechChunk, type SynthesisRequest, type TextToSpeech } from '@parley/ports';
import { systemClock, wait, type Clock } from './clock.js';
import { readScripted, type ScriptedWord } from './scripted-reader.js';
import { speakScripted, type ScriptedVoiceOptions } from './scripted-voice.js';

/** Settings of the scripted text-to-speech engine. All of them fit into JSON, but the clock. */
export interface ScriptedTextToSpeechOptions extends Omit<ScriptedVoiceOptions, 'voice'> {
  /** From the request to the first chunk. @defaultValue 80 */
  firstAudioMs?: number;
  /** Time to make a chunk by its length: 0.1 is ten times faster than real time. @defaultValue 0.1 */
  realTimeFactor?: number;
  /** @defaultValue 100 */
  chunkMs?: number;
  /** @defaultValue 16 kHz, 24 kHz, 8 kHz, 48 kHz */
  sampleRatesHz?: readonly number[];
  /** Eight at most; each can be told from the others when it is read back. @defaultValue 'scripted', 'scripted-2' and 'scripted-3' */
  voices?: readonly string[];
  /** @defaultValue ['en'] */
  languages?: readonly string[];
  clock?: Clock;
}

interface Spoken {
  pcm: Int16Array;
  words: readonly ScriptedWord[];
}

/** Sentences that are kept, with their voice. */
const MAX_KNOWN = 32;

/** An engine that speaks scripted voice, which {@link readScripted} reads back, at a set pace, holding no thread. */
export function createScriptedTextToSpeech(options: ScriptedTextToSpeechOptions = {}): TextToSpeech {
  const { firstAudioMs = 80, realTimeFactor = 0.1, chunkMs = 100, clock = systemClock } = options;
  const sampleRatesHz = options.sampleRatesHz ?? [16_000, 24_000, 8000, 48_000];
  const voices = options.voices ?? ['scripted', 'scripted-2', 'scripted-3'];

  const known = new Map<string, Spoken>();
  // What is said over and over is made once: the engine stands for one that takes no time of this machine.
  const spoken = (text: string, sampleRateHz: number, voice: number): Spoken => {
    const key = `${sampleRateHz}/${voice}/${text}`;
    const before = known.get(key);
    if (before) return before;
    const pcm = speakScripted(text, sampleRateHz, { ...options, voice });
    const made = { pcm, words: readScripted(pcm).words };
    if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value as string);
    known.set(key, made);
    return made;
  };

  async function* synthesize(request: SynthesisRequest): AsyncGenerator<SpeechChunk> {
    const { sampleRateHz, signal, voice } = request;
    if (!sampleRatesHz.includes(sampleRateHz)) {
      throw new EngineError('engine_settings', `the scripted engine makes ${sampleRatesHz.join(', ')} Hz`, false);
    }
    if (voice !== undefined && !voices.includes(voice)) {
      throw new EngineError('engine_settings', `the scripted engine has the voices ${voices.join(', ')}`, false);
    }
    const pause = (delayMs: number) =>
      wait(clock, delayMs, signal).catch((cause: unknown) => {
        throw new EngineError('engine_aborted', 'the synthesis was aborted', false, { cause });
      });
    await pause(0);
    const { pcm, words } = spoken(request.text, sampleRateHz, Math.max(0, voices.indexOf(voice ?? '')));
    if (pcm.length === 0) return;
    const chunkSamples = Math.round((sampleRateHz * chunkMs) / 1000);
    const ms = (samples: number) => (samples / sampleRateHz) * 1000;
    for (let start = 0; start < pcm.length; start += chunkSamples) {
      const chunk = pcm.subarray(start, start + chunkSamples);
      await pause(start === 0 ? firstAudioMs : ms(chunk.length) * realTimeFactor);
      const begins = words.filter(({ startSample }) => startSample >= start && startSample < start + chunk.length);
      const times: WordTime[] = begins.map(({ text, startSample, endSample }) => ({
        word: text,
        startMs: ms(startSample),
        endMs: ms(endSample),
      }));
      yield { pcm: chunk, words: times };
    }
  }

  return {
    name: 'scripted',
    capabilities: { streaming: true, alignment: true, sampleRatesHz, voices, languages: options.languages ?? ['en'] },
    warm: () => Promise.resolve(),
    synthesize,
    close: () => Promise.resolve(),
  };
}
