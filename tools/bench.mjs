import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './run.mjs';
import { startSystem } from './system.mjs';

if (!existsSync(join(root, 'tools/bench/dist/index.js'))) {
  console.error('Build first: npm run build');
  process.exit(1);
}
const { BenchError, USAGE, chartSvg, compareText, parseOptions, reportMarkdown, runBench } =
  await import('@parley/bench');

try {
  if (process.argv.includes('--help')) console.log(USAGE);
  else process.exit((await main()) ? 0 : 1);
} catch (error) {
  console.error(error instanceof BenchError ? `${error.message}\n\n${USAGE}` : (error.stack ?? String(error)));
  process.exit(error instanceof BenchError ? 2 : 1);
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  if (options.compare) {
    console.log(compareText(...options.compare.map(readReport)));
    return true;
  }
  const report = await runBench(options, start(options), (line) => console.error(line));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (options.markdown) writeFileSync(options.markdown, reportMarkdown(report));
  if (options.svg) writeFileSync(options.svg, chartSvg(report));
  console.log(reportMarkdown(report));
  return report.steps.every(({ isOnSchedule }) => isOnSchedule);
}

function start({ profileDir }) {
  if (!profileDir) return startSystem;
  const args = (service) => ['--cpu-prof', `--cpu-prof-dir=${join(resolve(profileDir), service)}`];
  const nodeArgs = Object.fromEntries(['gateway', 'stt', 'agent', 'tts'].map((service) => [service, args(service)]));
  return (settings) => startSystem({ ...settings, nodeArgs });
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new BenchError('usage', `${path} is no report: ${cause.message}`, { cause });
  }
}
