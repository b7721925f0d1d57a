import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';
import { boundaryConfigs, guardedVendors, layerOf, mayDependOn } from './boundaries.mjs';

const root = join(import.meta.dirname, '..');

const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parser: tseslint.parser as never } }, ...boundaryConfigs],
});

/** What the lint says about this text, were it this file. */
const complaints = async (filePath: string, text: string): Promise<string[]> => {
  const results = await eslint.lintText(text, { filePath: join(root, filePath) });
  return results.flatMap(({ messages }) => messages.map(({ message }) => message));
};

const forms = (source: string): string[] => [
  `import { x } from '${source}'; x();`,
  `import type { X } from '${source}'; export const x: X = 1;`,
  `import '${source}';`,
  `export { x } from '${source}';`,
  `export type { X } from '${source}';`,
  `const x = await import('${source}'); x();`,
  `const x = await import(\`${source}\`); x();`,
  `type X = import('${source}').X; export const x: X = 1;`,
  `import x = require('${source}'); x();`,
  `const x = require('${source}'); x();`,
  `require.resolve('${source}');`,
];

const forbidden: [string, string][] = [
  ['libs/contracts/src/events.ts', '@parley/audio'],
  ['libs/audio/src/wav.ts', '@parley/contracts'],
  ['libs/ports/src/index.ts', '@parley/telemetry'],
  ['libs/telemetry/src/index.ts', '@parley/bus'],
  ['libs/bus/src/index.ts', '@parley/stage-kit'],
  ['libs/stage-kit/src/index.ts', '@parley/ports'],
  ['libs/client/src/index.ts', '@parley/audio'],
  ['libs/testing/src/index.ts', '@parley/stage-kit'],
  ['libs/providers/flite/src/index.ts', '@parley/telemetry'],
  ['libs/providers/flite/src/index.ts', '@parley/provider-openai'],
  ['services/stt/src/main.ts', '@parley/agent'],
  ['services/stt/src/main.ts', '@parley/testing'],
  ['services/stt/src/main.ts', '@parley/testing/enginesque'],
  ['services/stt/src/main.spec.ts', '@parley/agent'],
  ['tools/cli/src/main.ts', '@parley/stage-kit'],
  ['examples/sandwich-shop/src/index.ts', '@parley/contracts'],
  ['libs/contracts/src/events.ts', '@parley/contractsque'],
  ['services/stt/src/main.ts', '@nats-io/transport-node'],
  ['libs/testing/src/broker.int.spec.ts', '@nats-io/jetstream'],
  ['e2e/call.spec.ts', '@nats-io/transport-node'],
  ['libs/bus/src/index.ts', '@nestjs/common'],
  ['tools/cli/src/main.ts', '@nestjs/core'],
];

const allowed: [string, string][] = [
  ['libs/ports/src/index.ts', '@parley/audio'],
  ['libs/bus/src/index.ts', '@parley/telemetry'],
  ['libs/bus/src/index.ts', '@nats-io/jetstream'],
  ['libs/bus/src/session-bus.int.spec.ts', '@parley/testing'],
  ['libs/stage-kit/src/index.ts', '@nestjs/common'],
  ['libs/testing/src/broker.ts', '@parley/testing'],
  ['libs/providers/flite/src/flite.spec.ts', '@parley/ports/conformance'],
  ['services/agent/src/agent.module.ts', '@parley/provider-openai'],
  ['services/agent/src/agent.module.ts', '@parley/testing/engines'],
  ['services/agent/src/agent.module.ts', '@parley/example-sandwich-shop'],
  ['services/agent/src/agent.module.ts', '@nestjs/core'],
  ['services/agent/src/turn.spec.ts', '@parley/testing'],
  ['services/agent/spec-support/manual-clock.ts', '@parley/testing'],
  ['tools/cli/src/main.ts', '@parley/client'],
  ['examples/sandwich-shop/src/index.ts', '@parley/ports'],
  ['services/agent/src/main.ts', 'zod'],
  ['services/agent/src/main.ts', 'node:fs'],
];

