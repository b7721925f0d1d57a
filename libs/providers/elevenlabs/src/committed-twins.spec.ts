import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CommittedTwins } from './committed-twins.js';

const ITEMS = [{ text: 'x' }];
let settled: string[];
let twins: CommittedTwins;

beforeEach(() => {
  jest.useFakeTimers();
  settled = [];
  twins = new CommittedTwins(true, (text, items) => settled.push(`${text}${items ? ' with times' : ''}`));
});
afterEach(() => {
  jest.useRealTimers();
});

describe('CommittedTwins', () => {
  it('settles a segment with its times, whichever message comes first', () => {
    twins.takePlain('Yes.');
    twins.takeTimed('Yes.', ITEMS);
    twins.takeTimed('No.', ITEMS);
    twins.takePlain('No.');
    twins.takePlain('Yes.');
    twins.takeTimed('Yes.', ITEMS);
    jest.runAllTimers();
    expect(settled).toEqual(['Yes. with times', 'No. with times', 'Yes. with times']);
  });

  it('settles a segment without times when they do not come, and passes them over when they are late', () => {
    twins.takePlain('Yes.');
    jest.runAllTimers();
    twins.takeTimed('Yes.', ITEMS);
    twins.takePlain('No.');
    twins.takePlain('Maybe.');
    jest.runAllTimers();
    expect(settled).toEqual(['Yes.', 'No.', 'Maybe.']);
  });

  it('settles a segment in which nothing was said at once, and loses none after it', () => {
    twins.takePlain('');
    expect(settled).toEqual(['']);
    twins.takePlain('Yes.');
    twins.takeTimed('', []);
    twins.takeTimed('Yes.', ITEMS);
    jest.runAllTimers();
    expect(settled).toEqual(['', 'Yes. with times']);
  });

  it('says nothing after it was closed', () => {
    twins.takePlain('Yes.');
    twins.close();
    jest.runAllTimers();
    expect(settled).toEqual([]);
  });
});
