import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadAgents } from './agent-catalog.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agents-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
/** A module with this text. @returns its absolute path */
async function moduleOf(text: string): Promise<string> {
  const path = join(folder, `module-${++files}.mjs`);
  await writeFile(path, text);
  return path;
}
const agent = (name: string, instructions = 'Help.', tools = '[]') =>
  `{ name: '${name}', instructions: '${instructions}', tools: ${tools}, initialState: {} }`;
const invalid = (message: RegExp) =>
  expect.objectContaining({ code: 'agent_module_invalid', retryable: false, message: expect.stringMatching(message) });

describe('loadAgents', () => {
  it('takes every agent that a package exports', async () => {
    const agents = await loadAgents(['@parley/example-sandwich-shop']);
    expect([...agents.keys()]).toEqual(['sandwich-shop']);
  });

  it('takes files by absolute and by relative path, and every agent in them', async () => {
    const one = await moduleOf(`export const a = ${agent('a')}; export const b = ${agent('b')};`);
    const two = await moduleOf(`export default ${agent('c')};`);
    const agents = await loadAgents([one, `./${relative(process.cwd(), two)}`]);
    expect([...agents.keys()].toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('passes over exports that are no agents', async () => {
    const path = await moduleOf(`export const a = ${agent('a')}; export const n = 1; export const no = null;`);
    expect([...(await loadAgents([path])).keys()]).toEqual(['a']);
  });

  it('keeps the first of two agents of one name', async () => {
    const first = await moduleOf(`export const a = ${agent('a', 'First.')};`);
    const second = await moduleOf(`export const a = ${agent('a', 'Second.')};`);
    expect((await loadAgents([first, second])).get('a')?.instructions).toBe('First.');
  });

  it('refuses no module at all', async () => {
    await expect(loadAgents([])).rejects.toEqual(invalid(/names no module/));
  });

  it.each(['@parley/no-such-agents', './no-such-file.mjs'])('refuses %s, which is not there', async (specifier) => {
    await expect(loadAgents([specifier])).rejects.toEqual(invalid(/cannot be loaded/));
  });

  it.each<[string, string, RegExp]>([
    ['exports no agent', 'export const n = 1;', /exports no agent: use defineAgent/],
    ['throws', "throw new Error('out of bread');", /cannot be loaded: out of bread/],
    [
      'has two tools of one name',
      `export const a = ${agent('a', 'Help.', "[{ name: 't' }, { name: 't' }]")};`,
      /cannot be used: .*two tools named "t"/,
    ],
    [
      'has a tool that no model can call',
      `export const a = ${agent('a', 'Help.', "[{ name: 'my tool' }]")};`,
      /tool name "my tool"/,
    ],
    [
      'leaves a message and has none',
      `export const a = { ...${agent('a')}, outgoing: { voicemail: { do: 'leave_message' } } };`,
      /outgoing\.voicemail\.message: leave_message needs the message that is left/,
    ],
    ['greets with nothing', `export const a = { ...${agent('a')}, greeting: ' ' };`, /cannot be used: .*greeting/],
  ])('refuses a module that %s', async (_, text, message) => {
    await expect(loadAgents([await moduleOf(text)])).rejects.toEqual(invalid(message));
  });
});
