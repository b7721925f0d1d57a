import type { ParleyEvent } from '@parley/contracts';
import type { FinishedCall } from './call-record.js';
import { phaseAt } from './call-record.js';
import type { InjectedFault } from './fault-injector.js';

/** Name on the bus of the replica that owned a session for a stage at a time; undefined before the first. */
export function ownerAt(log: readonly ParleyEvent[], stage: string, atMs: number): string | undefined {
  const claims = log.filter((event) => event.type === 'stage.claimed' && event.stage === stage && event.at <= atMs);
  const last = claims.at(-1);
  return last?.type === 'stage.claimed' ? last.replica : undefined;
}

/** How often a stage's session came to another owner after its first. */
export function takeoversIn(log: readonly ParleyEvent[]): number {
  const claims = log.filter(({ type }) => type === 'stage.claimed');
  return (
    claims.length -
    new Set(claims.map(({ stage }) => stage)).size +
    log.filter(({ type }) => type === 'session.resumed').length
  );
}

/** Whether a fault hit what a call depended on at that moment. */
export function isHitBy({ record, log }: FinishedCall, fault: InjectedFault): boolean {
  if (fault.skipped !== undefined || phaseAt(record, fault.fromMs) === undefined) return false;
  if (fault.target === 'nats') return true;
  if (fault.target === 'callers') return fault.callsCut.includes(record.call);
  if (fault.target === 'gateway') {
    return record.gateways.findLast(({ fromMs }) => fromMs <= fault.fromMs)?.instance === fault.instance;
  }
  return fault.replicaName !== undefined && ownerAt(log, fault.target, fault.fromMs) === fault.replicaName;
}
