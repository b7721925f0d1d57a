import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { DOORS, gateway, restart, startGateway, stopGateway } from '../../spec-support/gateway-and-callers.js';

beforeEach(startGateway);
afterEach(stopGateway);

describe.each(DOORS)('a session through %s', (_, open) => {
  it('ends with an error when the agent is not known', async () => {
    const caller = await open({ agent: 'nobody' });
    const agent = await gateway.writer('agent', await caller.sessionId());
    await agent.publish('stage.failed', { code: 'unknown_agent', message: 'nobody', retryable: false });
    expect(await caller.error('unknown_agent')).toMatchObject({ retryable: false, stage: 'agent' });
    expect((await caller.event('session_ended')).reason).toBe('unknown_agent');
    await caller.closed();
  });

  it('reports a stage that is gone and that it is back, once each, and the session goes on', async () => {
    await restart({ STAGE_CLAIM_TIMEOUT_MS: '100' }, ['stt', 'agent']);
    const caller = await open({});
    const sessionId = await caller.sessionId();
    expect(await caller.error('stage_unavailable')).toMatchObject({ stage: 'tts', retryable: true });
    await gateway.startStage('tts');
    expect(await caller.event('stage_restored')).toMatchObject({ type: 'stage_restored', stage: 'tts' });
    caller.sendText('still there');
    await eventually(() => gateway.bus.events(sessionId, 'session.text')[0], { what: 'session.text' });
    expect(caller.errors()).toEqual(['stage_unavailable']);
  });

  it('reports a stage that loses its last replica in the middle', async () => {
    await restart({ STAGE_CLAIM_TIMEOUT_MS: '100' });
    const caller = await open({});
    await gateway.writer('tts', await caller.sessionId());
    await gateway.stopStage('tts');
    expect(await caller.error('stage_unavailable')).toMatchObject({ stage: 'tts' });
    expect((await fetch(`http://127.0.0.1:${gateway.port}/ready`)).status).toBe(503);
  });
});
