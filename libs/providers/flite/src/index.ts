export { createFlite, type Flite, type FliteOptions, type FliteStats } from './create-flite.js';
export { FLITE_VOICES, type FliteVoice } from './speech-protocol.js';
