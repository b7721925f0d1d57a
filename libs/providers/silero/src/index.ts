export { createSilero, type SileroOptions } from './create-silero.js';
