import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '..');
const skipped = new Set(['node_modules', 'dist', '.git', '.nx', '.parley']);

/** Every document of the repository, relative to its root. */
const documents = filesUnder(root, /\.md$/).map((path) => relative(root, path));
const sources = ['libs', 'services', 'tools', 'deploy', 'k8s', 'examples']
  .flatMap((folder) => filesUnder(join(root, folder), /\.(ts|mjs|ya?ml|json|conf)$|Dockerfile$/))
  .concat(['.env.example', 'docker-compose.yml'].map((name) => join(root, name)))
  .filter((path) => !path.endsWith('.spec.ts'))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

describe('the documents', () => {
  it.each(documents)('%s links only to files and headings that exist', (document) => {
    const broken = linksOf(document).filter((link) => !leadsSomewhere(document, link));
    expect(broken).toEqual([]);
  });

  it.each(documents)('%s names only settings that something reads', (document) => {
    const named = textOf(document).matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[`=]/g);
    const unknown = [...new Set([...named].map(([, name]) => name as string))].filter(
      (name) => !sources.includes(name),
    );
    expect(unknown).toEqual([]);
  });

  it('notices a link to a file or heading that is not there', () => {
    expect(leadsSomewhere('README.md', 'docs/none.md')).toBe(false);
    expect(leadsSomewhere('README.md', 'docs/operations.md#none')).toBe(false);
    expect(leadsSomewhere('README.md', 'docs/operations.md#settings')).toBe(true);
  });
});

function filesUnder(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (skipped.has(name)) return [];
    if (statSync(path).isDirectory()) return filesUnder(path, pattern);
    return pattern.test(name) ? [path] : [];
  });
}

function textOf(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}

/** Links without those to the web, and without code. */
function linksOf(document: string): string[] {
  const prose = textOf(document)
    .replace(/```[\s\S]*?```/g, '')
    .replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link as string)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const target = path ? join(dirname(document), path) : document;
  if (!existsSync(join(root, target))) return false;
  return heading === undefined || headingsOf(target).has(heading);
}

function headingsOf(document: string): Set<string> {
  const headings = textOf(document).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      (heading as string)
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replace(/ /g, '-'),
    ),
  );
}
