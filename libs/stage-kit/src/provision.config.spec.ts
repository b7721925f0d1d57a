import { describe, expect, it } from '@jest/globals';
import { DEFAULT_STREAM_SETTINGS } from '@parley/bus';
import { parseEnv } from '@parley/telemetry';
import { z } from 'zod';
import { provisionEnv, provisionOptions } from './provision.config.js';

const read = (env: Record<string, string>) => provisionOptions(parseEnv(z.object(provisionEnv), env));

describe('provisionOptions', () => {
  it("gives the bus's own defaults when nothing is set", () => {
    expect(read({})).toEqual({ allowShrink: false, settings: DEFAULT_STREAM_SETTINGS });
  });

  it('gives each variable to its setting', () => {
    const env = { STREAM_REPLICAS: '3', AUDIO_MAX_AGE_MS: '1001', AUDIO_MAX_BYTES: '1048577', AUDIO_STORAGE: 'memory', EVENTS_MAX_AGE_MS: '60001', EVENTS_MAX_BYTES: '1048578', LEASE_MS: '501', MAX_CLAIMS: '7' }; // prettier-ignore
    expect(read({ ...env, PROVISION_ALLOW_SHRINK: 'true' })).toEqual({
      allowShrink: true,
      settings: {
        replicas: 3,
        audioMaxAgeMs: 1001,
        audioMaxBytes: 1_048_577,
        audioStorage: 'memory',
        eventsMaxAgeMs: 60_001,
        eventsMaxBytes: 1_048_578,
        leaseMs: 501,
        maxClaims: 7,
      },
    });
  });

  it('gives nothing when the streams are to be waited for', () => {
    expect(read({ PROVISION_STREAMS: 'false' })).toBeUndefined();
  });

  it.each([
    ['STREAM_REPLICAS', '0'],
    ['AUDIO_MAX_AGE_MS', '10'],
    ['LEASE_MS', '499'],
    ['MAX_CLAIMS', 'many'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(name) }),
    );
  });
});
