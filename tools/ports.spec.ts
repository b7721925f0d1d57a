import { describe, expect, it } from '@jest/globals';
import { checkPortsAreFree, portsFromEnv } from './ports.mjs';

describe('portsFromEnv', () => {
  it('takes the defaults, and what is set', () => {
    expect(portsFromEnv({})).toEqual({ nats: 4222, gateway: 8080, stt: 8081, agent: 8082, tts: 8083 });
    expect(portsFromEnv({ GATEWAY_PORT: '9000', NATS_PORT: '' })).toMatchObject({ gateway: 9000, nats: 4222 });
  });

  it('names every variable that is no port', () => {
    expect(() => portsFromEnv({ GATEWAY_PORT: 'web', STT_PORT: '70000' })).toThrow(
      'Not a port between 1 and 65535: GATEWAY_PORT="web", STT_PORT="70000".',
    );
  });
});

describe('checkPortsAreFree', () => {
  it('refuses one port for two services', async () => {
    await expect(checkPortsAreFree({ gateway: 0, stt: 0 })).rejects.toThrow('GATEWAY_PORT and STT_PORT are both 0');
  });
});
