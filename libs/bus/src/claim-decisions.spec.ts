import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideDelivery, decideDoubt } from './claim-decisions.js';
import { LeaseWatch } from './lease-watch.js';

const LEASE_MS = 4;
const REPLICAS = 3;

/** The broker's side: one claim of a work queue, one key of the owners bucket, and one stream. */
class Broker {
  now = 0;
  revision: number | undefined;
  private nextRevision = 1;
  private deliveries = 0;
  /** When the claim may be delivered again; undefined when it waits, null when it was acknowledged. */
  private until: number | undefined | null;
  /** Somebody who was not the newest owner removed the claim. */
  removedByAnother = false;
  readonly log: { epoch: number; mark: boolean }[] = [];

  deliver(): number | undefined {
    if (this.until === null || (this.until !== undefined && this.now < this.until)) return undefined;
    this.until = this.now + LEASE_MS;
    return ++this.deliveries;
  }

  /** Any holder's report counts, as it does on the server, however late. */
  progress(): void {
    if (this.until !== null && this.until !== undefined) this.until = this.now + LEASE_MS;
  }

  nak(delay: number): void {
    if (this.until !== null) this.until = this.now + delay;
  }

  /** The claim of this epoch is removed. */
  ack(epoch: number): void {
    if (epoch !== this.revision) this.removedByAnother = true;
    this.until = null;
  }

  /** The server was killed: it may have forgotten that it had delivered the claim. */
  restart(forgets: boolean): void {
    if (this.until === null || !forgets) return;
    this.deliveries = 0;
    this.until = undefined;
  }

  get acknowledged(): boolean {
    return this.until === null;
  }

  acquire(): number {
    this.revision = this.nextRevision++;
    return this.revision;
  }
}

/** A replica's side, with the worker's own decisions. */
class Replica {
  held: { mine: number | undefined } | undefined;
  connected = true;
  /** The process stands still: it does nothing, not even renew. */
  frozen = false;
  private readonly watch: LeaseWatch;
  private unsent: { epoch: number; mark: boolean }[] = [];

  constructor(private readonly broker: Broker) {
    this.watch = new LeaseWatch(LEASE_MS, 1000, 0);
  }

  pull(): void {
    if (!this.connected) return;
    const deliveries = this.broker.deliver();
    if (deliveries === undefined) return;
    const newest = this.broker.revision;
    const known = { deliveries, afterTrouble: this.watch.afterTrouble(this.broker.now), owned: newest !== undefined };
    const decision = decideDelivery({ ...known, ...(this.held && { held: { mine: this.held.mine, newest } }) });
    if (decision === 'keep') this.broker.progress();
    else if (decision === 'defer') this.broker.nak(LEASE_MS);
    else this.held = { mine: undefined };
  }

  acquire(): void {
    if (!this.connected || !this.held || this.held.mine !== undefined) return;
    this.held.mine = this.broker.acquire();
    this.publish(true);
  }

  speak(): void {
    if (this.held?.mine !== undefined) this.publish(false);
  }

  renew(): void {
    const state = this.watch.state(this.broker.now);
    if (state === 'expired') this.held = undefined;
    if (!this.connected) {
      this.watch.missed(this.broker.now);
      return;
    }
    if (this.held && state === 'doubtful' && decideDoubt({ mine: this.held.mine, newest: this.broker.revision }) === 'lose') this.held = undefined; // prettier-ignore
    if (this.held) this.broker.progress();
    this.watch.answered(this.broker.now);
  }

  /** The session is over: only its newest owner may remove the claim. */
  finish(): boolean {
    if (!this.connected || this.held?.mine === undefined) return false;
    const { mine } = this.held;
    const isOwner = this.broker.revision === mine;
    this.held = undefined;
    if (isOwner) this.broker.ack(mine);
    return isOwner;
  }

  hear(): void {
    const { held } = this;
    if (!this.connected || held?.mine === undefined) return;
    if (this.broker.log.some(({ mark, epoch }) => mark && epoch > (held.mine as number))) this.held = undefined;
  }

  /** A report that was on its way for long arrives, whoever has the session by now. */
  late(): void {
    if (this.held) this.broker.progress();
  }

  cut(connected: boolean): void {
    this.connected = connected;
    if (connected) for (const message of this.unsent.splice(0)) this.broker.log.push(message);
  }

  private publish(mark: boolean): void {
    const message = { epoch: this.held?.mine as number, mark };
    if (this.connected) this.broker.log.push(message);
    else this.unsent.push(message);
  }
}