describe('the lint of the one-way imports', () => {
  it.each(forbidden)('fails, in %s, every form of importing %s', async (file, source) => {
    for (const text of forms(source))
      expect({ text, said: await complaints(file, text) }).toMatchObject({ said: [expect.stringContaining('import')] });
  });

  it.each(allowed)('passes, in %s, every form of importing %s', async (file, source) => {
    for (const text of forms(source)) expect({ text, said: await complaints(file, text) }).toEqual({ text, said: [] });
  });

  it.each([
    ['libs/bus/index.ts', '../contracts/src/index.js'],
    ['libs/bus/src/index.ts', '../../contracts/src/index.js'],
    ['libs/bus/src/index.ts', './../../contracts/src/index.js'],
    ['libs/bus/src/feed/splice.ts', '../../../contracts/src/index.js'],
    ['libs/bus/src/a/b/c/d/e/f/deep.ts', '../../../../../../../../contracts/src/index.js'],
    ['libs/providers/flite/src/index.ts', '../../openai/src/index.js'],
    ['services/stt/src/main.spec.ts', '../../agent/src/main.js'],
    ['services/stt/spec-support/manual-clock.ts', '../../agent/src/main.js'],
    ['tools/cli/src/main.ts', '../../system.mjs'],
    ['libs/bus/src/index.ts', '/libs/contracts/src/index.js'],
  ])('fails a path that leaves the project, from %s to %s', async (file, source) => {
    for (const text of forms(source)) expect(await complaints(file, text)).toHaveLength(1);
  });

  it.each([
    ['libs/bus/src/index.ts', './session-bus.js'],
    ['libs/bus/src/feed/splice.ts', '../session-bus.js'],
    ['libs/bus/src/a/b/c/d/e/f/deep.ts', '../../../session-bus.js'],
    ['services/stt/src/main.ts', '../package.json'],
    ['e2e/call.spec.ts', '../tools/system.mjs'],
  ])('passes a path that stays inside the project, from %s to %s', async (file, source) => {
    for (const text of forms(source)) expect(await complaints(file, text)).toEqual([]);
  });

  it.each(['process.env.PORT;', 'const { env } = process; env.PORT;', `import { env } from 'node:process'; env.PORT;`])(
    'fails reading the environment outside *.config.ts: %s',
    async (text) => {
      expect(await complaints('services/stt/src/stt.worker.ts', text)).toEqual([
        expect.stringContaining('The environment is read in *.config.ts alone.'),
      ]);
      expect(await complaints('libs/providers/flite/src/index.ts', text)).toHaveLength(1);
    },
  );

  it.each([
    'services/stt/src/stt.config.ts',
    'libs/bus/src/bus.int.spec.ts',
    'tools/cli/src/main.ts',
    'e2e/call.spec.ts',
  ])('passes reading the environment in %s', async (file) => {
    expect(await complaints(file, 'process.env.PORT;')).toEqual([]);
  });

  it('fails "export *", as a whole and as a namespace', async () => {
    expect(await complaints('libs/audio/src/index.ts', `export * from './wav.js';`)).toHaveLength(1);
    expect(await complaints('libs/audio/src/index.ts', `export * as wav from './wav.js';`)).toHaveLength(1);
  });
});

interface Manifest {
  name: string;
  workspaces?: string[];
  dependencies?: Record<string, string>;
}

const manifestOf = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;

const projects = (manifestOf('.').workspaces ?? []).flatMap((pattern) => {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -2);
  return readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(root, folder, 'package.json')));
});

describe('the table of one-way imports', () => {
  it.each(projects)('has one layer for %s, which allows what its package.json depends on', (folder) => {
    const layer = layerOf(folder);
    expect(layer).toBeDefined();
    const names = Object.keys(manifestOf(folder).dependencies ?? {});
    const ours = names.filter((name) => name.startsWith('@parley/'));
    const vendors = guardedVendors.filter((vendor) => names.some((name) => name.startsWith(`${vendor}/`)));
    expect(ours.filter((name) => !mayDependOn(layer!, name))).toEqual([]);
    expect(vendors.filter((vendor) => !layer!.vendors?.includes(vendor))).toEqual([]);
  });

  it('refuses a dependency that is not in it', () => {
    const bus = layerOf('libs/bus')!;
    expect(mayDependOn(bus, '@parley/telemetry')).toBe(true);
    expect(mayDependOn(bus, '@parley/stage-kit')).toBe(false);
  });
});
