import { MAX_CALLER_FRAME_BYTES } from '@parley/contracts';
import { ParleyClientError } from './client-error.js';

/**
 * The bytes of a caller's frame, copied, so that the caller may reuse its array at once.
 * @param frame PCM16 16 kHz mono; samples, or their little-endian bytes
 * @throws {ParleyClientError} `audio_odd_length`, `frame_too_large`
 */
export function frameBytes(frame: Int16Array | Uint8Array): Uint8Array {
  if (frame.byteLength % 2 !== 0)
    throw new ParleyClientError('audio_odd_length', 'audio must be whole 16-bit samples: give an even number of bytes');
  if (frame.byteLength > MAX_CALLER_FRAME_BYTES)
    throw new ParleyClientError('frame_too_large', 'a frame is at most 64 KiB: give 10 to 200 ms at a time');
  return new Uint8Array(frame.buffer as ArrayBuffer, frame.byteOffset, frame.byteLength).slice();
}

/** The samples of a received frame, copied into an array of their own; undefined when it is no PCM16. */
export function frameSamples(binary: unknown): Int16Array | undefined {
  const bytes =
    binary instanceof ArrayBuffer
      ? new Uint8Array(binary)
      : ArrayBuffer.isView(binary)
        ? new Uint8Array(binary.buffer, binary.byteOffset, binary.byteLength)
        : undefined;
  if (!bytes || bytes.byteLength % 2 !== 0) return undefined;
  return new Int16Array(bytes.slice().buffer);
}
