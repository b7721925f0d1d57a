import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ParleyEvent } from '@parley/contracts';
import fc from 'fast-check';
import { event, say } from '../spec-support/reply-events.js';
import { ReplyQueue, type SpeechTask } from './reply-queue.js';

let queue: ReplyQueue;

beforeEach(() => {
  queue = new ReplyQueue();
});

/** Takes what there is to do: `<reply>/<sentence>` or `end <reply>`. */
function takeAll(from = queue): string[] {
  const taken: string[] = [];
  for (let task = from.take(); task; task = from.take()) taken.push(nameOf(task));
  return taken;
}

const nameOf = (task: SpeechTask) => (task.type === 'end' ? `end ${task.reply}` : `${task.reply}/${task.sentence}`);
const accept = (...events: ParleyEvent[]) => events.map((each) => queue.accept(each));

describe('ReplyQueue', () => {
  it('has nothing to do before a reply', () => {
    expect([queue.take(), queue.reply]).toEqual([undefined, 0]);
  });

  it('gives sentences as they come and the end when the last has been taken', () => {
    accept(say.started(1), say.sentence(1, 0, 'One club.'));
    expect(queue.take()).toEqual({ type: 'speak', reply: 1, sentence: 0, spoken: 'One club.' });
    expect(queue.take()).toBeUndefined();
    accept(say.sentence(1, 1), say.ended(1, 3), say.sentence(1, 2));
    expect(takeAll()).toEqual(['1/1', '1/2', 'end 1']);
    expect(queue.take()).toBeUndefined();
  });

  it('passes over a sentence in whose place keys sound', () => {
    const keys = event('reply.sentence', { reply: 1, sentence: 1, text: '', spoken: '', digits: '12#' });
    accept(say.started(1), say.sentence(1, 0), keys, say.sentence(1, 2), say.ended(1, 3));
    expect(takeAll()).toEqual(['1/0', '1/2', 'end 1']);
  });

  it('waits for the sentence that is missing', () => {
    accept(say.started(1), say.sentence(1, 1), say.ended(1, 2));
    expect(takeAll()).toEqual([]);
    accept(say.sentence(1, 0));
    expect(takeAll()).toEqual(['1/0', '1/1', 'end 1']);
    accept(say.started(2), say.sentence(2, 0), say.ended(2, 2));
    expect(takeAll()).toEqual(['2/0']);
  });

  it('ends a reply that says nothing', () => {
    accept(say.started(1), say.ended(1, 0));
    expect(queue.take()).toEqual({ type: 'end', reply: 1, sentences: 0 });
  });

  it.each([
    ['is interrupted', say.interrupted(1)],
    ['has been played out', say.played(1)],
    ['is followed by another', say.started(2)],
    ['is spoken in a session that ends', say.closed()],
  ])('stops a reply at once that %s', (_, over) => {
    accept(say.started(1), say.sentence(1, 0), say.sentence(1, 1), say.ended(1, 2));
    queue.take();
    expect(queue.accept(over)).toBe(true);
    expect(takeAll()).toEqual([]);
    accept(say.sentence(1, 2), say.ended(1, 3));
    expect(takeAll()).toEqual([]);
  });

  it('stops nothing when a reply ends that is over already', () => {
    accept(say.started(1), say.started(2), say.sentence(2, 0));
    expect(accept(say.interrupted(1), say.played(1), say.sentence(1, 0), say.started(1))).toEqual(Array(4).fill(false));
    expect(takeAll()).toEqual(['2/0']);
  });

  it('never speaks a reply that was over before it began', () => {
    accept(say.interrupted(1), say.started(1), say.sentence(1, 0), say.ended(1, 1));
    expect(takeAll()).toEqual([]);
  });

  it('goes on at the sentence that is being played, as a new owner', () => {
    accept(say.started(1), say.sentence(1, 0), say.sentence(1, 1), say.sentence(1, 2), say.ended(1, 3));
    accept(say.progress(1, 0), say.progress(1, 1));
    expect(takeAll()).toEqual(['1/1', '1/2', 'end 1']);
  });

  it('passes over the progress of other replies and events of other kinds', () => {
    accept(say.started(2), say.sentence(2, 0), say.progress(1, 1), say.progress(3, 1));
    expect(queue.accept(event('session.text', { text: 'hi' }))).toBe(false);
    expect(takeAll()).toEqual(['2/0']);
  });
});

const reply = fc.integer({ min: 1, max: 3 });
const sentence = fc.integer({ min: 0, max: 4 });
const anyEvent = fc.oneof(
  reply.map(say.started),
  fc.tuple(reply, sentence).map(([of, index]) => say.sentence(of, index)),
  fc.tuple(reply, sentence).map(([of, count]) => say.ended(of, count)),
  fc.tuple(reply, sentence).map(([of, index]) => say.progress(of, index)),
  reply.map(say.interrupted),
  reply.map(say.played),
);
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: anyEvent }, { weight: 1, arbitrary: fc.constant('take') }), {
  maxLength: 60,
});

describe('ReplyQueue, whatever comes in whatever order', () => {
  it('gives sentences in order and once, nothing of a reply that is over, and one end', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const tested = new ReplyQueue();
        let newest = 0;
        let over = 0;
        const last = new Map<number, number>();
        const complete = new Set<number>();
        const ends: number[] = [];
        for (const step of sequence) {
          if (step !== 'take') {
            const { type, reply: of } = step as ParleyEvent & { reply: number };
            tested.accept(step as ParleyEvent);
            if (type === 'reply.started' || type === 'reply.sentence') newest = Math.max(newest, of);
            if (type === 'reply.interrupted' || type === 'playout.ended') over = Math.max(over, of);
            if (type === 'reply.ended') complete.add(of);
            continue;
          }
          const task = tested.take();
          if (!task) continue;
          expect(task.reply).toBe(newest);
          expect(task.reply).toBeGreaterThan(over);
          expect(ends).not.toContain(task.reply);
          if (task.type === 'end') {
            expect(complete).toContain(task.reply);
            ends.push(task.reply);
          } else {
            expect(task.sentence).toBeGreaterThan(last.get(task.reply) ?? -1);
            last.set(task.reply, task.sentence);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives every sentence of the newest reply and its end, however takes come between', () => {
    const interruptedAfter = fc.option(fc.nat(6), { nil: undefined });
    const replies = fc.array(fc.record({ sentences: fc.nat(5), interruptedAfter }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(replies, fc.infiniteStream(fc.nat(2)), (script, takes) => {
        const tested = new ReplyQueue();
        const taken: string[] = [];
        const expected: string[] = [];
        script.forEach(({ sentences, interruptedAfter: cut }, index) => {
          const of = index + 1;
          const events = [say.started(of), ...Array.from({ length: sentences }, (_, i) => say.sentence(of, i)), say.ended(of, sentences)]; // prettier-ignore
          if (cut !== undefined && index < script.length - 1) events.splice(cut, Infinity, say.interrupted(of));
          for (const each of events) {
            tested.accept(each);
            for (let count = takes.next().value as number; count > 0; count--) {
              const task = tested.take();
              if (task) taken.push(nameOf(task));
            }
          }
          if (index === script.length - 1) {
            taken.push(...takeAll(tested));
            expected.push(...Array.from({ length: sentences }, (_, i) => `${of}/${i}`), `end ${of}`);
          }
        });
        const ofNewest = taken.filter(
          (name) => name.startsWith(`${script.length}/`) || name === `end ${script.length}`,
        );
        expect(ofNewest).toEqual(expected);
        expect(new Set(taken).size).toBe(taken.length);
      }),
      { numRuns: 200 },
    );
  });
});
