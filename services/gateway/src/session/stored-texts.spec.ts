import { describe, expect, it } from '@jest/globals';
import { StoredTexts } from './stored-texts.js';

describe('StoredTexts', () => {
  it('stores a text once, however often it comes, and every time without an id', async () => {
    const texts = new StoredTexts();
    let stored = 0;
    const store = async () => void stored++;
    await Promise.all([texts.once('a', store), texts.once('a', store)]);
    await texts.once('a', store);
    expect(stored).toBe(1);
    await texts.once(undefined, store);
    await texts.once(undefined, store);
    expect(stored).toBe(3);
  });

  it('does not store what the log has', async () => {
    const texts = new StoredTexts();
    texts.note('a');
    texts.note(undefined);
    await texts.once('a', () => Promise.reject(new Error('stored again')));
  });

  it('tries again what could not be stored', async () => {
    const texts = new StoredTexts();
    await expect(texts.once('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    let stored = 0;
    await texts.once('a', async () => void stored++);
    expect(stored).toBe(1);
  });
});
