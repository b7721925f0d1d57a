import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { gateway, startGateway, stopGateway, ws } from '../spec-support/gateway-and-callers.js';

beforeEach(startGateway);
afterEach(stopGateway);

describe('HTTP', () => {
  it('is healthy, ready, measured, and says where the doors are', async () => {
    const get = (path: string) => fetch(`http://127.0.0.1:${gateway.port}${path}`);
    expect((await get('/health')).status).toBe(200);
    const ready = await get('/ready');
    expect(await ready.json()).toMatchObject({ status: 'ok', checks: { broker: { status: 'ok' }, tts: { status: 'ok' } } }); // prettier-ignore
    const caller = await ws();
    await caller.sessionId();
    expect(await (await get('/metrics')).text()).toContain('parley_gateway_sessions{door="ws",service="gateway"} 1');
    expect(await (await get('/')).json()).toMatchObject({ service: 'parley gateway' });
  });
});
