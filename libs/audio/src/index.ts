export { AudioError, type AudioErrorCode } from './audio-error.js';
export { bytesToPcm, copyBytesToPcm, copyPcmToBytes, PcmByteStream, pcmToBytes } from './pcm-bytes.js';
export {
  BYTES_PER_SAMPLE,
  bytesToMs,
  bytesToSamples,
  msToBytes,
  msToSamples,
  samplesToBytes,
  samplesToMs,
} from './pcm-duration.js';
export { dtmfTones } from './dtmf.js';
export { peakDbfs, rmsDbfs } from './pcm-level.js';
export { concatPcm, downmixToMono, silencePcm } from './pcm-assembly.js';
export { nearestRate } from './nearest-rate.js';
export { PcmWindows } from './pcm-windows.js';
export { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.js';
export { decodeWav, type WavAudio } from './wav-decode.js';
export { encodeWav } from './wav-encode.js';
export { openResampler, type Resampler, type ResamplerOptions } from './resampler.js';
export type { ResamplerQuality } from './converter-pool.js';
export { ChunkQueue, type ChunkQueueOptions, type WhenFull } from './chunk-queue.js';
export {
  JitterBuffer,
  type JitterBufferCounts,
  type JitterBufferOptions,
  type JitterBufferVerdict,
} from './jitter-buffer.js';
export {
  WebRtcVoiceActivity,
  type WebRtcVoiceActivityDetector,
  type WebRtcVoiceActivityOptions,
} from './webrtc-voice-activity.js';
export { SpeechSegmenter, type SpeechBoundary, type SpeechSegmenterOptions } from './speech-segmenter.js';
export { PreRoll, type PreRollOptions } from './pre-roll.js';
