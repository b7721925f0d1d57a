import { readFileSync } from 'node:fs';
import { WebRtcVoiceActivity, decodeWav } from '@parley/audio';
import { voiceActivityConformance } from './voice-activity-conformance.js';

const MENU = decodeWav(readFileSync(new URL('../../../../examples/audio/menu.wav', import.meta.url))).samples;

voiceActivityConformance('webrtc', () => new WebRtcVoiceActivity(), {
  sampleRateHz: 16_000,
  // 200 ms of silence before it, and 300 ms after it
  speech: MENU.subarray(3200, -4800),
});
