import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AudioFrame, ParleyEvent } from '@parley/contracts';
import { startService, type RunningService } from '@parley/stage-kit';
import { deadline, eventually, startBroker, type Broker } from '@parley/testing';
import { ScriptedStages } from '../spec-support/scripted-stages.js';
import { WsTestCaller } from '../spec-support/test-callers.js';
import { loadGatewayConfig } from './gateway.config.js';
import { gatewayService } from './gateway.service.js';

let broker: Broker;
let stages: ScriptedStages;
let service: RunningService;

beforeAll(async () => {
  broker = await startBroker();
  stages = await ScriptedStages.start(broker.url);
  const config = loadGatewayConfig({ NATS_URL: broker.url, HOST: '127.0.0.1', PORT: '0', DRAIN_TIMEOUT_MS: '200' });
  service = await startService(gatewayService(config));
}, 60_000);

afterAll(async () => {
  await service?.stop();
  await stages?.stop();
  await broker?.stop();
}, 60_000);

describe('the gateway on a real broker', () => {
  it('becomes ready when every stage is heard of', async () => {
    const ready = await eventually(
      async () => {
        const answer = await fetch(`http://127.0.0.1:${service.port}/ready`);
        return answer.status === 200 && ((await answer.json()) as object);
      },
      { what: 'readiness' },
    );
    expect(ready).toMatchObject({ status: 'ok' });
  });

  it('carries a turn both ways and says on the bus what was heard', async () => {
    const caller = await WsTestCaller.connect(service.port);
    const sessionId = await caller.sessionId();
    const events: ParleyEvent[] = [];
    const frames: AudioFrame[] = [];
    const [stt, agent, tts] = [
      await stages.writer('stt', sessionId),
      await stages.writer('agent', sessionId),
      await stages.writer('tts', sessionId),
    ];
    await stages.buses.get('stt')!.feed({
      sessionId,
      kinds: ['session', 'playout'],
      audio: 'in',
      onEvent: (event) => events.push(event),
      onFrame: (frame) => frames.push(frame),
    });
    for (let i = 0; i < 10; i++) caller.sendAudio(Buffer.alloc(640, i + 1));
    await eventually(() => frames.length === 10, { what: 'ten frames on the bus' });
    expect(frames.map(({ pts }) => pts)).toEqual(Array.from({ length: 10 }, (_, i) => i * 320));

    await stt.publish('turn.ended', { turn: 1, text: 'hello', eouDelayMs: 300, endPts: 3200 });
    await agent.publish('reply.started', { reply: 1, turn: 1, userText: 'hello', answers: [] });
    for (let i = 0; i < 5; i++) {
      tts.audio('out', {
        codec: 'pcm_s16le',
        sampleRateHz: 16_000,
        reply: 1,
        sentence: 0,
        pts: i * 320,
        lastOfSentence: i === 4,
        lastOfReply: i === 4,
        payload: Buffer.alloc(640, 100 + i),
      });
    }
    await caller.event('playout_ended');
    expect(caller.audio.map((pcm) => pcm[0])).toEqual([100, 101, 102, 103, 104]);
    await eventually(() => events.some(({ type }) => type === 'playout.ended'), { what: 'playout.ended' });
    expect(events.map(({ type }) => type)).toEqual(['session.opened', 'playout.started', 'playout.progress', 'playout.ended']); // prettier-ignore
    expect(events.at(-1)).toMatchObject({ outcome: 'completed', playedMs: 100, totalMs: 100 });
    caller.end();
    await caller.closed();
    await eventually(() => events.some(({ type }) => type === 'session.closed'), { what: 'session.closed' });
  });

  it('reports a stage whose replicas fall silent', async () => {
    const caller = await WsTestCaller.connect(service.port);
    await caller.sessionId();
    await stages.stopStage('tts');
    expect(await caller.error('stage_unavailable')).toMatchObject({ stage: 'tts' });
    caller.end();
    await caller.closed();
  });

  it('ends its sessions and stops when it is told to', async () => {
    const caller = await WsTestCaller.connect(service.port);
    await caller.sessionId();
    await deadline(service.stop(), 10_000, 'end of the service');
    await caller.closed();
    expect((await caller.event('session_ended')).reason).toBe('gateway_stopped');
    expect(caller.closeCode).toBe(1012);
  });
});
