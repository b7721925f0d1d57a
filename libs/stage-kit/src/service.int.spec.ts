import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConnectedBus } from '@parley/bus';
import { newSessionId, type ParleyEvent } from '@parley/contracts';
import { deadline, eventually, startBroker, type Broker } from '@parley/testing';
import { startGatewayOnBroker } from '../spec-support/gateway-on-broker.js';
import { RecordingLogic } from '../spec-support/recording-logic.js';
import type { Runtime } from './runtime.js';
import { startService, type RunningService, type ServiceOptions } from './service.js';
import { stageService } from './stage-service.js';

let broker: Broker;
let gateway: ConnectedBus;
const services: RunningService[] = [];
const level = process.env.PARLEY_LOG_LEVEL;

function idle(options: Partial<ServiceOptions> = {}, config: Partial<ServiceOptions['config']> = {}): ServiceOptions {
  return {
    stage: 'control',
    config: { NATS_URL: broker.url, HOST: '127.0.0.1', PORT: 0, DRAIN_TIMEOUT_MS: 2000, ...config },
    imports: () => [],
    start: async () => ({ load: () => ({ sessions: 0, capacity: 1 }), drain: async () => {} }),
    ...options,
  };
}

async function start(options: ServiceOptions): Promise<RunningService> {
  const service = await startService(options);
  services.push(service);
  return service;
}

const get = (port: number, path: string) => fetch(`http://127.0.0.1:${port}${path}`, { keepalive: false });

async function ready(port: number) {
  const answer = await get(port, '/ready');
  return { status: answer.status, body: (await answer.json()) as { state: string; checks: Record<string, unknown> } };
}

beforeAll(async () => {
  process.env.PARLEY_LOG_LEVEL = 'silent';
  broker = await startBroker();
  gateway = await startGatewayOnBroker(broker.url);
}, 60_000);

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
});

afterAll(async () => {
  if (level === undefined) delete process.env.PARLEY_LOG_LEVEL;
  else process.env.PARLEY_LOG_LEVEL = level;
  await gateway?.close();
  await broker?.stop();
}, 60_000);

