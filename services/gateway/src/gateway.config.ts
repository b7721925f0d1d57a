import { provisionEnv, provisionOptions, serviceEnv, type ServiceOptions } from '@parley/stage-kit';
import { parseEnv, type Environment } from '@parley/telemetry';
import { z } from 'zod';

const ms = (fallback: number, min: number, max: number) => z.coerce.number().int().min(min).max(max).default(fallback);
const HOUR_MS = 3_600_000;
/** What closing the sessions that are left may take, after their grace. */
const CLOSING_MS = 3000;

/** The gateway's variables, for parsing and for `.env.example`. */
export const gatewayEnv = z.object({
  ...serviceEnv,
  ...provisionEnv,
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('Port of both doors and of HTTP'),
  DEFAULT_AGENT: z.string().min(1).max(64).default('sandwich-shop').describe('Agent of callers who name none'),
  GATEWAY_MAX_SESSIONS: z.coerce.number().int().min(1).default(1000).describe('Sessions held at once; more are refused with capacity_exceeded'), // prettier-ignore
  SESSION_OPEN_TIMEOUT_MS: ms(3000, 100, 60_000).describe('Deadline for the broker to take a new session'),
  SESSION_IDLE_TIMEOUT_MS: ms(900_000, 1000, 24 * HOUR_MS).describe('Nobody speaking or writing for this long ends a session'), // prettier-ignore
  SESSION_RESUME_WINDOW_MS: ms(15_000, 0, 600_000).describe('How long a session waits for a caller whose connection is lost'), // prettier-ignore
  SESSION_MAX_DURATION_MS: ms(0, 0, 24 * HOUR_MS).describe('Longest duration of a session; 0 for none'),
  STAGE_CLAIM_TIMEOUT_MS: ms(1500, 100, 60_000).describe('A stage that has not taken a session by then is reported'),
  PLAYOUT_LEAD_MS: ms(400, 200, 5000).describe('How far ahead of real time voice is sent'),
  PLAYOUT_MAX_BUFFERED_MS: ms(60_000, 1000, 600_000).describe('Most voice kept for one caller; more is dropped'),
  PLAYOUT_STALL_MS: ms(10_000, 1000, 120_000).describe(
    'Silence after which a reply that should have voice is given up',
  ),
  CALLER_AHEAD_MS: ms(5000, 500, 60_000).describe('How far ahead of real time a caller may send voice'),
  CALLER_MAX_OWED_BYTES: z.coerce.number().int().min(16_384).default(262_144).describe('A caller who has not read this much gets no more voice until it has'), // prettier-ignore
  CALLER_SLOW_TIMEOUT_MS: ms(10_000, 100, 600_000).describe('A caller who owes reading for this long is closed'),
});

/** The gateway's settings. */
export interface GatewayConfig {
  readonly defaultAgent: string;
  /** How long sessions may go on when the gateway is told to stop. */
  readonly drainGraceMs: number;
  readonly sessions: {
    readonly max: number;
    readonly openTimeoutMs: number;
    readonly idleTimeoutMs: number;
    /** How long a session waits for a caller whose connection is lost. */
    readonly resumeWindowMs: number;
    /** 0 for none. */
    readonly maxDurationMs: number;
    readonly claimTimeoutMs: number;
  };
  readonly playout: { readonly leadMs: number; readonly maxBufferedMs: number; readonly stallMs: number };
  readonly caller: { readonly aheadMs: number; readonly maxOwedBytes: number; readonly slowTimeoutMs: number };
  /** How the streams are made; absent when they are waited for. */
  readonly provision: ServiceOptions['provision'];
  /** As the service's runtime reads them. */
  readonly service: {
    readonly NATS_URL: string;
    readonly HOST: string;
    readonly PORT: number;
    readonly DRAIN_TIMEOUT_MS: number;
  };
}

/**
 * Reads the gateway's settings.
 * @throws {ConfigError} `config_invalid`, naming every bad variable
 */
export function loadGatewayConfig(env: Environment = process.env): GatewayConfig {
  const vars = parseEnv(gatewayEnv, env);
  return Object.freeze({
    defaultAgent: vars.DEFAULT_AGENT,
    drainGraceMs: vars.DRAIN_TIMEOUT_MS,
    sessions: Object.freeze({
      max: vars.GATEWAY_MAX_SESSIONS,
      openTimeoutMs: vars.SESSION_OPEN_TIMEOUT_MS,
      idleTimeoutMs: vars.SESSION_IDLE_TIMEOUT_MS,
      resumeWindowMs: vars.SESSION_RESUME_WINDOW_MS,
      maxDurationMs: vars.SESSION_MAX_DURATION_MS,
      claimTimeoutMs: vars.STAGE_CLAIM_TIMEOUT_MS,
    }),
    playout: Object.freeze({
      leadMs: vars.PLAYOUT_LEAD_MS,
      maxBufferedMs: vars.PLAYOUT_MAX_BUFFERED_MS,
      stallMs: vars.PLAYOUT_STALL_MS,
    }),
    caller: Object.freeze({
      aheadMs: vars.CALLER_AHEAD_MS,
      maxOwedBytes: vars.CALLER_MAX_OWED_BYTES,
      slowTimeoutMs: vars.CALLER_SLOW_TIMEOUT_MS,
    }),
    provision: provisionOptions(vars),
    service: Object.freeze({
      NATS_URL: vars.NATS_URL,
      HOST: vars.HOST,
      PORT: vars.PORT,
      DRAIN_TIMEOUT_MS: vars.DRAIN_TIMEOUT_MS + CLOSING_MS,
    }),
  });
}
