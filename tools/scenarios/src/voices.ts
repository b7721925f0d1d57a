import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { concatPcm, decodeWav, silencePcm } from '@parley/audio';
import { createListener, plainWords, recall } from '@parley/chaos/caller';
import { createFlite } from '@parley/provider-flite';
import { readScripted, soundWithoutWords, speakScripted } from '@parley/testing/engines';
import { patternIn } from './pattern.js';
import type { Scenario } from './scenario.js';
import { spokenParts } from './spoken-line.js';

/** Rate of every voice here. */
export const RATE_HZ = 16_000;

/** Words in what a speaker played. */
export interface HeardWords {
  text: string;
  /** Voices that said them, where they can be told apart. */
  voices: readonly number[];
}

/** How callers of a kind of engines speak and listen. */
export interface Voices {
  /** PCM16 mono of a line, which may have pauses such as `[900 ms]` in it. */
  say(line: string, wordGapMs?: number): Promise<Int16Array>;
  /** One of the recordings. */
  recording(name: string): Promise<Int16Array>;
  /** Voice activity in which there are no words. */
  noise(durationMs: number): Int16Array;
  hear(pcm: Int16Array): Promise<HeardWords>;
  /** Whether what was heard is what was wanted, as exactly as the engines allow. */
  isHeard(wanted: string, heard: HeardWords): boolean;
  /** Hearing takes so long that it is done once, when the speaker is silent. */
  readonly hearsSlowly: boolean;
  close(): Promise<void>;
}

/** Voices whose words can be read from their samples. */
export function scriptedVoices(): Voices {
  return {
    async say(line, gapMs) {
      const options = gapMs === undefined ? {} : { gapMs };
      return sayParts(line, (words) => Promise.resolve(speakScripted(words, RATE_HZ, options)));
    },
    recording: () => Promise.reject(new Error('there are no scripted recordings')),
    noise: (durationMs) => soundWithoutWords(durationMs, RATE_HZ),
    hear(pcm) {
      const words = readScripted(pcm).words.filter(({ complete }) => complete);
      const voices = [...new Set(words.map(({ voice }) => voice))];
      return Promise.resolve({ text: words.map(({ text }) => text).join(' '), voices });
    },
    isHeard: (wanted, { text }) => patternIn(wanted)?.test(text) ?? wanted === text,
    hearsSlowly: false,
    close: () => Promise.resolve(),
  };
}

/** Least share of the words wanted that a recogniser has to hear: it mishears one now and then. */
const HEARD = 0.6;
/** Not the agent's voice. */
const CALLER_VOICE = 'rms';

/** Voices that are synthesized and recorded, and a recogniser to hear the agent's. */
export function realVoices(options: { keyTerms: string; recordings: string }): Voices {
  const flite = createFlite({ voices: [CALLER_VOICE] });
  const listener = createListener(options.keyTerms);
  const speak = async (text: string) => {
    const request = { sessionId: 'caller', text, language: 'en', sampleRateHz: RATE_HZ };
    const chunks: Int16Array[] = [];
    for await (const { pcm } of flite.synthesize(request)) chunks.push(pcm.slice());
    return concatPcm(chunks);
  };
  return {
    say: (line) => sayParts(line, speak),
    recording: async (name) => decodeWav(await readFile(join(options.recordings, `${name}.wav`))).samples,
    noise: (durationMs) => soundWithoutWords(durationMs, RATE_HZ),
    hear: async (pcm) => ({ text: pcm.length > 0 ? await listener.transcribe(pcm) : '', voices: [] }),
    isHeard: (wanted, { text }) =>
      patternIn(wanted)?.test(text) ?? recall(plainWords(wanted), plainWords(text)) >= HEARD,
    hearsSlowly: true,
    async close() {
      await Promise.all([flite.close(), listener.close()]);
    },
  };
}

/** The voices that a scenario's engines take. */
export type VoicesOf = (engines: Scenario['engines']) => Voices;

async function sayParts(line: string, speak: (words: string) => Promise<Int16Array>): Promise<Int16Array> {
  const parts = spokenParts(line).map((part) =>
    'words' in part ? speak(part.words) : Promise.resolve(silencePcm(part.pauseMs, RATE_HZ)),
  );
  return concatPcm(await Promise.all(parts));
}
