import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeEvent, newSessionId } from '@parley/contracts';
import { startBroker, type Broker } from '@parley/testing';
import { FRAME, OPENED, openSession } from '../spec-support/sessions.js';
import {
  DEFAULT_STREAM_SETTINGS,
  connectBus,
  openSessionStore,
  type ConnectedBus,
  type SessionStore,
} from './index.js';

describe('the store of sessions', () => {
  const brokers: Broker[] = [];
  let bus: ConnectedBus;
  let store: SessionStore;
  let other: SessionStore;
  let otherBus: ConnectedBus;

  beforeAll(async () => {
    const provision = { settings: DEFAULT_STREAM_SETTINGS };
    const [here, there] = await Promise.all([startBroker(), startBroker()]);
    brokers.push(here, there);
    [bus, otherBus] = await Promise.all([
      connectBus({ url: here.url, stage: 'gateway', provision }),
      connectBus({ url: there.url, stage: 'gateway', provision }),
    ]);
    [store, other] = await Promise.all([openSessionStore(here.url), openSessionStore(there.url)]);
  });
  afterAll(async () => {
    await Promise.all([store, other, bus, otherBus].map((each) => each?.close()));
    await Promise.all(brokers.map((broker) => broker.stop()));
  });

  async function record(reason?: string) {
    const { sessionId, writer } = await openSession(bus);
    await writer.publish('session.opened', OPENED);
    for (let n = 0; n < 20; n++) await writer.publish('session.text', { text: `text ${n}` });
    for (let n = 0; n < 30; n++) writer.audio('in', { ...FRAME, pts: n * 320 });
    if (reason) await writer.publish('session.closed', { reason });
    await writer.close();
    return sessionId;
  }

  it('lists sessions, the newest first, with how they ended', async () => {
    const first = await record('caller_ended');
    const second = await record();
    const listed = await store.list();
    expect(listed.slice(0, 2)).toMatchObject([
      { sessionId: second, agent: 'sandwich-shop', mode: 'voice-to-voice', door: 'ws', resumed: 0 },
      { sessionId: first, closed: { reason: 'caller_ended' } },
    ]);
    expect(listed[0]?.closed).toBeUndefined();
    await expect(store.list(Date.now() + 1000)).resolves.toEqual([]);
  });

  it('carries a session to another broker, event by event and frame by frame', async () => {
    const recorded = await store.read(await record('caller_ended'));
    expect(recorded.events.map(({ data }) => decodeEvent(data)?.type)).toEqual([
      'session.opened',
      ...Array<string>(20).fill('session.text'),
      'session.closed',
    ]);
    expect(recorded.frames).toHaveLength(30);
    await other.write(recorded);
    const copied = await other.read(recorded.sessionId);
    const contents = (messages: typeof copied.events) => messages.map(({ data }) => Buffer.from(data).toString('hex'));
    expect(contents(copied.events)).toEqual(contents(recorded.events));
    expect(contents(copied.frames)).toEqual(contents(recorded.frames));
    await expect(other.list()).resolves.toMatchObject([{ sessionId: recorded.sessionId }]);
    await expect(other.write(recorded)).rejects.toMatchObject({ code: 'session_exists' });
  });

  it('knows nothing of an unknown session', async () => {
    await expect(store.read(newSessionId())).resolves.toMatchObject({ events: [], frames: [] });
  });
});
