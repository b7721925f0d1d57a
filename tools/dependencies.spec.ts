import { describe, expect, it } from '@jest/globals';
import { checkNode, dependenciesAreCurrent } from './dependencies.mjs';

describe('checkNode', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('accepts %s', (version) => {
    expect(() => checkNode(version)).not.toThrow();
  });

  it.each(['18.20.4', '20.18.3', '20.9.0'])('refuses %s in one sentence', (version) => {
    expect(() => checkNode(version)).toThrow(`Parley needs Node.js 20.19 or newer, and this is ${version}.`);
  });
});

describe('dependenciesAreCurrent', () => {
  const zod = { version: '4.6.7', integrity: 'sha512-a' };
  const lockfile = (packages: object) => JSON.stringify({ packages: { '': { name: 'parley' }, ...packages } });
  const installed = (packages: object) => JSON.stringify({ packages });

  it('holds when everything the lockfile names is there', () => {
    expect(dependenciesAreCurrent(lockfile({ 'node_modules/zod': zod }), installed({ 'node_modules/zod': zod }))).toBe(
      true,
    );
  });

  it('holds when an optional package for another platform is not there', () => {
    const foreign = { 'node_modules/x-win32': { version: '1.0.0', optional: true } };
    expect(dependenciesAreCurrent(lockfile(foreign), installed({}))).toBe(true);
  });

  it.each([
    ['nothing was ever installed', undefined],
    ['a package is not there', installed({})],
    ['a package has another version', installed({ 'node_modules/zod': { ...zod, version: '4.6.6' } })],
    ['a package has other contents', installed({ 'node_modules/zod': { ...zod, integrity: 'sha512-b' } })],
  ])('does not hold when %s', (_, record) => {
    expect(dependenciesAreCurrent(lockfile({ 'node_modules/zod': zod }), record)).toBe(false);
  });

  it('does not hold when a new project is not linked yet', () => {
    const link = { 'node_modules/@parley/bus': { resolved: 'libs/bus', link: true } };
    expect(dependenciesAreCurrent(lockfile(link), installed({}))).toBe(false);
  });
});
