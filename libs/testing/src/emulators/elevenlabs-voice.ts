import type { SpeechChunk, TextToSpeech } from '@parley/ports';

/** A part of the voice of a text. */
export interface VoicePart {
  /** PCM, odd in its length every other time: samples are cut in two. */
  audio: Buffer;
  /** Where it begins, in ms of the text's voice. */
  startMs: number;
  /** Characters that begin in it, with their times in ms of the text's voice. */
  characters: readonly VoiceCharacter[];
}

/** A character, and when it is heard. */
export interface VoiceCharacter {
  text: string;
  startMs: number;
  endMs: number;
}

/** What is to be spoken. */
export interface VoiceRequest {
  text: string;
  /** As the provider calls it; the engine's first where it has none of this name. */
  voice: string;
  sampleRateHz: number;
  language: string;
  signal: AbortSignal;
}

/** Speaks a text as the provider does: audio as it is made, with the times of the text's characters. */
export async function* partsOf(
  engine: TextToSpeech,
  { voice, ...request }: VoiceRequest,
): AsyncGenerator<VoicePart, void, undefined> {
  const known = engine.capabilities.voices.includes(voice) ? { voice } : {};
  const chunks = engine.synthesize({ sessionId: 'emulated', ...request, ...known })[Symbol.asyncIterator]();
  const msOf = (bytes: number) => (Math.floor(bytes / 2) * 1000) / request.sampleRateHz;
  let waiting: VoiceCharacter[] = [];
  let carried = Buffer.alloc(0);
  let given = 0;
  let isOdd = false;
  for (let next = await chunks.next(); !next.done;) {
    const { pcm, words = [] } = next.value;
    waiting.push(...charactersOf(words));
    const bytes = Buffer.concat([carried, Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)]);
    next = await chunks.next();
    isOdd = !isOdd;
    const end = isOdd && !next.done ? bytes.length - 1 : bytes.length;
    carried = Buffer.from(bytes.subarray(end));
    const endMs = next.done ? Infinity : msOf(given + end);
    const characters = waiting.filter(({ startMs }) => startMs < endMs);
    waiting = waiting.filter(({ startMs }) => startMs >= endMs);
    yield { audio: bytes.subarray(0, end), startMs: msOf(given), characters };
    given += end;
  }
}

/** Spreads words over their characters, with a space after each. */
function charactersOf(words: NonNullable<SpeechChunk['words']>): VoiceCharacter[] {
  return words.flatMap(({ word, startMs, endMs }) => {
    const characters = [...word];
    const eachMs = (endMs - startMs) / characters.length;
    const spoken = characters.map((text, n) => ({ text, startMs: startMs + n * eachMs, endMs: startMs + (n + 1) * eachMs })); // prettier-ignore
    return [...spoken, { text: ' ', startMs: endMs, endMs }];
  });
}
