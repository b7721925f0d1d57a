import type { ClaimedStage, Mode, Payload } from '@parley/contracts';
import { HealthRegistry, createLogger, createMetrics } from '@parley/telemetry';
import { FakeBus } from '@parley/testing';
import { GatewayCore } from '../src/gateway-core.js';
import { loadGatewayConfig } from '../src/gateway.config.js';
import type { CallSession } from '../src/session/call-session.js';
import { ManualClock } from './manual-clock.js';
import { RecordingCaller } from './recording-caller.js';

const STAGES: ClaimedStage[] = ['stt', 'agent', 'tts'];
const FRAME = { codec: 'pcm_s16le', sampleRateHz: 16_000, lastOfReply: false } as const;

/** A session, a gateway it may go to, and stages that say what a test has them say. */
export async function setUpCall(mode: Mode) {
  const clock = new ManualClock();
  const bus = new FakeBus('gateway-1');
  for (const stage of STAGES) {
    bus.as(`${stage}-1`).announce(() => ({ stage, state: 'running', sessions: 0, capacity: 10 }));
  }
  const offers: ClaimedStage[] = [];
  const gateway = (replica: string) => {
    const own = bus.as(replica);
    const offer = own.offer.bind(own);
    own.offer = (stage, sessionId) => {
      offers.push(stage);
      return offer(stage, sessionId);
    };
    return new GatewayCore({
      config: loadGatewayConfig({}),
      bus: own,
      log: createLogger({ service: 'gateway', level: 'silent' }),
      metrics: createMetrics('gateway', { processMetrics: false }),
      health: new HealthRegistry(),
      clock,
    });
  };
  const core = gateway('gateway-1');
  const caller = new RecordingCaller();
  const session = await core.registry.open(caller, { mode });
  const { sessionId } = session;
  const writer = async (stage: ClaimedStage) =>
    bus.writer({ stage, sessionId, epoch: await bus.acquire(stage, sessionId) });
  const [agent, tts] = [await writer('agent'), await writer('tts')];
  const started = async (reply: number, shown: boolean) => {
    await agent.publish('reply.started', { reply, turn: reply, userText: '', answers: [], shown });
    await bus.settled();
  };
  const ended = async (reply: number, more: Partial<Payload<'reply.ended'>> = {}) => {
    const end = { reply, turn: reply, outcome: 'completed' as const, sentences: 1, text: 'Hi.', durationMs: 1 };
    await agent.publish('reply.ended', { ...end, ...more });
    await bus.settled();
  };
  const interrupted = async (reply: number) => {
    await agent.publish('reply.interrupted', { reply, cause: 'new_turn', sentences: 1 });
    await bus.settled();
  };
  const speak = async (reply: number, samples: number) => {
    for (let pts = 0; pts < samples; pts += 320) {
      const lastOfSentence = pts + 320 >= samples;
      tts.audio('out', { ...FRAME, reply, sentence: 0, pts, payload: Buffer.alloc(640), lastOfSentence });
    }
    await bus.settled();
  };
  const switchTo = async (to: Mode, at: CallSession = session) => {
    await at.message({ type: 'mode', mode: to });
    await bus.settled();
  };
  const resume = async (received?: string) => {
    const again = new RecordingCaller();
    const request = { resume: session.settings.resumeToken, ...(received && { received }) };
    const resumed = await gateway('gateway-2').registry.resume(again, request, () => false);
    await bus.settled();
    return { caller: again, session: resumed };
  };
  const playoutsEnded = (): Payload<'playout.ended'>[] => bus.events(sessionId, 'playout.ended');
  return {
    clock,
    bus,
    caller,
    session,
    sessionId,
    offers,
    agent,
    tts,
    started,
    ended,
    interrupted,
    speak,
    switchTo,
    resume,
    playoutsEnded,
  };
}
