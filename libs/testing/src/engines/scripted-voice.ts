import { MAX_PIECE_BYTES, NIBBLE, packetSamples, writePacket } from './word-packet.js';

/** How the scripted voice speaks. */
export interface ScriptedVoiceOptions {
  /** Length of a word's burst. @defaultValue 200 */
  wordMs?: number;
  /** Silence after each word. @defaultValue 40 */
  gapMs?: number;
  /** Who speaks, from 0 to 7: it can be read back, and is heard as a pitch of its own. @defaultValue 0 */
  voice?: number;
}

const PITCHES_HZ = [110, 124, 139, 156, 131, 147, 117, 165];
const LEVEL = 7000;

/**
 * Speaks a text in a voice that is made for machines: each word is a burst of a voiced sound that a voice-activity
 * detector takes for speech, and the low four bits of its samples repeat the word itself, so that every 40 ms of it
 * tell which word this is and where in it. Survives copying and cutting of 16-bit PCM, not resampling or G.711.
 * @returns mono samples; empty for a text without words
 * @throws {RangeError} when `wordMs` is too short for a word at this rate; 20 ms are enough for any from 8 kHz on
 */
export function speakScripted(text: string, sampleRateHz: number, options: ScriptedVoiceOptions = {}): Int16Array {
  const pieces = text.split(/\s+/u).filter(Boolean).flatMap(piecesOf);
  const burst = Math.round((sampleRateHz * (options.wordMs ?? 200)) / 1000);
  const gap = Math.round((sampleRateHz * (options.gapMs ?? 40)) / 1000);
  const { voice = 0 } = options;
  const pcm = new Int16Array(pieces.length * (burst + gap));
  pieces.forEach(({ text: piece, joinsNext }, index) => {
    const start = index * (burst + gap);
    const word = pcm.subarray(start, start + burst);
    word.set(carrier(sampleRateHz, burst, (index + 3 * voice) % PITCHES_HZ.length));
    const step = packetSamples(Buffer.byteLength(piece));
    if (step > burst) throw new RangeError(`a word of ${burst} samples is too short to carry "${piece}"`);
    for (let offset = 0; offset + step <= burst; offset += step) {
      writePacket(word, offset, { text: piece, joinsNext, voice, ordinal: index % 256, offsetSamples: offset, burstSamples: burst }); // prettier-ignore
    }
  });
  return pcm;
}

/**
 * A sound that a voice-activity detector takes for speech as it does the scripted voice, and that has no words in it:
 * a cough, or somebody in the next room.
 * @returns mono samples
 */
export function soundWithoutWords(durationMs: number, sampleRateHz: number): Int16Array {
  const burst = Math.round(sampleRateHz / 5);
  const pcm = new Int16Array(Math.round((sampleRateHz * durationMs) / 1000));
  for (let at = 0, n = 0; at < pcm.length; at += burst, n++) {
    pcm.set(carrier(sampleRateHz, burst, n % PITCHES_HZ.length).subarray(0, pcm.length - at), at);
  }
  return pcm;
}

function piecesOf(word: string): { text: string; joinsNext: boolean }[] {
  const pieces: string[] = [''];
  for (const character of word) {
    const last = pieces.length - 1;
    if (Buffer.byteLength(pieces[last] + character) > MAX_PIECE_BYTES) pieces.push(character);
    else pieces[last] += character;
  }
  return pieces.map((text, index) => ({ text, joinsNext: index < pieces.length - 1 }));
}

const carriers = new Map<string, Int16Array>();

/** A vowel-like sound: harmonics under two formants, rising and falling once, with a pitch that glides as speech does. */
function carrier(sampleRateHz: number, samples: number, pitch: number): Int16Array {
  const key = `${sampleRateHz}/${samples}/${pitch}`;
  const known = carriers.get(key);
  if (known) return known;
  const sound = new Float64Array(samples);
  const base = PITCHES_HZ[pitch] as number;
  for (let i = 0; i < samples; i++) {
    const t = i / sampleRateHz;
    const phase = 2 * Math.PI * (base * t + (base / 4) * t * t);
    for (let h = 1; h * base * 1.1 < Math.min(sampleRateHz / 2, 3800); h++) {
      const hz = h * base;
      const formants =
        1 / (1 + ((hz - 550 - 40 * pitch) / 150) ** 2) + 0.5 / (1 + ((hz - 1500 + 60 * pitch) / 250) ** 2);
      sound[i] = (sound[i] as number) + (formants + 0.02) * Math.sin(h * phase + h * h);
    }
  }
  const peak = sound.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const pcm = new Int16Array(samples);
  for (let i = 0; i < samples; i++) {
    const envelope = 0.3 + 0.7 * Math.sin((Math.PI * (i + 0.5)) / samples);
    pcm[i] = Math.round(((sound[i] as number) / peak) * envelope * LEVEL) & ~NIBBLE;
  }
  if (carriers.size < 64) carriers.set(key, pcm);
  return pcm;
}
