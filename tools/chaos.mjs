import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXAMPLE_KEY_TERMS } from './example-call.mjs';
import { root } from './run.mjs';
import { mayReprioritize } from './start-priority.mjs';
import { startSystem } from './system.mjs';

const help = process.argv.includes('--help');

if (!existsSync(join(root, 'tools/chaos/dist/index.js'))) {
  console.error('Build first: npm run build');
  process.exit(1);
}
const { ChaosError, USAGE, isOnTime, parseOptions, planHash, planOf, reportText, runChaos } =
  await import('@parley/chaos');

try {
  if (help) console.log(USAGE);
  else await main();
} catch (error) {
  console.error(error instanceof ChaosError ? `${error.message}\n\n${USAGE}` : (error.stack ?? String(error)));
  process.exit(error instanceof ChaosError ? 2 : 1);
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  const plan = planOf(options);
  console.error(`${plan.length} faults, plan ${planHash(plan)}`);
  if (options.planOnly) return console.log(plan.map((fault) => JSON.stringify(fault)).join('\n'));
  const report = await runChaos(options, startSystem, {
    startsBehind: mayReprioritize(),
    real: { keyTerms: EXAMPLE_KEY_TERMS, clip },
    say: (line) => console.error(line),
  });
  console.log(reportText(report));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  process.exit(report.ok ? 0 : isOnTime(report) ? 1 : 3);
}

async function clip(name) {
  const { decodeWav } = await import('@parley/audio');
  return decodeWav(await readFile(join(root, `examples/audio/${name}.wav`))).samples;
}