/** What every reader accepts of a log: nothing of an owner that stands behind a newer one's mark. */
function accepted(log: readonly { epoch: number; mark: boolean }[]): number[] {
  let floor = 0;
  return log.flatMap(({ epoch, mark }) => {
    if (mark) floor = Math.max(floor, epoch);
    return epoch >= floor ? [epoch] : [];
  });
}

describe('claim decisions', () => {
  it('keep a held session whose owner is still the newest, and replace one that another has owned since', () => {
    const known = { deliveries: 2, afterTrouble: true, owned: true };
    expect(decideDelivery({ ...known, held: { mine: 7, newest: 7 } })).toBe('keep');
    expect(decideDelivery({ ...known, held: { mine: undefined, newest: 7 } })).toBe('keep');
    expect(decideDelivery({ ...known, held: { mine: 7, newest: 9 } })).toBe('replace');
  });

  it('leave an owned claim to its owner after trouble, whatever the delivery count, and take every other at once', () => {
    expect(decideDelivery({ deliveries: 1, afterTrouble: true, owned: true })).toBe('defer');
    expect(decideDelivery({ deliveries: 2, afterTrouble: true, owned: false })).toBe('defer');
    expect(decideDelivery({ deliveries: 1, afterTrouble: true, owned: false })).toBe('take');
    expect(decideDelivery({ deliveries: 2, afterTrouble: false, owned: true })).toBe('take');
  });

  it('keep what is in doubt only for the newest owner', () => {
    expect(decideDoubt({ mine: 7, newest: 7 })).toBe('keep');
    expect(decideDoubt({ mine: 7, newest: 9 })).toBe('lose');
    expect(decideDoubt({ mine: 7, newest: undefined })).toBe('lose');
    expect(decideDoubt({ mine: undefined, newest: 7 })).toBe('lose');
  });

  it('never let two owners be heard in turns, and never lose a claim, whatever the interleaving', () => {
    const who = fc.integer({ min: 0, max: REPLICAS - 1 });
    const act = fc.constantFrom('pull', 'acquire', 'speak', 'renew', 'hear', 'late', 'finish');
    const happen = fc.constantFrom('cut', 'mend', 'freeze', 'thaw', 'stall', 'restart', 'forget');
    const what = fc.oneof({ weight: 8, arbitrary: act }, { weight: 3, arbitrary: fc.constant('pass' as const) }, { weight: 2, arbitrary: happen }); // prettier-ignore
    fc.assert(
      fc.property(fc.array(fc.tuple(what, who), { minLength: 40, maxLength: 160 }), (steps) => {
        const broker = new Broker();
        const replicas = Array.from({ length: REPLICAS }, () => new Replica(broker));
        let finished = 0;
        for (const [step, index] of steps) {
          const replica = replicas[index] as Replica;
          if (step === 'cut' || step === 'mend') replica.cut(step === 'mend');
          else if (step === 'freeze' || step === 'thaw') replica.frozen = step === 'freeze';
          else if (step === 'stall') broker.now += 2 * LEASE_MS;
          else if (step === 'restart' || step === 'forget') broker.restart(step === 'forget');
          else if (step === 'pass') {
            broker.now += 1;
            for (const each of replicas) if (!each.frozen) each.renew();
          } else if (replica.frozen && step !== 'late') continue;
          else if (step === 'finish') finished += replica.finish() ? 1 : 0;
          else replica[step]();
        }
        // Accepted output never goes back to an older owner.
        const heard = accepted(broker.log);
        expect(heard).toEqual([...heard].sort((a, b) => a - b));
        // Removed only by its newest owner, and otherwise somebody has it or gets it.
        expect(broker.removedByAnother).toBe(false);
        expect(broker.acknowledged).toBe(finished > 0);
        if (finished > 0) return;
        for (const replica of replicas) {
          replica.cut(true);
          replica.frozen = false;
        }
        for (let round = 0; round < 40; round++) {
          for (const replica of replicas) {
            replica.renew();
            replica.pull();
            replica.acquire();
            replica.hear();
          }
          broker.now += 1;
        }
        const owners = replicas.filter(({ held }) => held?.mine === broker.revision);
        expect(owners).toHaveLength(1);
        expect(replicas.filter(({ held }) => held)).toHaveLength(1);
      }),
      { numRuns: 3000 },
    );
  });
});
