import { describe, expect, it } from '@jest/globals';
import { loadGatewayConfig } from './gateway.config.js';

describe('loadGatewayConfig', () => {
  it('has a default for everything and is frozen', () => {
    const config = loadGatewayConfig({});
    expect(config).toMatchObject({
      defaultAgent: 'sandwich-shop',
      drainGraceMs: 5000,
      service: { PORT: 8080, NATS_URL: 'nats://127.0.0.1:4222' },
      playout: { leadMs: 400 },
    });
    expect(Object.isFrozen(config.playout)).toBe(true);
  });

  it('names every bad variable at once', () => {
    const load = () => loadGatewayConfig({ PORT: 'x', PLAYOUT_LEAD_MS: '1', GATEWAY_MAX_SESSIONS: '0' });
    expect(load).toThrow(/PORT[^]*GATEWAY_MAX_SESSIONS[^]*PLAYOUT_LEAD_MS/);
  });

  it('leaves the runtime longer to stop than sessions may go on', () => {
    const config = loadGatewayConfig({ DRAIN_TIMEOUT_MS: '1000' });
    expect(config.service.DRAIN_TIMEOUT_MS).toBeGreaterThan(config.drainGraceMs);
  });
});
