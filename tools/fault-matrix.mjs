// Every provider's adapter against every fault that its emulator knows: one cell each, and their counts on the last line.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { matrixOf, matrixText } from './fault-cells.mjs';
import { say } from './progress.mjs';
import { root, run } from './run.mjs';
import { setUp } from './setup.mjs';

const file = '.parley/test/faults.json';
const deadlineMs = 10 * 60_000;

await setUp({ env: {} });
mkdirSync(dirname(join(root, file)), { recursive: true });
rmSync(join(root, file), { force: true });
const jest = [
  '--experimental-vm-modules',
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  '--selectProjects',
  'faults',
];
await run(process.execPath, [...jest, '--json', '--outputFile', file, ...process.argv.slice(2)], { deadlineMs });
const results = existsSync(join(root, file)) ? JSON.parse(readFileSync(join(root, file), 'utf8')) : undefined;
const matrix = matrixOf(results);
say(matrixText(matrix));
process.exitCode = matrix.failed === 0 && matrix.passed > 0 ? 0 : 1;
