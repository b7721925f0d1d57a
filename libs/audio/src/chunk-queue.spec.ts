import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ChunkQueue, type ChunkQueueOptions } from './chunk-queue.js';

interface Chunk {
  id: number;
  ms: number;
}

const queueOf = (options: Partial<ChunkQueueOptions<Chunk>> = {}) =>
  new ChunkQueue<Chunk>({ maxMs: 100, maxChunks: 10, whenFull: 'refuse', durationMs: (chunk) => chunk.ms, ...options });

const chunk = (id: number, ms = 20): Chunk => ({ id, ms });

async function readAll(queue: ChunkQueue<Chunk>): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of queue) ids.push(id);
  return ids;
}

/** Whether `promise` is settled once all that can run without new input has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('ChunkQueue', () => {
  it('hands chunks over in order and ends after what is buffered when closed', async () => {
    const queue = queueOf();
    expect([1, 2, 3].map((id) => queue.push(chunk(id)))).toEqual([true, true, true]);
    expect([queue.bufferedMs, queue.bufferedChunks]).toEqual([60, 3]);
    queue.close();
    expect(await readAll(queue)).toEqual([1, 2, 3]);
    expect([queue.bufferedMs, queue.bufferedChunks, queue.droppedChunks]).toEqual([0, 0, 0]);
  });

  it('wakes a reader that waits, for a chunk and for the end', async () => {
    const queue = queueOf();
    const reading = readAll(queue);
    expect(await isSettled(reading)).toBe(false);
    queue.push(chunk(1));
    expect(await isSettled(reading)).toBe(false);
    queue.close();
    expect(await reading).toEqual([1]);
  });

  it('refuses what does not fit and leaves it to the writer', () => {
    const queue = queueOf({ maxMs: 50 });
    expect([1, 2, 3].map((id) => queue.push(chunk(id)))).toEqual([true, true, false]);
    expect([queue.refusedChunks, queue.droppedChunks, queue.bufferedMs]).toEqual([1, 0, 40]);
  });

  it('drops the oldest until the new one fits, and counts what it dropped', async () => {
    const queue = queueOf({ maxMs: 50, whenFull: 'drop-oldest' });
    for (const id of [1, 2]) queue.push(chunk(id));
    expect(queue.push(chunk(3, 50))).toBe(true);
    expect([queue.droppedMs, queue.droppedChunks, queue.refusedChunks]).toEqual([40, 2, 0]);
    queue.close();
    expect(await readAll(queue)).toEqual([3]);
  });

  it('is bounded by chunks as well, however short they are', () => {
    const refusing = queueOf({ maxChunks: 2 });
    expect([1, 2, 3].map((id) => refusing.push(chunk(id, 0)))).toEqual([true, true, false]);
    const dropping = queueOf({ maxChunks: 2, whenFull: 'drop-oldest' });
    expect([1, 2, 3].map((id) => dropping.push(chunk(id, 0)))).toEqual([true, true, true]);
    expect([dropping.bufferedChunks, dropping.droppedChunks]).toEqual([2, 1]);
  });

  it('refuses a chunk longer than the whole queue without dropping others for it', () => {
    const queue = queueOf({ whenFull: 'drop-oldest' });
    queue.push(chunk(1));
    expect(queue.push(chunk(2, 101))).toBe(false);
    expect([queue.bufferedChunks, queue.droppedChunks, queue.refusedChunks]).toEqual([1, 0, 1]);
  });

  it('lets a writer wait until there is room', async () => {
    const queue = queueOf({ maxMs: 40 });
    queue.push(chunk(1));
    queue.push(chunk(2));
    const below = queue.whenBelow(30);
    expect(await isSettled(below)).toBe(false);
    const reader = queue[Symbol.asyncIterator]();
    await reader.next();
    await below;
    expect(queue.push(chunk(3))).toBe(true);
    await queue.whenBelow(41);
  });

  it.each<[string, (queue: ChunkQueue<Chunk>) => void]>([
    ['close', (queue) => queue.close()],
    ['fail', (queue) => queue.fail(new Error('gone'))],
    ['clear', (queue) => queue.clear()],
  ])('releases a waiting writer on %s', async (_name, act) => {
    const queue = queueOf();
    queue.push(chunk(1));
    const below = queue.whenBelow(10);
    act(queue);
    await below;
  });

  it('stops waiting when the signal aborts, before or while', async () => {
    const queue = queueOf();
    queue.push(chunk(1));
    await expect(queue.whenBelow(1, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    const controller = new AbortController();
    const below = queue.whenBelow(1, { signal: controller.signal });
    controller.abort(new Error('later'));
    await expect(below).rejects.toThrow('later');
  });

  it('throws the failure to the reader and counts what it never got', async () => {
    const queue = queueOf();
    queue.push(chunk(1));
    queue.fail(new Error('line lost'));
    await expect(readAll(queue)).rejects.toThrow('line lost');
    expect([queue.droppedMs, queue.droppedChunks]).toEqual([20, 1]);
  });

  it('throws the failure to a reader that waits', async () => {
    const queue = queueOf();
    const reading = readAll(queue);
    expect(await isSettled(queue.whenBelow(1))).toBe(true);
    queue.fail(new Error('line lost'));
    await expect(reading).rejects.toThrow('line lost');
  });

  it('keeps the first of close and fail', async () => {
    const queue = queueOf();
    queue.push(chunk(1));
    queue.close();
    queue.fail(new Error('too late'));
    queue.close();
    expect(await readAll(queue)).toEqual([1]);
  });

  it('takes nothing more once it is not open', () => {
    const queue = queueOf();
    queue.close();
    expect(queue.open).toBe(false);
    expect(queue.push(chunk(1))).toBe(false);
    expect(queue.refusedChunks).toBe(1);
  });

  it('closes and counts the rest as dropped when the reader leaves', async () => {
    const queue = queueOf();
    for (const id of [1, 2, 3]) queue.push(chunk(id));
    for await (const { id } of queue) {
      expect(id).toBe(1);
      break;
    }
    expect([queue.open, queue.droppedChunks, queue.push(chunk(4))]).toEqual([false, 2, false]);
  });

  it('has one reader', async () => {
    const queue = queueOf();
    queue.push(chunk(1));
    await queue[Symbol.asyncIterator]().next();
    await expect(readAll(queue)).rejects.toMatchObject({ code: 'second_reader' });
    expect(queue.open).toBe(true);
  });

  it('refuses bounds and durations that are none', () => {
    const code = expect.objectContaining({ code: 'invalid_setting' });
    expect(() => queueOf({ maxMs: 0 })).toThrow(code);
    expect(() => queueOf({ maxChunks: 0 })).toThrow(code);
    expect(() => queueOf().push(chunk(1, NaN))).toThrow(code);
  });

  it('accounts for every chunk, within its bounds and in order', async () => {
    const step = fc.oneof(fc.constant('read' as const), fc.integer({ min: 0, max: 60 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80 }),
        fc.constantFrom('refuse' as const, 'drop-oldest' as const),
        async (steps, whenFull) => {
          const queue = queueOf({ whenFull, maxMs: 50, maxChunks: 4 });
          const reader = queue[Symbol.asyncIterator]();
          const read: number[] = [];
          let acceptedChunks = 0;
          let acceptedMs = 0;
          let readMs = 0;
          let pushed = 0;
          for (const what of steps) {
            if (what === 'read') {
              if (queue.bufferedChunks === 0) continue;
              const { value } = await reader.next();
              read.push(value!.id);
              readMs += value!.ms;
            } else if (queue.push(chunk(pushed++, what))) {
              acceptedChunks++;
              acceptedMs += what;
            }
            expect(queue.bufferedMs).toBeLessThanOrEqual(50);
            expect(queue.bufferedChunks).toBeLessThanOrEqual(4);
            expect(read.length + queue.droppedChunks + queue.bufferedChunks).toBe(acceptedChunks);
            expect(readMs + queue.droppedMs + queue.bufferedMs).toBe(acceptedMs);
            expect(queue.refusedChunks + acceptedChunks).toBe(pushed);
          }
          expect(read).toEqual([...read].sort((a, b) => a - b));
          if (whenFull === 'refuse') expect(queue.droppedChunks).toBe(0);
        },
      ),
    );
  });
});
