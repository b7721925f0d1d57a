export { createPocketsphinx, type Pocketsphinx } from './create-pocketsphinx.js';
export type { PocketsphinxOptions, PocketsphinxStats } from './pocketsphinx-options.js';
