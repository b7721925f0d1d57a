import { z } from 'zod';

/** Variables that every service reads. */
export const serviceEnv = {
  NATS_URL: z
    .string()
    .default('nats://127.0.0.1:4222')
    .meta({ description: 'Where the broker is; several servers with commas', example: 'nats://127.0.0.1:4222' }),
  HOST: z.string().default('0.0.0.0').meta({ description: 'Address that HTTP is served on' }),
  DRAIN_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(5000)
    .meta({ description: 'How long a stopping replica may take to hand its sessions over' }),
} as const;

/** Variables of stages that claim sessions. */
export const stageEnv = {
  ...serviceEnv,
  CAPACITY: z.coerce.number().int().min(1).default(200).meta({ description: 'Most sessions this replica takes' }),
  ORPHAN_AFTER_MS: z.coerce.number().int().min(1000).default(20_000).meta({
    description: 'How long a session waits for its gateway, or another that resumes it; over SESSION_RESUME_WINDOW_MS',
  }),
  POISON_AFTER: z.coerce
    .number()
    .int()
    .min(3)
    .default(5)
    .meta({ description: 'Owners that a session may crash in a row before it is closed as session_poisoned' }),
  FOLD_CHECK_MS: z.coerce.number().int().min(0).default(5000).meta({
    description: 'How often one session, drawn at random, is compared with the fold of its log; 0 for never',
  }),
  PROBATION_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(250)
    .meta({ description: 'How long a session that may have crashed its owners is left alone after it was opened' }),
} as const;
