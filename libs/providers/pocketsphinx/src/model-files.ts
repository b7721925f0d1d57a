import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '@parley/ports';
import type { DecoderSetup } from './decoder-protocol.js';
import type { PocketsphinxOptions } from './pocketsphinx-options.js';

/** What to do when the engine or its model is not on this machine. */
export const INSTALL_HINT = 'install it with: apt-get install libpocketsphinx3 pocketsphinx-en-us';

const FOLDERS = ['/usr/share/pocketsphinx/model/en-us', '/usr/local/share/pocketsphinx/model/en-us'];

/**
 * Finds the files a decoder loads.
 * @throws {EngineError} `engine_missing` with what to install
 */
export async function findModelFiles(options: PocketsphinxOptions): Promise<DecoderSetup> {
  const { pronunciations = {} } = options;
  const folders = options.modelFolder === undefined ? FOLDERS : [options.modelFolder];
  for (const folder of folders) {
    const acousticModel = options.acousticModel ?? join(folder, 'en-us');
    const languageModel = options.languageModel ?? join(folder, 'en-us.lm.bin');
    const dictionary = options.dictionary ?? join(folder, 'cmudict-en-us.dict');
    const files = [join(acousticModel, 'mdef'), languageModel, dictionary];
    const found = await Promise.all(files.map(isReadable));
    if (found.every(Boolean)) return { acousticModel, languageModel, dictionary, pronunciations };
  }
  throw new EngineError(
    'engine_missing',
    `pocketsphinx: no complete model in ${folders.join(' or ')}; ${INSTALL_HINT}`,
    false,
  );
}

async function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
