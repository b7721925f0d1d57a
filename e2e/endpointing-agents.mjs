import { defineAgent } from '@parley/ports';

const said = { instructions: 'Say what you heard.', tools: [], initialState: {} };

/** Turns end by silence, as the words ask for. */
export const silent = defineAgent({ ...said, name: 'by-silence', keyTerms: ['turkey club'] });
/** Turns end when the engine says so. */
export const engine = defineAgent({ ...said, name: 'by-engine', endpointing: { by: 'engine' } });
/** Push to talk. */
export const manual = defineAgent({ ...said, name: 'by-hand', endpointing: { by: 'manual' } });
