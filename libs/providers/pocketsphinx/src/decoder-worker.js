// @ts-check
// One decoder on its own thread, answering commands in order. It speaks the types in decoder-protocol.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { LibPocketsphinx } from './libpocketsphinx.js';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
/** @param {import('./decoder-protocol.js').DecoderReport} report */
const report = (report) => port.postMessage(report);

/** @param {unknown} error */
function reportLoadFailure(error) {
  const message = error instanceof Error ? error.message : String(error);
  const missing = /cannot open shared object|No such file/.test(message);
  report({ type: 'load_failed', missing, message });
  port.close();
}

/** @param {LibPocketsphinx} decoder */
function answer(decoder) {
  report({ type: 'ready' });
  port.on('message', (/** @type {import('./decoder-protocol.js').DecoderCommand} */ command) => {
    switch (command.type) {
      case 'prepare':
        report({ type: 'prepared', ignoredTerms: decoder.useTerms(command.terms) });
        break;
      case 'begin':
        report({ type: 'prepared', ignoredTerms: decoder.useTerms(command.terms) });
        decoder.start(command.mean);
        break;
      case 'decode':
        report({ type: 'decoded', samples: command.pcm.length, text: decoder.accept(command.pcm) });
        break;
      case 'finish':
        report({ type: 'finished', recognition: decoder.finish() });
        break;
      case 'abandon':
        decoder.end();
        report({ type: 'abandoned' });
        break;
      case 'quit':
        decoder.close();
        port.close();
        break;
    }
  });
}

let decoder;
try {
  decoder = new LibPocketsphinx(workerData);
} catch (error) {
  reportLoadFailure(error);
}
if (decoder) answer(decoder);
