import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { lastLines, run } from './run.mjs';
import { ToolError } from './tool-error.mjs';

/**
 * What runs beside Node.js. `needed` depends on the configuration, `present` on the machine, `packages` are Debian's,
 * `instead` is how to do without.
 */
export const nativePrograms = [
  {
    name: 'nats-server 2.9 or newer',
    packages: ['nats-server'],
    needed: (env) => !env.NATS_URL,
    present: () => findProgram('nats-server') !== undefined,
    instead: 'set NATS_URL to a broker with JetStream',
  },
  {
    name: 'PocketSphinx (libpocketsphinx.so.3) with its US English model',
    packages: ['libpocketsphinx3', 'pocketsphinx-en-us'],
    needed: (env) => isInChain(env.STT_ENGINE, 'pocketsphinx'),
    present: () => hasLibrary('libpocketsphinx.so.3') && existsSync('/usr/share/pocketsphinx/model/en-us/en-us'),
    instead: 'set STT_ENGINE to another engine',
  },
  {
    name: 'Flite 2 (libflite.so.1)',
    packages: ['libflite1'],
    needed: (env) => isInChain(env.TTS_ENGINE, 'flite'),
    present: () => hasLibrary('libflite.so.1') && hasLibrary('libflite_cmu_us_slt.so.1'),
    instead: 'set TTS_ENGINE to another engine',
  },
];

// Whether a chain has the engine of this machine, which is also called local and is the default.
function isInChain(chain, engine) {
  const names = (chain || engine).split('>').map((name) => name.trim());
  return names.includes(engine) || names.includes('local');
}

/** Where a program is: the PATH, then the system folders a user's PATH may lack. */
export function findProgram(name, path = process.env.PATH ?? '') {
  return [...path.split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

/**
 * Makes sure of everything the configuration needs, installing Debian packages where this user may.
 *
 * @param {Record<string, string | undefined>} env which engines and broker are configured
 * @param {AbortSignal} [signal] ends the installation
 * @returns {Promise<string>} what was done
 * @throws {ToolError} PROGRAMS_MISSING
 */
export async function installNativePrograms(env, signal) {
  const missing = missingPrograms(env);
  if (missing.length === 0) return 'up to date';
  const packages = missing.flatMap((program) => program.packages);
  if (findProgram('apt-get') === undefined) throw new ToolError('PROGRAMS_MISSING', sentenceWithoutApt(missing));
  const asRoot = await rootPrefix();
  if (asRoot === undefined) throw new ToolError('PROGRAMS_MISSING', sentenceWithoutRoot(packages));

  const [command, ...prefix] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { code, output } = await run(command, [...prefix, ...args], { quiet: true, signal });
    if (code !== 0) {
      throw new ToolError('PROGRAMS_MISSING', `"apt-get ${args.join(' ')}" failed:\n${lastLines(output, 10)}`);
    }
  }
  if (packages.includes('nats-server')) await stopPackagedBroker(asRoot);
  const stillMissing = missingPrograms(env);
  if (stillMissing.length > 0) throw new ToolError('PROGRAMS_MISSING', sentenceWithoutApt(stillMissing));
  return `installed ${packages.join(', ')}`;
}

/** What to tell someone on a system without apt-get. */
export function sentenceWithoutApt(missing) {
  const wishes = missing.map(({ name, instead }) => `${name} (or ${instead})`);
  return `Parley needs, and did not find: ${wishes.join('; ')}. Install this with the system's package manager.`;
}

/** What to tell someone who may not install packages. */
export function sentenceWithoutRoot(packages) {
  const install = `sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  return `Parley needs packages that only root can install, so run this first: sudo apt-get update && ${install}`;
}

function missingPrograms(env) {
  return nativePrograms.filter((program) => program.needed(env) && !program.present());
}

async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const { code } = await run('sudo', ['-n', 'true'], { quiet: true });
  return code === 0 ? ['sudo', '-n'] : undefined;
}

// Debian's package starts a broker on the default port, without JetStream; it would stand in the way of ours.
async function stopPackagedBroker(asRoot) {
  if (!existsSync('/run/systemd/system')) return;
  const [command, ...args] = [...asRoot, 'systemctl', 'disable', '--now', 'nats-server.service'];
  const { code, output } = await run(command, args, { quiet: true });
  if (code !== 0) throw new ToolError('PROGRAMS_MISSING', `The packaged broker stays on:\n${lastLines(output, 5)}`);
}

function hasLibrary(file) {
  const named = (process.env.LD_LIBRARY_PATH ?? '').split(delimiter).filter(Boolean);
  const system = ['/usr/local/lib', '/usr/lib', '/usr/lib64', '/lib', '/lib64'];
  return [...named, ...system, ...system.flatMap(foldersIn)].some((folder) => existsSync(join(folder, file)));
}

function foldersIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}
