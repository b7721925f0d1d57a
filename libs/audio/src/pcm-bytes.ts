import { AudioError } from './audio-error.js';

/*
 * Views are only right on a little-endian host, because typed arrays have the host's byte order.
 * Every platform the project runs on is one.
 */

function requireWholeSamples(bytes: Uint8Array): void {
  if (bytes.byteLength % 2 !== 0) {
    throw new AudioError('odd_length', `${bytes.byteLength} bytes are not whole 16-bit samples`);
  }
}

/**
 * Reads little-endian 16-bit PCM without copying where the bytes are 2-byte aligned, else from a copy.
 * The result may share memory with `bytes`: whoever keeps it uses {@link copyBytesToPcm}.
 * @throws {AudioError} `odd_length`
 */
export function bytesToPcm(bytes: Uint8Array): Int16Array {
  requireWholeSamples(bytes);
  if (bytes.byteOffset % 2 === 0) return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  return copyBytesToPcm(bytes);
}

/**
 * Reads little-endian 16-bit PCM into memory of its own.
 * @throws {AudioError} `odd_length`
 */
export function copyBytesToPcm(bytes: Uint8Array): Int16Array {
  requireWholeSamples(bytes);
  const pcm = new Int16Array(bytes.byteLength / 2);
  new Uint8Array(pcm.buffer).set(bytes);
  return pcm;
}

/** Little-endian bytes of `pcm`, sharing its memory. */
export function pcmToBytes(pcm: Int16Array): Uint8Array {
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}

/** Little-endian bytes of `pcm`, in memory of their own. */
export function copyPcmToBytes(pcm: Int16Array): Uint8Array {
  return pcmToBytes(pcm).slice();
}

/** Makes whole samples of byte chunks that may end in the middle of one, as HTTP bodies do. Holds one byte at most. */
export class PcmByteStream {
  private carry: number | undefined;

  /** The whole samples up to here. May share memory with `bytes`. */
  push(bytes: Uint8Array): Int16Array {
    if (bytes.byteLength === 0) return new Int16Array(0);
    if (this.carry === undefined && bytes.byteLength % 2 === 0) return bytesToPcm(bytes);
    const carried = this.carry === undefined ? 0 : 1;
    const wholeBytes = (carried + bytes.byteLength) & ~1;
    const whole = new Uint8Array(wholeBytes);
    if (this.carry !== undefined) whole[0] = this.carry;
    whole.set(bytes.subarray(0, wholeBytes - carried), carried);
    this.carry = (carried + bytes.byteLength) % 2 === 1 ? bytes[bytes.byteLength - 1] : undefined;
    return bytesToPcm(whole);
  }

  /**
   * Says that no bytes follow.
   * @throws {AudioError} `odd_length` when half a sample is left
   */
  end(): void {
    if (this.carry === undefined) return;
    this.carry = undefined;
    throw new AudioError('odd_length', 'the stream ended in the middle of a 16-bit sample');
  }
}
