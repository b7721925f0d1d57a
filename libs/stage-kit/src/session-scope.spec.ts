import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { deadline } from '@parley/testing';
import { transform } from '@swc/core';

/** Runs a script in a process of its own whose crashes are attributed; gives what it printed and its exit code. */
async function run(script: string): Promise<{ lines: string[]; code: number | null }> {
  const source = await readFile(join(import.meta.dirname, 'session-scope.ts'), 'utf8');
  const { code: module } = await transform(source, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } });
  const whole = `${module}
    const scope = (name) => ({ crash: (error) => console.log(name, error.message) });
    attributeCrashes((error) => { console.log('fatal', error.message); process.exit(3); });
    ${script}
    setTimeout(() => console.log('alive'), 100);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', whole], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (part: Buffer) => (printed += String(part)));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const code = await deadline(exited, 20_000, 'end of the script').finally(() => child.kill('SIGKILL'));
  return { lines: printed.trim().split('\n').sort(), code };
}

describe('attributeCrashes', () => {
  it('gives errors of timers, promises and emitters to the session that began them, and lets the process live', async () => {
    const { lines, code } = await run(`
      runInScope(scope('a'), () => setTimeout(() => { throw new Error('timer'); }, 5));
      runInScope(scope('b'), () => void (async () => { await null; throw new Error('promise'); })());
      runInScope(scope('c'), () => setImmediate(() => void Promise.reject(new Error('rejection'))));
      const fs = await import('node:fs');
      runInScope(scope('d'), () => fs.createReadStream('/does/not/exist').on('close', () => {}));
    `);
    expect(lines).toEqual([
      'a timer',
      'alive',
      'b promise',
      'c rejection',
      "d ENOENT: no such file or directory, open '/does/not/exist'",
    ]);
    expect(code).toBe(0);
  });

  it.each([
    ['an error', `setTimeout(() => { throw new Error('alone'); }, 5);`],
    ['a rejection', `void Promise.reject(new Error('alone'));`],
  ])('calls %s that is of no session fatal', async (_, script) => {
    expect(await run(`runInScope(scope('a'), () => {}); ${script}`)).toEqual({ lines: ['fatal alone'], code: 3 });
  });
});
