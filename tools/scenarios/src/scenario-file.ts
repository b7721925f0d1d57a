import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { scenarioSchema, type Scenario } from './scenario.js';
import { ScenariosError } from './scenarios-error.js';

/** Every scenario file below these paths, in order; a path may be a file itself. @throws {ScenariosError} `usage` */
export function scenarioFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(path, { throwIfNoEntry: false })) throw new ScenariosError('usage', `there is no ${path}`);
    if (statSync(path).isFile()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => name.endsWith('.yaml')).sort();
    return files.map((name) => join(path, name));
  });
}

/**
 * Reads scenarios from their files.
 * @param folder what their ids are relative to
 * @throws {ScenariosError} `invalid_file`, naming file, line and field of everything that is wrong in any of them
 */
export function readScenarios(files: readonly string[], folder: string): Scenario[] {
  const problems: string[] = [];
  const scenarios = files.flatMap((file) => {
    try {
      return [parseScenario(readFileSync(file, 'utf8'), file, idOf(file, folder))];
    } catch (error) {
      if (!(error instanceof ScenariosError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  const ids = scenarios.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice) problems.push(`${twice}: two files have this name`);
  if (problems.length > 0) throw new ScenariosError('invalid_file', problems.join('\n'));
  return scenarios;
}

/**
 * Reads one scenario.
 * @param file what the errors name
 * @throws {ScenariosError} `invalid_file`
 */
export function parseScenario(text: string, file: string, id: string): Scenario {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => `${file}:${lineAt(pos[0])}: ${message.split('\n')[0]}`);
    throw new ScenariosError('invalid_file', problems.join('\n'));
  }
  const lineOf = (path: readonly PropertyKey[]) => lineAt(offsetOf(document, path));
  const parsed = scenarioSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${file}:${lineOf(issue.path)}: ${sentenceOf(issue)}`);
    throw new ScenariosError('invalid_file', problems.join('\n'));
  }
  const lines = parsed.data.steps.map((_, index) => lineOf(['steps', index]));
  return { ...parsed.data, id, lines };
}

function idOf(file: string, folder: string): string {
  const path = relative(folder, file).replace(/\.yaml$/u, '');
  return path.startsWith('..') ? path.split(sep).slice(-2).join('/') : path.split(sep).join('/');
}

/** Where in the text a path leads, or as far as there is something of it. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: readonly number[] } | undefined;
    if (node?.range?.[0] !== undefined) return node.range[0];
  }
  return 0;
}

function sentenceOf({ path, message }: z.core.$ZodIssue): string {
  const field = path.reduce<string>(
    (said, part) => (typeof part === 'number' ? `${said}[${part}]` : said ? `${said}.${String(part)}` : String(part)),
    '',
  );
  return field ? `${field}: ${message}` : message;
}
