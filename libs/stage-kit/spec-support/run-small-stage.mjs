// A process that is a small stage, run from its sources: see small-stage.ts.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
await import('./small-stage.ts');