describe('startService', () => {
  it('is alive and not ready while it starts, and ready when its work has begun', async () => {
    let begin = () => {};
    let port = 0;
    const starting = start(
      idle({
        start: async (app) => {
          port = (app.getHttpServer().address() as AddressInfo).port;
          await new Promise<void>((resolve) => (begin = resolve));
          return { load: () => ({ sessions: 0, capacity: 1 }), drain: async () => {} };
        },
      }),
    );
    await eventually(() => port > 0, { what: 'port' });
    expect((await get(port, '/health')).status).toBe(200);
    expect(await ready(port)).toMatchObject({ status: 503, body: { state: 'starting' } });
    begin();
    const service = await starting;
    expect(service.port).toBe(port);
    expect(await ready(port)).toMatchObject({
      status: 200,
      body: { status: 'ok', state: 'running', checks: { broker: { status: 'ok' } } },
    });
  });

  it('serves its metrics as Prometheus text', async () => {
    const { port } = await start(idle());
    const answer = await get(port, '/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await answer.text()).toMatch(/^parley_bus_\w+/m);
  });

  it('is alive and not ready while the broker does not answer', async () => {
    const { port } = await start(idle());
    await broker.pause();
    try {
      // The broker may answer once more while the signal is on its way.
      const isAway = async () => (await ready(port)).status === 503;
      await eventually(isAway, { what: 'missing readiness', deadlineMs: 10_000 });
      expect(await ready(port)).toMatchObject({ status: 503, body: { checks: { broker: { code: 'unavailable' } } } });
      expect((await get(port, '/health')).status).toBe(200);
    } finally {
      await broker.resume();
    }
    await eventually(async () => (await ready(port)).status === 200, { what: 'readiness' });
  });

  it('says port_in_use when another program listens there, and lets the broker go', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    let runtime: Runtime | undefined;
    const options = idle({ imports: (own) => ((runtime = own), []) }, { PORT: port });
    await expect(startService(options)).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(`port ${port}`),
    });
    await expect(runtime?.bus.ping()).rejects.toMatchObject({ code: 'unavailable' });
    await new Promise((resolve) => other.close(resolve));
  });

  it('passes on what keeps its work from beginning, and frees its port', async () => {
    let port = 0;
    const failing = idle({
      start: (app) => {
        port = (app.getHttpServer().address() as AddressInfo).port;
        return Promise.reject(Object.assign(new Error('no model'), { code: 'engine_missing' }));
      },
    });
    await expect(startService(failing)).rejects.toMatchObject({ code: 'engine_missing' });
    await expect(get(port, '/health')).rejects.toThrow();
    expect((await start(idle({}, { PORT: port }))).port).toBe(port);
  });

  it('drains once however often it is stopped, and is gone afterwards', async () => {
    let drains = 0;
    const service = await start(
      idle({ start: async () => ({ load: () => ({ sessions: 0, capacity: 1 }), drain: async () => void drains++ }) }),
    );
    await Promise.all([service.stop(), service.stop()]);
    await service.stop();
    expect(drains).toBe(1);
    await expect(get(service.port, '/health')).rejects.toThrow();
  });

  it('is not ready while it drains, and stops when draining takes too long', async () => {
    let draining = () => {};
    const begun = new Promise<void>((resolve) => (draining = resolve));
    const drain = () => (draining(), new Promise<void>(() => {}));
    const work = { load: () => ({ sessions: 1, capacity: 1 }), drain };
    const service = await start(idle({ start: async () => work }, { DRAIN_TIMEOUT_MS: 500 }));
    const stopped = service.stop();
    await begun;
    expect(await ready(service.port)).toMatchObject({ status: 503, body: { state: 'draining' } });
    await deadline(stopped, 5000, 'end of the service');
  });

  it('stops although draining fails', async () => {
    const work = { load: () => ({ sessions: 1, capacity: 1 }), drain: () => Promise.reject(new Error('stuck')) };
    const service = await start(idle({ start: async () => work }));
    await deadline(service.stop(), 5000, 'end of the service');
  });
});

describe('stageService', () => {
  const stage = (logic: RecordingLogic) =>
    start(
      stageService({
        stage: 'stt',
        config: { NATS_URL: broker.url, HOST: '127.0.0.1', PORT: 0, DRAIN_TIMEOUT_MS: 5000, CAPACITY: 5, ORPHAN_AFTER_MS: 20_000, POISON_AFTER: 5, PROBATION_MS: 250, FOLD_CHECK_MS: 0 }, // prettier-ignore
        logic: () => logic,
      }),
    );

  it('takes a session, hands it to another replica when it stops, and ends it when it is closed', async () => {
    const [first, second] = [new RecordingLogic(), new RecordingLogic()];
    const service = await stage(first);
    const sessionId = newSessionId();
    const writer = gateway.writer({ stage: 'gateway', sessionId, epoch: await gateway.acquire('gateway', sessionId) });
    const seen: ParleyEvent[] = [];
    const feed = await gateway.feed({ sessionId, kinds: ['stage'], onEvent: (event) => seen.push(event) });
    await gateway.offer('stt', sessionId);
    await eventually(() => first.sessions[0]?.told.includes('live'), { what: 'first owner' });
    await stage(second);
    await service.stop();
    expect(first.last.told.at(-1)).toBe('close drained');
    await eventually(() => second.sessions[0]?.told.includes('live'), { what: 'second owner' });
    expect(second.last.owned.takeover).toBe(true);
    expect(second.last.owned.epoch).toBeGreaterThan(first.last.owned.epoch);
    await writer.publish('session.closed', { reason: 'hangup' });
    await eventually(() => second.last.told.at(-1) === 'close closed', { what: 'end of the session' });
    await eventually(() => seen.length === 4, { what: 'release by the second owner' });
    expect(seen).toMatchObject([
      { type: 'stage.claimed' },
      { type: 'stage.released', reason: 'drained', epoch: first.last.owned.epoch },
      { type: 'stage.claimed' },
      { type: 'stage.released', reason: 'closed', epoch: second.last.owned.epoch },
    ]);
    feed.close();
  });
});
