import { describe, expect, it } from '@jest/globals';
import { mismatch } from './matching.js';

describe('what is wanted of an event', () => {
  it('is met by more fields than are named', () => {
    expect(mismatch({ reply: 1 }, { reply: 1, outcome: 'completed' })).toBeUndefined();
  });

  it.each([
    ['a text', 'tea', 'tea'],
    ['a pattern', '/^two .* club/i', 'Two turkey clubs'],
    ['a number in a range', { above: 300, below: 700 }, 412],
    ['a list', [{ item: 'tea' }, { item: 'soup' }], [{ item: 'tea', price: 3 }, { item: 'soup' }]],
    ['a field within a field', { result: { ok: true } }, { result: { ok: true, id: 7 } }],
  ])('is met by %s', (_, wanted, got) => {
    expect(mismatch(wanted, got)).toBeUndefined();
  });

  it.each([
    [{ reply: 1 }, { reply: 2 }, 'reply was 2'],
    [{ outcome: 'completed' }, {}, 'outcome was absent'],
    [{ transcript: '/tea/' }, { transcript: 'soup' }, 'transcript was "soup"'],
    [{ eouDelayMs: { below: 700 } }, { eouDelayMs: 900 }, 'eouDelayMs was 900'],
    [{ items: ['a'] }, { items: ['a', 'b'] }, 'items has 2 items, not 1'],
    [{ items: [{ of: 'a' }] }, { items: [{ of: 'b' }] }, 'items[0].of was "b"'],
    [{ result: { ok: true } }, { result: 'done' }, 'result was "done"'],
  ])('says where %j is not met by %j', (wanted, got, where) => {
    expect(mismatch(wanted, got)).toBe(where);
  });
});
