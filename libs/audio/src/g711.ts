/*
 * G.711 by tables. Negative samples are taken as their one's complement, as the ITU-T software tool library
 * (G.191) does, so that the two halves of the scale have decision values of the same size.
 */

const MULAW_BIAS = 33;
const MULAW_MAX = 0x1fff;

/** One 14-bit sample to mu-law: the segment is where its highest bit stands, then four bits; all bits inverted. */
function mulawCode(sample14: number): number {
  const magnitude = Math.min((sample14 < 0 ? ~sample14 : sample14) + MULAW_BIAS, MULAW_MAX);
  const segment = 26 - Math.clz32(magnitude);
  const code = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0f);
  return ~(code | (sample14 < 0 ? 0x80 : 0)) & 0xff;
}

function mulawSample(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 1) + MULAW_BIAS) << ((bits >> 4) & 7)) - MULAW_BIAS;
  return (bits & 0x80 ? -magnitude : magnitude) * 4;
}

/** One 12-bit sample to A-law: linear in the lowest segment, logarithmic above; even bits inverted. */
function alawCode(sample12: number): number {
  const magnitude = sample12 < 0 ? ~sample12 : sample12;
  const segment = Math.max(0, 28 - Math.clz32(magnitude));
  const mantissa = segment > 1 ? magnitude >> (segment - 1) : magnitude;
  return ((segment << 4) | (mantissa & 0x0f) | (sample12 < 0 ? 0 : 0x80)) ^ 0x55;
}

function alawSample(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const mantissa = ((bits & 0x0f) << 1) + 1 + (segment > 0 ? 32 : 0);
  const magnitude = (segment > 1 ? mantissa << (segment - 1) : mantissa) * 8;
  return bits & 0x80 ? magnitude : -magnitude;
}

const MULAW_ENCODE = Uint8Array.from({ length: 1 << 14 }, (_, index) => mulawCode(index - (1 << 13)));
const ALAW_ENCODE = Uint8Array.from({ length: 1 << 12 }, (_, index) => alawCode(index - (1 << 11)));
const MULAW_DECODE = Int16Array.from({ length: 256 }, (_, code) => mulawSample(code));
const ALAW_DECODE = Int16Array.from({ length: 256 }, (_, code) => alawSample(code));

/**
 * Encodes 16-bit PCM to mu-law, a byte a sample.
 * @see ITU-T G.711, table 2a
 */
export function encodeMulaw(pcm: Int16Array): Uint8Array {
  const coded = new Uint8Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) coded[i] = MULAW_ENCODE[(pcm[i]! >> 2) + (1 << 13)]!;
  return coded;
}

/**
 * Decodes mu-law to 16-bit PCM, a sample a byte; magnitudes reach 32124.
 * @see ITU-T G.711, table 2a
 */
export function decodeMulaw(coded: Uint8Array): Int16Array {
  const pcm = new Int16Array(coded.length);
  for (let i = 0; i < coded.length; i++) pcm[i] = MULAW_DECODE[coded[i]!]!;
  return pcm;
}

/**
 * Encodes 16-bit PCM to A-law, a byte a sample.
 * @see ITU-T G.711, table 1a
 */
export function encodeAlaw(pcm: Int16Array): Uint8Array {
  const coded = new Uint8Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) coded[i] = ALAW_ENCODE[(pcm[i]! >> 4) + (1 << 11)]!;
  return coded;
}

/**
 * Decodes A-law to 16-bit PCM, a sample a byte; magnitudes are 8 to 32256, so A-law has no exact zero.
 * @see ITU-T G.711, table 1a
 */
export function decodeAlaw(coded: Uint8Array): Int16Array {
  const pcm = new Int16Array(coded.length);
  for (let i = 0; i < coded.length; i++) pcm[i] = ALAW_DECODE[coded[i]!]!;
  return pcm;
}
