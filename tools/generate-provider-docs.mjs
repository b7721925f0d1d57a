// Writes the settings of every provider into docs/providers.md from their schemas, which must have been built.
// With --check nothing is written, and the exit code is 1 when the file is not current.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROVIDER_SETTINGS } from '@parley/ports';
import * as prettier from 'prettier';
import { z } from 'zod';
import { root } from './run.mjs';

const path = join(root, 'docs/providers.md');
const [begin, end] = ['<!-- settings: npm run providers:generate -->', '<!-- end of settings -->'];
const titles = { stt: 'Speech to text', llm: 'Language models', tts: 'Text to speech' };

const text = await readFile(path, 'utf8');
const [before, rest] = text.split(begin);
const after = rest?.split(end)[1];
if (after === undefined) throw new Error(`${path} has no "${begin}" and "${end}"`);
const options = { ...(await prettier.resolveConfig(path)), filepath: path };
const wanted = await prettier.format(`${before}${begin}\n\n${sections().join('\n\n')}\n\n${end}${after}`, options);
if (process.argv.includes('--check')) {
  if (wanted !== text) console.error('docs/providers.md is not current: npm run providers:generate');
  process.exitCode = wanted === text ? 0 : 1;
} else {
  await writeFile(path, wanted);
  console.log('wrote docs/providers.md');
}

function sections() {
  return Object.entries(PROVIDER_SETTINGS).flatMap(([port, providers]) =>
    Object.entries(providers)
      .map(([name, schema]) => [name, Object.entries(z.toJSONSchema(schema, { io: 'input' }).properties ?? {})])
      .filter(([, settings]) => settings.length > 0)
      .map(([name, settings]) => {
        const rows = settings.map(([key, schema]) => `| \`${key}\` | ${typeOf(schema)} | ${defaultOf(schema)} | ${cell(schema.description)} |`); // prettier-ignore
        return `### ${titles[port]}: ${name}\n\n| setting | is | default | |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
      }),
  );
}

function typeOf({ type, enum: values, minimum, maximum, items, anyOf }) {
  if (values) return values.map((value) => `\`${value}\``).join(', ');
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (type === 'array') return `list of ${items?.type ?? 'values'}s`;
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const least = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  if (least !== undefined && most !== undefined) return `${type}, ${least} to ${most}`;
  return least === undefined ? (type ?? 'value') : `${type}, ${least} or more`;
}

function defaultOf({ default: value }) {
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
}

function cell(description = '') {
  return description.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
