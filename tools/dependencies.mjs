import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';
import { ToolError } from './tool-error.mjs';

const oldestNode = [20, 19];

/**
 * @param {string} version of Node.js, such as `20.19.0`
 * @throws {ToolError} NODE_TOO_OLD
 */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new ToolError('NODE_TOO_OLD', `Parley needs Node.js ${oldestNode.join('.')} or newer, and this is ${version}.`);
}

/**
 * Whether what is installed is what the lockfile asks for. npm leaves its own record of an installation in
 * `node_modules/.package-lock.json`, written last, so an interrupted installation has none. Optional packages for other
 * platforms are rightly absent from it.
 *
 * @param {string | undefined} lockfile text of `package-lock.json`
 * @param {string | undefined} installed text of `node_modules/.package-lock.json`
 */
export function dependenciesAreCurrent(lockfile, installed) {
  if (lockfile === undefined || installed === undefined) return false;
  const wanted = JSON.parse(lockfile).packages;
  const present = JSON.parse(installed).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity && found.link === entry.link;
  });
}

/**
 * Installs what the lockfile names, unless it is there.
 *
 * @param {AbortSignal} [signal] ends the installation
 * @returns {Promise<string>} what was done
 * @throws {ToolError} DEPENDENCIES_FAILED
 */
export async function installDependencies(signal) {
  const lockfile = textOf('package-lock.json');
  if (dependenciesAreCurrent(lockfile, textOf('node_modules/.package-lock.json'))) return 'up to date';
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const { code, output } = await run(command, [...args, 'ci', '--include=dev', '--no-progress'], {
    quiet: true,
    signal,
  });
  if (code === 0) return 'installed';
  throw new ToolError('DEPENDENCIES_FAILED', `"npm ci" failed:\n${reasonIn(output)}`);
}

// npm says the reason first, and ends with its usage.
function reasonIn(output) {
  const errors = output.split('\n').filter((line) => line.startsWith('npm error ') && line.length > 10);
  return errors.slice(0, 8).join('\n');
}

function textOf(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
