import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLE_KEY_TERMS } from './example-call.mjs';
import { root } from './run.mjs';
import { startSystem } from './system.mjs';

if (!existsSync(join(root, 'tools/scenarios/dist/index.js'))) {
  console.error('Build first: npm run build');
  process.exit(1);
}
const scenarios = await import('@parley/scenarios');

const surroundings = { startSystem, keyTerms: EXAMPLE_KEY_TERMS, recordings: join(root, 'examples/audio') };
const folder = join(root, 'tools/scenarios/scenarios');

try {
  if (process.argv.includes('--help')) console.log(scenarios.USAGE);
  else process.exit((await main()) ? 0 : 1);
} catch (error) {
  const { ScenariosError, USAGE } = scenarios;
  if (!(error instanceof ScenariosError)) console.error(error.stack ?? String(error));
  else console.error(error.code === 'usage' ? `${error.message}\n\n${USAGE}` : error.message);
  process.exit(error instanceof ScenariosError ? 2 : 1);
}

async function main() {
  const options = scenarios.parseOptions(process.argv.slice(2));
  if (options.measure) {
    const { lines, ok } = await scenarios.runMeasure(options.measure, options.atOnce, surroundings);
    console.log(lines.join('\n'));
    return ok;
  }
  const files = scenarios.scenarioFiles(options.paths.length > 0 ? options.paths : [folder]);
  const all = scenarios.readScenarios(files, folder);
  const wanted = all.filter(({ engines }) => options.engines === undefined || engines === options.engines);
  const report = await scenarios.runScenarios(wanted, options, surroundings, (line) => console.log(line));
  const count = scenarios.totalOf(report);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(count)}\n`);
  console.log(scenarios.reportText(report));
  return count.failed === 0 && count.passed > 0;
}
