import { DEFAULT_STREAM_SETTINGS, type BusOptions } from '@parley/bus';
import { envFlag } from '@parley/telemetry';
import { z } from 'zod';

const { replicas, audioMaxAgeMs, audioMaxBytes, eventsMaxAgeMs, eventsMaxBytes, leaseMs, maxClaims } =
  DEFAULT_STREAM_SETTINGS;
const atLeast = (min: number, fallback: number) => z.coerce.number().int().min(min).default(fallback);

/** Variables of whoever makes the streams. */
export const provisionEnv = {
  PROVISION_STREAMS: envFlag()
    .default(true)
    .meta({ description: 'Create and update the streams at start; otherwise they are waited for' }),
  PROVISION_ALLOW_SHRINK: envFlag()
    .default(false)
    .meta({ description: 'Let provisioning lower the age, size or copies of a stream, which drops what is stored' }),
  STREAM_REPLICAS: atLeast(1, replicas).meta({ description: 'Copies of each stream: 1 on one server, 3 on a cluster' }),
  AUDIO_MAX_AGE_MS: atLeast(1000, audioMaxAgeMs).meta({ description: 'How long voice is kept for replay' }),
  AUDIO_MAX_BYTES: atLeast(1_048_576, audioMaxBytes).meta({
    description: 'Room reserved for voice: sessions x 64 KB/s x age',
  }),
  AUDIO_STORAGE: z.enum(['file', 'memory']).optional().meta({
    description:
      'Where the broker keeps voice: file with one copy, else memory, which costs up to 12 MB a call on each server',
  }),
  EVENTS_MAX_AGE_MS: atLeast(60_000, eventsMaxAgeMs).meta({ description: "How long sessions' logs are kept" }),
  EVENTS_MAX_BYTES: atLeast(1_048_576, eventsMaxBytes).meta({ description: "Disk reserved for sessions' logs" }),
  LEASE_MS: atLeast(500, leaseMs).meta({ description: 'How long an owner may be silent before another takes over' }),
  MAX_CLAIMS: atLeast(1, maxClaims).meta({ description: 'Most sessions one stage may hold, all replicas together' }),
} as const;

/** What {@link provisionEnv} says, as the bus wants it; undefined when the streams are to be waited for. */
export function provisionOptions(env: z.output<z.ZodObject<typeof provisionEnv>>): BusOptions['provision'] {
  if (!env.PROVISION_STREAMS) return undefined;
  return {
    allowShrink: env.PROVISION_ALLOW_SHRINK,
    settings: {
      replicas: env.STREAM_REPLICAS,
      audioMaxAgeMs: env.AUDIO_MAX_AGE_MS,
      audioMaxBytes: env.AUDIO_MAX_BYTES,
      audioStorage: env.AUDIO_STORAGE,
      eventsMaxAgeMs: env.EVENTS_MAX_AGE_MS,
      eventsMaxBytes: env.EVENTS_MAX_BYTES,
      leaseMs: env.LEASE_MS,
      maxClaims: env.MAX_CLAIMS,
    },
  };
}
