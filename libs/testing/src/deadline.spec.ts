import { describe, expect, it } from '@jest/globals';
import { deadline, eventually } from './deadline.js';

describe('deadline', () => {
  it('gives what the promise gives', async () => {
    expect(await deadline(Promise.resolve(7), 1000, 'seven')).toBe(7);
  });

  it('names what did not come', async () => {
    const never = new Promise(() => {});
    await expect(deadline(never, 5, 'reply')).rejects.toMatchObject({
      code: 'deadline_exceeded',
      message: 'no reply within 5 ms',
    });
  });
});

describe('eventually', () => {
  it('tries again after throws and falsy values, and gives the first truthy one', async () => {
    const attempts = [() => undefined, () => Promise.reject(new Error('not yet')), () => 'here'];
    expect(await eventually(() => attempts.shift()?.(), { what: 'value', intervalMs: 1 })).toBe('here');
  });

  it('says what it saw last when the time is up', async () => {
    const attempt = () => {
      throw new Error('expected 2 frames');
    };
    await expect(eventually(attempt, { what: 'frames', deadlineMs: 5, intervalMs: 1 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
      message: 'no frames within 5 ms: expected 2 frames',
    });
  });

  it('does not wait longer for an attempt that hangs', async () => {
    const hang = () => new Promise<boolean>(() => {});
    await expect(eventually(hang, { what: 'answer', deadlineMs: 20 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
  });
});
