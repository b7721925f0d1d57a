import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { matrixOf, matrixText } from './fault-cells.mjs';
import { elapsed, say, step } from './progress.mjs';
import { root, run } from './run.mjs';
import { build, setUp } from './setup.mjs';
import { countJest, countScenarios, totalOf, totalLine } from './test-count.mjs';
import { ToolError } from './tool-error.mjs';

const cache = '.parley/test';
const deadlineMs = 20 * 60_000;

const steps = {
  build: () => passes(() => build()),
  lint: async () => {
    const eslint = await node('eslint', '.');
    const prettier = await node('prettier', '--check', '--log-level=warn', '.');
    return single(eslint && prettier);
  },
  types: async () => single(await node('tsc', '--noEmit', '-p', 'tsconfig.json')),
  contract: () =>
    generated('tools/generate-wire-contract.mjs', 'tools/generate-env-example.mjs', 'tools/generate-provider-docs.mjs'),
  // Most of them wait for sockets and timers: a core each.
  unit: () => jest('unit', '--maxWorkers=2'),
  faults: () => faults(),
  int: () => jest('int'),
  e2e: () => jest('e2e', '--runInBand'),
  scenarios: () => scenarios(),
};

const counts = [];
try {
  const names = stepsFrom(process.argv.slice(2));
  // The tests use every engine and a broker of their own, whatever is configured for `npm start`.
  await setUp({ env: {} });
  mkdirSync(join(root, cache), { recursive: true });
  for (const name of names) {
    const startedAtMs = performance.now();
    say(`\n── ${name}`);
    const count = await steps[name]();
    counts.push({ name, ...count, duration: elapsed(performance.now() - startedAtMs) });
  }
} catch (error) {
  say(error instanceof ToolError ? error.message : (error.stack ?? String(error)));
  counts.push({ name: 'setup', passed: 0, failed: 1, skipped: 0, duration: '' });
}
const total = totalOf(counts);
say('');
for (const { name, passed, failed, skipped, duration } of counts) {
  say(
    `${failed === 0 ? '✓' : '✗'} ${name.padEnd(9)} ${passed} passed, ${failed} failed, ${skipped} skipped  ${duration}`,
  );
}
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
say(totalLine(total));

function stepsFrom(args) {
  const unknown = args.filter((arg) => !(arg in steps));
  if (unknown.length > 0) {
    throw new ToolError(
      'ARGUMENT_UNKNOWN',
      `Unknown: ${unknown.join(' ')}. There are ${Object.keys(steps).join(', ')}.`,
    );
  }
  if (args.length === 0) return Object.keys(steps);
  const useWhatIsBuilt = ['e2e', 'contract', 'scenarios'].some((name) => args.includes(name));
  return Object.keys(steps).filter((name) => args.includes(name) || (name === 'build' && useWhatIsBuilt));
}

async function passes(work) {
  try {
    await step('Build', work);
    return single(true);
  } catch (error) {
    say(error.message);
    return single(false);
  }
}

// Whether what these scripts write is current.
async function generated(...scripts) {
  const results = [];
  for (const script of scripts) {
    const { code } = await run(process.execPath, [script, '--check'], { deadlineMs });
    results.push(single(code === 0));
  }
  return totalOf(results);
}

function single(passed) {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}

async function node(tool, ...args) {
  const { code } = await run(process.execPath, [`node_modules/.bin/${tool}`, ...args], { deadlineMs });
  return code === 0;
}

async function jest(project, ...args) {
  const file = `${cache}/${project}.json`;
  rmSync(join(root, file), { force: true });
  const flags = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const options = ['--selectProjects', project, '--json', '--outputFile', file, ...args];
  const { code } = await run(process.execPath, [...flags, ...options], { deadlineMs });
  return countJest(written(file), code);
}

async function faults() {
  const count = await jest('faults', '--maxWorkers=2');
  const results = written(`${cache}/faults.json`);
  say(matrixText(matrixOf(results)));
  return count;
}

async function scenarios() {
  const file = `${cache}/scenarios.json`;
  rmSync(join(root, file), { force: true });
  const { code } = await run(process.execPath, ['tools/scenarios.mjs', '--json', file], { deadlineMs });
  return countScenarios(written(file), code);
}

// What a step left of its results; undefined when it did not come so far.
function written(file) {
  return existsSync(join(root, file)) ? JSON.parse(readFileSync(join(root, file), 'utf8')) : undefined;
}
