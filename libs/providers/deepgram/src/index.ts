export { createDeepgram, type DeepgramOptions } from './create-deepgram.js';
export { createDeepgramFlux, type DeepgramFluxOptions } from './create-deepgram-flux.js';
export type { DeepgramConnectionOptions } from './deepgram-options.js';
