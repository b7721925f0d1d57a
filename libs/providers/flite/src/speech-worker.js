// @ts-check
// libflite on its own thread. It speaks the types in speech-protocol.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { LibFlite } from './libflite.js';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
/** @param {import('./speech-protocol.js').SpeechReport} report @param {ArrayBuffer[]} transfer */
const report = (report, transfer = []) => port.postMessage(report, transfer);

/** @param {LibFlite} flite */
function answer(flite) {
  report({ type: 'ready' });
  port.on('message', (/** @type {import('./speech-protocol.js').SpeechCommand} */ command) => {
    if (command.type === 'quit') {
      port.close();
      return;
    }
    const onChunk = (/** @type {Int16Array} */ pcm) => {
      report({ type: 'chunk', pcm }, [/** @type {ArrayBuffer} */ (pcm.buffer)]);
      return Atomics.load(command.stop, 0) === 0;
    };
    flite.speak(command.text, command.voice, onChunk, (words) => report({ type: 'words', words }));
    report({ type: 'spoken' });
  });
}

let flite;
try {
  flite = new LibFlite(/** @type {import('./speech-protocol.js').SpeechSetup} */ (workerData).voices);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  report({ type: 'load_failed', missing: /cannot open shared object|No such file/.test(message), message });
  port.close();
}
if (flite) answer(flite);
