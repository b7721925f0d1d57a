import { MAX_PACKET_SAMPLES, readPacket, type WordPacket } from './word-packet.js';

/** One word as it was found in audio. */
export interface ScriptedWord {
  text: string;
  /** Where the part that was found begins, in samples since the reader began. */
  startSample: number;
  /** Where it ends, exclusive. */
  endSample: number;
  /** All of the word is there, without a hole. */
  complete: boolean;
  /** Who says it, from 0 to 7. */
  voice: number;
}

/** What scripted voice says. */
export interface ScriptedSpeech {
  words: ScriptedWord[];
  /** The words, joined by spaces. */
  text: string;
}

interface Found extends ScriptedWord {
  ordinal: number;
  joinsNext: boolean;
  /** Where in its burst the next packet must begin. */
  expected: number;
  whole: boolean;
  /** The word before goes on in this one. */
  joined: boolean;
}

/** Reads scripted voice as it comes, in pieces of any length. Other sound is passed over. */
export class ScriptedReader {
  private readonly found: Found[] = [];
  private cleared: Found | undefined;
  private tail = new Int16Array(0);
  private position = 0;

  /** Takes the next samples. */
  push(pcm: Int16Array): void {
    const all = new Int16Array(this.tail.length + pcm.length);
    all.set(this.tail);
    all.set(pcm, this.tail.length);
    let decided = 0;
    for (let at = 0; at < all.length;) {
      const read = readPacket(all, at);
      if (read) {
        this.take(read.packet, this.position + at, read.samples);
        decided = at += read.samples;
      } else at++;
    }
    // What is left is too short to rule out that a packet begins in it.
    const rest = Math.max(decided, all.length - MAX_PACKET_SAMPLES + 1, 0);
    this.tail = all.slice(rest);
    this.position += rest;
  }

  /** Every word found since the reader began or was cleared, the unfinished last one too. */
  read(): ScriptedSpeech {
    const words: ScriptedWord[] = [];
    const heard = this.position + this.tail.length;
    for (const { text, startSample, voice, joined, ...found } of this.found) {
      const endSample = Math.min(found.endSample, heard);
      const complete = found.complete && found.endSample <= heard;
      const last = words.at(-1);
      if (joined && last) {
        Object.assign(last, { text: last.text + text, endSample, complete: last.complete && complete });
      } else {
        words.push({ text, startSample, endSample, complete, voice });
      }
    }
    return { words, text: words.map(({ text }) => text).join(' ') };
  }

  /** How many bursts were found; a cheap way to see whether anything is new. */
  get count(): number {
    return this.found.length;
  }

  /** Forgets the words; the rest of a word that was being read does not come up again. */
  clear(): void {
    const last = this.found.at(-1);
    this.found.length = 0;
    this.cleared = last;
  }

  private take(packet: WordPacket, at: number, samples: number): void {
    const before = this.found.at(-1) ?? this.cleared;
    const isLastPacket = packet.offsetSamples + 2 * samples > packet.burstSamples;
    const end = isLastPacket ? at + packet.burstSamples - packet.offsetSamples : at + samples;
    const same =
      before?.ordinal === packet.ordinal &&
      before.text === packet.text &&
      before.voice === packet.voice &&
      packet.offsetSamples >= before.expected &&
      at - before.endSample < packet.burstSamples;
    if (same && before) {
      before.whole &&= packet.offsetSamples === before.expected;
      before.expected = packet.offsetSamples + samples;
      before.endSample = end;
      before.complete = before.whole && isLastPacket;
      return;
    }
    const whole = packet.offsetSamples === 0;
    const joined = before?.joinsNext === true && (before.ordinal + 1) % 256 === packet.ordinal;
    this.cleared = undefined;
    this.found.push({
      text: packet.text,
      startSample: at,
      endSample: end,
      complete: whole && isLastPacket,
      voice: packet.voice,
      ordinal: packet.ordinal,
      joinsNext: packet.joinsNext,
      expected: packet.offsetSamples + samples,
      whole,
      joined,
    });
  }
}

/** Reads all scripted voice in a recording. */
export function readScripted(pcm: Int16Array): ScriptedSpeech {
  const reader = new ScriptedReader();
  reader.push(pcm);
  return reader.read();
}
