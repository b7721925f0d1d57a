import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSessionId } from '@parley/contracts';
import { eventually, startBroker, type Broker } from '@parley/testing';
import { CountedMetrics } from '../spec-support/counted-metrics.js';
import { holdsWithin } from '../spec-support/holds.js';
import { Owner } from '../spec-support/sessions.js';
import { DEFAULT_STREAM_SETTINGS, STREAMS, connectBus, type ConnectedBus } from './index.js';

const SESSIONS = 20;
/** What a claim that was delivered takes in the consumer's file, at least. */
const BYTES_EACH = 3;
const holds = holdsWithin(8000);

let broker: Broker;
let gateway: ConnectedBus;
let agent: ConnectedBus;
let counted: CountedMetrics;

describe('claims that a consumer has and its stream has not', () => {
  beforeAll(async () => {
    // What it stores is put back to an earlier time.
    broker = await startBroker({ how: 'program' });
    counted = new CountedMetrics();
    const settings = { ...DEFAULT_STREAM_SETTINGS, leaseMs: 1000 };
    gateway = await connectBus({ url: broker.url, stage: 'gateway', provision: { settings } });
    agent = await connectBus({ url: broker.url, stage: 'agent', metrics: counted.metrics });
  });
  afterAll(async () => {
    await Promise.all([gateway.close(), agent.close()]);
    await broker.stop();
  });

  it('are forgotten after an outage, and new sessions do not wait behind them', async () => {
    const owner = await Owner.start(agent, SESSIONS * 2);
    for (let n = 0; n < SESSIONS; n++) await gateway.offer('agent', newSessionId());
    await holds(() => expect(owner.taken).toHaveLength(SESSIONS), 'all sessions');
    const state = join(broker.storeDir ?? '', 'jetstream/$G/streams', STREAMS.claims, 'obs/agent/o.dat');
    const delivered = async () => {
      const bytes = await readFile(state);
      return bytes.length > SESSIONS * BYTES_EACH ? bytes : undefined;
    };
    const before = await eventually(delivered, { what: 'the deliveries on the disk', deadlineMs: 8000 });
    // The oldest stays, so that the stream still reaches back to before the others.
    for (const lease of owner.taken.slice(1)) expect(await lease.done()).toBe(true);
    await broker.restart();
    await broker.kill();
    await writeFile(state, before);
    await broker.restart();
    const sessionId = newSessionId();
    await gateway.offer('agent', sessionId);
    await holds(() => expect(owner.taken.at(-1)?.claim.sessionId).toBe(sessionId), 'the new session');
    const forgotten = () => counted.total('claims', { outcome: 'forgotten' });
    // The new session may come before the last of them is forgotten.
    await holds(() => expect(forgotten()).toBeGreaterThan(SESSIONS / 2), 'all that is dead');
    expect(owner.lost).toEqual([]);
  }, 60_000);
});
