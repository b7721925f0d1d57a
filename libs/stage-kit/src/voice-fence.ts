import type { OutgoingFrame } from '@parley/bus';

/** The first frame of an owner that had a predecessor: fences the predecessor's frames and carries no voice. */
export const VOICE_FENCE: OutgoingFrame = {
  codec: 'pcm_s16le',
  sampleRateHz: 16_000,
  reply: 0,
  sentence: 0,
  pts: 0,
  lastOfSentence: false,
  lastOfReply: false,
  fence: true,
  payload: new Uint8Array(0),
};
