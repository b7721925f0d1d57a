import { crc32 } from 'node:zlib';

/** Longest piece of a word that one burst carries, in bytes of UTF-8. */
export const MAX_PIECE_BYTES = 40;
/** Low bits of a sample that carry the packet; the rest is sound. */
export const NIBBLE = 0xf;

const SYNC = [0xa, 0x5, 0xc, 0x3] as const;
const HEAD_BYTES = 7;
const CRC_BYTES = 2;

/** What every packet in a burst says, so that any fragment of the burst tells what it belongs to. */
export interface WordPacket {
  /** The word, or a piece of a long one. */
  text: string;
  /** Ordinal of the burst within its text, modulo 256. */
  ordinal: number;
  /** The word goes on in the next burst. */
  joinsNext: boolean;
  /** Who speaks, from 0 to 7. */
  voice: number;
  /** Where in its burst this packet begins. */
  offsetSamples: number;
  /** Length of the burst. */
  burstSamples: number;
}

/** Samples that the packet of a piece takes: one nibble each. */
export function packetSamples(textBytes: number): number {
  return SYNC.length + 2 * (HEAD_BYTES + textBytes + CRC_BYTES);
}

/** The longest packet there is, in samples. */
export const MAX_PACKET_SAMPLES = packetSamples(MAX_PIECE_BYTES);

/** Writes a packet into the low bits of `pcm` from `at`. Layout after the sync: length u8, flags u8, ordinal u8, offset u16, burst u16, text, crc u16. */
export function writePacket(pcm: Int16Array, at: number, packet: WordPacket): void {
  const text = Buffer.from(packet.text);
  const bytes = Buffer.alloc(HEAD_BYTES + text.length + CRC_BYTES);
  bytes[0] = text.length;
  bytes[1] = (packet.joinsNext ? 1 : 0) | (packet.voice << 1);
  bytes[2] = packet.ordinal;
  bytes.writeUInt16LE(packet.offsetSamples, 3);
  bytes.writeUInt16LE(packet.burstSamples, 5);
  text.copy(bytes, HEAD_BYTES);
  bytes.writeUInt16LE(checksum(bytes.subarray(0, -CRC_BYTES)), bytes.length - CRC_BYTES);
  let next = at;
  const put = (nibble: number) => {
    pcm[next] = ((pcm[next] as number) & ~NIBBLE) | nibble;
    next++;
  };
  for (const nibble of SYNC) put(nibble);
  for (const byte of bytes) {
    put(byte & NIBBLE);
    put(byte >> 4);
  }
}

/**
 * Reads a packet that begins at `at`.
 * @returns undefined when none begins there, or less than a whole one is left
 */
export function readPacket(pcm: Int16Array, at: number): { packet: WordPacket; samples: number } | undefined {
  for (let i = 0; i < SYNC.length; i++) if (((pcm[at + i] ?? 0) & NIBBLE) !== SYNC[i]) return undefined;
  const textBytes = byteAt(pcm, at + SYNC.length);
  const samples = packetSamples(textBytes);
  if (textBytes === 0 || textBytes > MAX_PIECE_BYTES || at + samples > pcm.length) return undefined;
  const bytes = Buffer.alloc(HEAD_BYTES + textBytes + CRC_BYTES);
  for (let i = 0; i < bytes.length; i++) bytes[i] = byteAt(pcm, at + SYNC.length + 2 * i);
  if (bytes.readUInt16LE(bytes.length - CRC_BYTES) !== checksum(bytes.subarray(0, -CRC_BYTES))) return undefined;
  const packet = {
    text: bytes.toString('utf8', HEAD_BYTES, HEAD_BYTES + textBytes),
    joinsNext: ((bytes[1] as number) & 1) === 1,
    voice: ((bytes[1] as number) >> 1) & 7,
    ordinal: bytes[2] as number,
    offsetSamples: bytes.readUInt16LE(3),
    burstSamples: bytes.readUInt16LE(5),
  };
  return { packet, samples };
}

function byteAt(pcm: Int16Array, at: number): number {
  return ((pcm[at] ?? 0) & NIBBLE) | (((pcm[at + 1] ?? 0) & NIBBLE) << 4);
}

function checksum(bytes: Uint8Array): number {
  return crc32(bytes) & 0xffff;
}
