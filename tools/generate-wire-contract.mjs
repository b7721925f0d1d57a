// Writes docs/wire-contract from the contracts library, which must have been built.
// With --check nothing is written, and the exit code is 1 when something there is not current.
import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { buildDocument } from './wire-contract/document.mjs';
import { buildTables, fillPage } from './wire-contract/tables.mjs';

const place = (name) => fileURLToPath(new URL(`../docs/wire-contract/${name}`, import.meta.url));
const read = (file) => readFile(file, 'utf8').catch(() => '');

const page = place('README.md');
const wanted = [
  [place('asyncapi.json'), JSON.stringify(buildDocument())],
  [page, fillPage(await read(page), buildTables())],
];

const isCheck = process.argv.includes('--check');
for (const [file, text] of wanted) {
  const formatted = await format(text, { ...(await resolveConfig(file)), filepath: file });
  if (formatted === (await read(file))) continue;
  const name = relative(process.cwd(), file);
  if (isCheck) {
    console.error(`${name} is not current: run npm run contract:generate`);
    process.exitCode = 1;
  } else {
    await writeFile(file, formatted);
    console.log(`wrote ${name}`);
  }
}
