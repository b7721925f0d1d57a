import { ContractError } from './contract-error.js';

/** Bytes before the payload of every audio frame. */
export const FRAME_HEADER_BYTES = 24;
/** Version that this code reads and writes. */
export const FRAME_VERSION = 1;
/** Largest payload a frame may carry: 64 KiB, 2 s of 16 kHz PCM. */
export const MAX_FRAME_PAYLOAD_BYTES = 65_536;

/** How a frame's payload is encoded; the number stands in the header. */
export const CODECS = { pcm_s16le: 1, mulaw: 2, alaw: 3, opus: 4 } as const;
/** A payload encoding. */
export type Codec = keyof typeof CODECS;
const CODEC_NAMES: readonly (Codec | undefined)[] = [undefined, 'pcm_s16le', 'mulaw', 'alaw', 'opus'];

const LAST_OF_SENTENCE = 1;
const LAST_OF_REPLY = 2;
const FENCE = 4;

/** One frame of voice on the bus. */
export interface AudioFrame {
  codec: Codec;
  /** A multiple of 100. */
  sampleRateHz: number;
  /** The publishing owner's epoch; readers ignore frames of a lower one than they have seen. */
  epoch: number;
  /** Counts up by one per (subject, epoch), from 1. */
  seq: number;
  /** Ordinal of the reply within the session, from 1; 0 for the caller's voice. */
  reply: number;
  /** Ordinal of the sentence within the reply, from 0. */
  sentence: number;
  /** Samples since the session began (caller's voice) or since the sentence began (a reply). */
  pts: number;
  /** Nothing of this sentence follows. The payload may be empty. */
  lastOfSentence: boolean;
  /** Nothing of this reply follows. The payload may be empty. */
  lastOfReply: boolean;
  /** A new owner's first frame: no audio, it only raises the epoch. */
  fence: boolean;
  /** Encoded voice; a view on the received message, not a copy. */
  payload: Uint8Array;
}

/**
 * Encodes a frame: a 24-byte little-endian header, then the payload.
 * Layout: 0 version u8, 1 codec u8, 2 sampleRate/100 u16, 4 epoch u32, 8 seq u32, 12 reply u32,
 * 16 sentence u16, 18 flags u16 (1 last of sentence, 2 last of reply, 4 fence), 20 pts u32.
 * `pts` wraps around at 2^32, after 74 hours of 16 kHz.
 * @throws {ContractError} `invalid_frame` when the payload is over 64 KiB, or a number does not fit its field
 */
export function encodeFrame(frame: AudioFrame): Buffer {
  const { payload } = frame;
  if (payload.byteLength > MAX_FRAME_PAYLOAD_BYTES) {
    throw new ContractError('invalid_frame', `a frame's payload is at most ${MAX_FRAME_PAYLOAD_BYTES} bytes`);
  }
  if (!isHeaderValid(frame)) {
    throw new ContractError(
      'invalid_frame',
      'a number does not fit the header, or the sample rate is no multiple of 100',
    );
  }
  const out = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.byteLength);
  out[0] = FRAME_VERSION;
  out[1] = CODECS[frame.codec];
  out.writeUInt16LE(frame.sampleRateHz / 100, 2);
  out.writeUInt32LE(frame.epoch, 4);
  out.writeUInt32LE(frame.seq, 8);
  out.writeUInt32LE(frame.reply, 12);
  out.writeUInt16LE(frame.sentence, 16);
  out.writeUInt16LE(
    (frame.lastOfSentence ? LAST_OF_SENTENCE : 0) | (frame.lastOfReply ? LAST_OF_REPLY : 0) | (frame.fence ? FENCE : 0),
    18,
  );
  out.writeUInt32LE(frame.pts >>> 0, 20);
  out.set(payload, FRAME_HEADER_BYTES);
  return out;
}

function isHeaderValid({ codec, sampleRateHz, epoch, seq, reply, sentence, pts }: AudioFrame): boolean {
  return (
    CODECS[codec] !== undefined &&
    fits(sampleRateHz / 100, 0xffff) &&
    fits(epoch, 0xffff_ffff) &&
    fits(seq, 0xffff_ffff) &&
    fits(reply, 0xffff_ffff) &&
    fits(sentence, 0xffff) &&
    fits(pts, Number.MAX_SAFE_INTEGER)
  );
}

function fits(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

/**
 * Decodes a frame. The payload is a view on `bytes`.
 * @throws {ContractError} `invalid_frame` when too short, of an unknown codec, or over 64 KiB;
 * `unsupported_version` for a version this code does not read
 */
export function decodeFrame(bytes: Uint8Array): AudioFrame {
  if (bytes.byteLength < FRAME_HEADER_BYTES) {
    throw new ContractError('invalid_frame', `a frame has at least ${FRAME_HEADER_BYTES} bytes`);
  }
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (head[0] !== FRAME_VERSION) {
    throw new ContractError('unsupported_version', `frame version ${head[0]} is not ${FRAME_VERSION}`);
  }
  const codec = CODEC_NAMES[head[1] as number];
  if (!codec) throw new ContractError('invalid_frame', `unknown codec ${head[1]}`);
  if (head.byteLength - FRAME_HEADER_BYTES > MAX_FRAME_PAYLOAD_BYTES) {
    throw new ContractError('invalid_frame', `a frame's payload is at most ${MAX_FRAME_PAYLOAD_BYTES} bytes`);
  }
  const flags = head.readUInt16LE(18);
  return {
    codec,
    sampleRateHz: head.readUInt16LE(2) * 100,
    epoch: head.readUInt32LE(4),
    seq: head.readUInt32LE(8),
    reply: head.readUInt32LE(12),
    sentence: head.readUInt16LE(16),
    pts: head.readUInt32LE(20),
    lastOfSentence: (flags & LAST_OF_SENTENCE) !== 0,
    lastOfReply: (flags & LAST_OF_REPLY) !== 0,
    fence: (flags & FENCE) !== 0,
    payload: head.subarray(FRAME_HEADER_BYTES),
  };
}
