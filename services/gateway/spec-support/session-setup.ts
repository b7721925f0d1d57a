import type { ClaimedStage } from '@parley/contracts';
import { HealthRegistry, createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus } from '@parley/testing';
import { GatewayCore } from '../src/gateway-core.js';
import { loadGatewayConfig } from '../src/gateway.config.js';
import { ManualClock } from './manual-clock.js';
import { RecordingCaller } from './recording-caller.js';

/** Every stage that a session may need. */
export const STAGES: ClaimedStage[] = ['stt', 'agent', 'tts'];
const FRAME = { codec: 'pcm_s16le', sampleRateHz: 16_000, lastOfSentence: false, lastOfReply: false } as const;

/**
 * A session that a gateway has opened, with stages that say what a test has them say.
 * @param request what its caller asks for
 */
export async function setUpSession(env: Record<string, string> = {}, request: object = {}) {
  const clock = new ManualClock();
  const bus = new FakeBus('gateway-1');
  const silence = new Map(
    STAGES.map((stage) => {
      const read = () => ({ stage, state: 'running' as const, sessions: 0, capacity: 10 });
      return [stage, bus.as(`${stage}-1`).announce(read)] as const;
    }),
  );
  const metrics = createMetrics('gateway', { processMetrics: false });
  const log = createLogger({ service: 'gateway', level: 'silent' });
  const config = loadGatewayConfig(env);
  const core = new GatewayCore({ config, bus, log, metrics, health: new HealthRegistry(), clock });
  const caller = new RecordingCaller();
  const session = await core.registry.open(caller, request);
  const { sessionId } = session;
  const owners = await Promise.all(
    STAGES.map(async (stage) => [stage, bus.writer({ stage, sessionId, epoch: await bus.acquire(stage, sessionId) })] as const), // prettier-ignore
  );
  const stages = Object.fromEntries(owners) as Record<ClaimedStage, ReturnType<FakeBus['writer']>>;
  const claim = async (stage: ClaimedStage, replica = `${stage}-1`) => {
    await stages[stage].publish('stage.claimed', { replica, deliveries: 1 });
    await bus.settled();
  };
  const speak = async (reply: number, samples: number) => {
    for (let pts = 0; pts < samples; pts += 320) {
      stages.tts.audio('out', { ...FRAME, reply, sentence: 0, pts, payload: Buffer.alloc(640), lastOfSentence: pts + 320 >= samples }); // prettier-ignore
    }
    await bus.settled();
  };
  const counted = async (line: string) => {
    const found = (await metrics.text()).split('\n').find((each) => each.startsWith(line));
    return found ? Number(found.split(' ').at(-1)) : 0;
  };
  return { clock, bus, core, caller, session, sessionId, stages, claim, speak, silence, counted };
}

/** Has a replica of every stage take the session. */
export async function claimAll({ claim }: Awaited<ReturnType<typeof setUpSession>>): Promise<void> {
  for (const stage of STAGES) await claim(stage);
}
