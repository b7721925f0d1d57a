import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LaneSplice, inWrittenOrder, type LaneException, type Numbered, type StoredItem } from './lane-splice.js';

class Lane {
  readonly delivered: string[] = [];
  readonly exceptions: Partial<Record<LaneException, number>> = {};
  requests = 0;
  readonly splice: LaneSplice<Numbered>;

  constructor(live = true, startsAnywhere = false) {
    this.splice = new LaneSplice<Numbered>(
      {
        deliver: ({ epoch, seq }) => this.delivered.push(`${epoch}.${seq}`),
        requestRepair: () => void this.requests++,
        onException: (what, count) => {
          this.exceptions[what] = (this.exceptions[what] ?? 0) + count;
        },
      },
      live,
    );
    if (startsAnywhere) this.splice.startAnywhere();
  }

  answer(items: StoredItem<Numbered>[]): void {
    this.requests--;
    for (const item of items) this.splice.stored(item);
    this.splice.storedEnd();
  }
}

const at = (epoch: number, seq: number): Numbered => ({ epoch, seq });
const stored = (...messages: Numbered[]) => messages.map((message) => ({ message }));

describe('lane splice', () => {
  it('delivers consecutive live messages as they come', () => {
    const lane = new Lane();
    for (const seq of [1, 2, 3]) lane.splice.live(at(7, seq));
    expect(lane.delivered).toEqual(['7.1', '7.2', '7.3']);
  });

  it('drops a duplicate and counts it', () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    lane.splice.live(at(7, 1));
    expect(lane.delivered).toEqual(['7.1']);
    expect(lane.exceptions).toEqual({ duplicates: 1 });
  });

  it('fetches a gap from the stream and keeps the order', () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    lane.splice.live(at(7, 4));
    lane.splice.live(at(7, 5));
    expect(lane.requests).toBe(1);
    lane.answer(stored(at(7, 1), at(7, 2), at(7, 3), at(7, 4)));
    expect(lane.delivered).toEqual(['7.1', '7.2', '7.3', '7.4', '7.5']);
    expect(lane.exceptions).toMatchObject({ repaired: 3 });
  });

  it('goes on without what the stream does not have either, and counts the loss', () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    lane.splice.live(at(7, 3));
    while (lane.requests > 0) lane.answer([]);
    expect(lane.delivered).toEqual(['7.1', '7.3']);
    expect(lane.exceptions).toEqual({ lost: 1 });
  });

  it("fences a superseded owner's late message", () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    lane.splice.raise(9);
    lane.answer([...stored(at(7, 1)), { fenceEpoch: 9 }]);
    lane.splice.live(at(7, 2));
    lane.splice.live(at(9, 1));
    expect(lane.delivered).toEqual(['7.1', '9.1']);
    expect(lane.exceptions).toMatchObject({ fenced: 1 });
  });

  it("delivers what a superseded owner stored before the new owner's mark", () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    lane.splice.live(at(9, 1));
    lane.answer(stored(at(7, 1), at(7, 2), at(9, 1)));
    expect(lane.delivered).toEqual(['7.1', '7.2', '9.1']);
  });

  it('does not deliver what a superseded owner stored after the mark', () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    lane.splice.raise(9);
    lane.answer([...stored(at(7, 1)), { fenceEpoch: 9 }, ...stored(at(7, 2), at(9, 1))]);
    expect(lane.delivered).toEqual(['7.1', '9.1']);
  });

  it('takes an aged-out beginning of the backlog for no loss', () => {
    const lane = new Lane(false);
    for (const item of stored(at(7, 50), at(7, 51))) lane.splice.stored(item);
    lane.splice.storedEnd();
    lane.splice.live(at(7, 52));
    expect(lane.delivered).toEqual(['7.50', '7.51', '7.52']);
    expect(lane.exceptions).toEqual({});
  });

  it('begins with whichever message comes when the stream was not asked for what came before', () => {
    const lane = new Lane(false, true);
    lane.splice.live(at(7, 41));
    lane.splice.storedEnd();
    lane.splice.live(at(7, 42));
    expect(lane.delivered).toEqual(['7.41', '7.42']);
    expect(lane.exceptions).toEqual({});
    lane.splice.live(at(7, 44));
    expect(lane.requests).toBe(1);
  });

  it('begins with no message of an owner that is known to be succeeded', () => {
    const lane = new Lane(false, true);
    lane.splice.stored({ fenceEpoch: 9 });
    lane.splice.storedEnd();
    lane.splice.live(at(7, 41));
    lane.splice.live(at(9, 3));
    expect(lane.delivered).toEqual(['9.3']);
    expect(lane.exceptions).toEqual({ fenced: 1 });
  });

  it('gives the same exactly-once order for any interleaving of backlog, live, duplicates, gaps and owners', () => {
    fc.assert(
      fc.property(
        // How many messages each owner writes, and what happens to each on its way.
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.constantFrom('arrives', 'missed', 'twice'), { minLength: 30, maxLength: 30 }),
        fc.integer({ min: 0, max: 24 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 30, maxLength: 30 }),
        (owners, fates, joinAt, delays) => {
          const log: StoredItem<Numbered>[] = [];
          const lane = new Lane(false);
          const pendingRepairs: number[] = [];
          let joined = false;
          const join = () => {
            for (const item of [...log]) lane.splice.stored(item);
            lane.splice.storedEnd();
            joined = true;
          };
          let n = 0;
          const settle = (all: boolean) => {
            for (let guard = 0; lane.requests > 0 && guard < 50; guard++) {
              const wait = pendingRepairs.pop() ?? 0;
              if (!all && wait > 0) {
                pendingRepairs.push(wait - 1);
                return;
              }
              lane.answer([...log]);
            }
          };
          owners.forEach((count, owner) => {
            const epoch = 10 + owner;
            log.push({ fenceEpoch: epoch });
            if (joined) lane.splice.raise(epoch);
            for (let seq = 1; seq <= count; seq++) {
              if (n === joinAt && !joined) join();
              const message = at(epoch, seq);
              log.push({ message });
              const fate = fates[n % fates.length];
              if (fate !== 'missed') lane.splice.live(message);
              if (fate === 'twice') lane.splice.live(message);
              pendingRepairs.push(delays[n % delays.length] ?? 0);
              if (joined) settle(false);
              n++;
            }
          });
          if (!joined) join();
          settle(true);
          // A last owner's message that arrives shows every gap before it.
          const last = at(99, 1);
          log.push({ fenceEpoch: 99 }, { message: last });
          lane.splice.raise(99);
          lane.splice.live(last);
          settle(true);
          const wanted = log.flatMap((item) =>
            'message' in item ? [`${item.message.epoch}.${item.message.seq}`] : [],
          );
          expect(lane.delivered).toEqual(wanted);
          expect(lane.exceptions.lost).toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('waits for a message that its writer is still sending again, instead of counting it as lost', () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    lane.splice.live(at(7, 4));
    lane.answer(stored(at(7, 1), at(7, 3), at(7, 4)));
    expect(lane.delivered).toEqual(['7.1']);
    lane.answer(stored(at(7, 1), at(7, 3), at(7, 4), at(7, 2)));
    expect(lane.delivered).toEqual(['7.1', '7.2', '7.3', '7.4']);
    expect(lane.exceptions.lost).toBeUndefined();
  });

  it('delivers what its writer sent again when it comes live, behind what follows it', () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    for (const seq of [4, 2, 3]) lane.splice.live(at(7, seq));
    while (lane.requests > 0) lane.answer(stored(at(7, 1), at(7, 4)));
    expect(lane.delivered).toEqual(['7.1', '7.2', '7.3', '7.4']);
    expect(lane.exceptions.lost).toBeUndefined();
  });

  it('takes the last answer of a repair in the order of numbers', () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    lane.splice.live(at(7, 4));
    for (let attempt = 1; attempt < 5; attempt++) lane.answer(stored(at(7, 4)));
    lane.answer(stored(at(7, 4), at(7, 3)));
    expect(lane.delivered).toEqual(['7.1', '7.3', '7.4']);
    expect(lane.exceptions.lost).toBe(1);
  });

  it('gives a backlog in the order of numbers when retries have reordered it', () => {
    const lane = new Lane(false);
    const backlog = [...stored(at(7, 2), at(7, 1)), { fenceEpoch: 9 }, ...stored(at(7, 3), at(9, 2), at(9, 1))];
    for (const item of inWrittenOrder(backlog)) lane.splice.stored(item);
    lane.splice.storedEnd();
    expect(lane.delivered).toEqual(['7.1', '7.2', '9.1', '9.2']);
  });

  it('delivers what was stored while live delivery was interrupted, before what comes live meanwhile', () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    expect(lane.splice.hold()).toBe(true);
    lane.splice.live(at(7, 3));
    expect(lane.delivered).toEqual(['7.1']);
    for (const item of stored(at(7, 1), at(7, 2))) lane.splice.stored(item);
    lane.splice.storedEnd();
    expect(lane.delivered).toEqual(['7.1', '7.2', '7.3']);
  });

  it('leaves an open repair its end when everything is read again meanwhile', () => {
    const lane = new Lane();
    lane.splice.live(at(7, 1));
    lane.splice.live(at(7, 3));
    expect(lane.splice.hold()).toBe(false);
    for (const item of stored(at(7, 2))) lane.splice.stored(item);
    lane.answer(stored(at(7, 2), at(7, 3)));
    lane.splice.live(at(7, 4));
    expect(lane.delivered).toEqual(['7.1', '7.2', '7.3', '7.4']);
    expect(lane.requests).toBe(0);
  });

  it('gives the same exactly-once order for any interleaving with outages, reordered storing and reads again', () => {
    // What may happen between two writes: nothing, the wire breaks, the wire is back and all is read again, an
    // open repair is answered, an old message comes again.
    const step = fc.constantFrom('nothing', 'break', 'back', 'answer', 'again', 'successor');
    // Whether a message arrives when the wire is whole, and whether the stream stores it behind the next one.
    const fate = fc.constantFrom('arrives', 'missed', 'twice', 'stored late');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(step, fate), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 0, max: 40 }),
        (steps, joinAt) => {
          const log: StoredItem<Numbered>[] = [{ fenceEpoch: 10 }];
          const written: string[] = [];
          const lane = new Lane(false);
          let [epoch, seq, joined, whole] = [10, 0, false, true];
          let storedLate: Numbered | undefined;
          let sent: Numbered[] = [];
          const giveAll = () => {
            for (const item of inWrittenOrder(log)) lane.splice.stored(item);
            lane.splice.storedEnd();
          };
          const readAgain = () => {
            if (lane.splice.hold()) giveAll();
            else for (const item of inWrittenOrder(log)) lane.splice.stored(item);
          };
          const storeLate = () => {
            if (storedLate) log.push({ message: storedLate });
            storedLate = undefined;
          };
          const live = (message: Numbered) => whole && lane.splice.live(message);
          const succeed = () => {
            storeLate();
            [epoch, seq, sent] = [epoch + 1, 0, []];
            log.push({ fenceEpoch: epoch });
            if (whole && joined) lane.splice.raise(epoch);
          };
          steps.forEach(([event, how], n) => {
            if (n === joinAt) {
              // A beginning that the first read does not find counts as aged out, so it is stored by then.
              storeLate();
              joined = true;
              giveAll();
            }
            if (event === 'break') whole = false;
            if (event === 'back') {
              whole = true;
              if (joined) readAgain();
            }
            if (event === 'answer' && lane.requests > 0) lane.answer([...log]);
            if (event === 'again') for (const message of sent) live(message);
            if (event === 'successor') succeed();
            const message = at(epoch, ++seq);
            sent.push(message);
            written.push(`${epoch}.${seq}`);
            if (how === 'stored late' && !storedLate) storedLate = message;
            else log.push({ message });
            if (how !== 'stored late') storeLate();
            if (how !== 'missed') live(message);
            if (how === 'twice') live(message);
          });
          storeLate();
          if (!joined) giveAll();
          whole = true;
          readAgain();
          for (let guard = 0; lane.requests > 0 && guard < 20; guard++) lane.answer([...log]);
          expect(lane.requests).toBe(0);
          expect(lane.delivered).toEqual(written);
          expect(lane.exceptions.lost).toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });
});
