import { createLogger, createMetrics } from '@parley/telemetry';
import type { FakeBus } from '@parley/testing';
import { SessionHost, type SessionHostOptions } from '../src/session-host.js';
import { RecordingLogic } from './recording-logic.js';

const SETTINGS: SessionHostOptions = {
  stage: 'stt',
  capacity: 10,
  orphanAfterMs: 20_000,
  poisonAfter: 5,
  probationMs: 250,
};

/** A running replica of the stage stt on a fake bus. */
export async function startReplica(
  shared: FakeBus,
  replica: string,
  options: Partial<SessionHostOptions> & { writesAudio?: 'out'; prepare?: (logic: RecordingLogic) => void } = {},
) {
  const { writesAudio, prepare, ...hostOptions } = options;
  const bus = shared.as(replica);
  const logic = new RecordingLogic(writesAudio);
  prepare?.(logic);
  const metrics = createMetrics('stt', { processMetrics: false });
  const log = createLogger({ service: 'stt', level: 'silent' });
  const settings: SessionHostOptions = { ...SETTINGS, ...hostOptions };
  const host = new SessionHost(settings, bus, logic, metrics, log);
  await host.start();
  const counted = async (line: string) => {
    const found = (await metrics.text()).split('\n').find((each) => each.startsWith(line));
    return found ? Number(found.split(' ').at(-1)) : 0;
  };
  return { bus, logic, host, counted };
}

/** A gateway that holds callers: opens sessions and offers them to the stage stt. */
export async function startGateway(shared: FakeBus, replica = 'gateway-1') {
  const bus = shared.as(replica);
  const silence = bus.announce(() => ({ stage: 'gateway', state: 'running', sessions: 1, capacity: 10 }));
  const open = async (sessionId = bus.newSession()) => {
    const writer = bus.writer({ stage: 'gateway', sessionId, epoch: await bus.acquire('gateway', sessionId) });
    await bus.offer('stt', sessionId);
    await bus.settled();
    return { sessionId, writer };
  };
  return { bus, open, silence };
}
