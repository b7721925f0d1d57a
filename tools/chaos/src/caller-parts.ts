export { Microphone, type FrameSink } from './microphone.js';
export { Speaker, type FramePosition, type HeardPiece } from './speaker.js';
export { createListener, type Listener } from './materials/listener.js';
export { plainWords, recall } from './materials/alike.js';
export { checkVoiceOrder, type VoiceOrder } from './checks/voice-order.js';
export { percentiles } from './gaps.js';
