import { jest } from '@jest/globals';
import { FakeBus } from '@parley/testing';
import { startGateway, startReplica } from './replica.js';

/** How a caller's hang-up closes a session. */
export const CLOSED = { reason: 'hangup' };

const hosts: { drain(): Promise<void> }[] = [];

/** Has a replica's host drained when the test is over. */
export function drainLater(host: { drain(): Promise<void> }): void {
  hosts.push(host);
}

/** Real time again, and every host drained. */
export async function drainAll(): Promise<void> {
  jest.useRealTimers();
  await Promise.all(hosts.splice(0).map((host) => host.drain()));
}

/** A gateway and a replica of a stage on one bus in memory. */
export async function setUp(options: Parameters<typeof startReplica>[2] = {}) {
  const shared = new FakeBus();
  const gateway = await startGateway(shared);
  const replica = await startReplica(shared, 'stt-1', options);
  drainLater(replica.host);
  return { gateway, ...replica };
}
