import {
  callerMessageSchema,
  edgeEventSchema,
  envelopeSchema,
  payloadSchemas,
  type CallerMessage,
  type EdgeEventType,
  type EventType,
} from '@parley/contracts';
import { z } from 'zod';
import { momentIn, type Moment } from './moment.js';
import { isReadable } from './pattern.js';

const ms = z.number().int().nonnegative();
const ordinal = z.number().int().positive();
const words = z.string().trim().min(1);
const text = words.refine(isReadable, 'not a regular expression between slashes');

/** Recordings of callers, in examples/audio. */
export const RECORDINGS = ['menu', 'order', 'add', 'confirm'] as const;

const edgeFields = new Map<string, ReadonlySet<string>>(
  edgeEventSchema.options.map(({ shape }) => [shape.type.value, new Set(Object.keys(shape))]),
);
const logFields = new Map<string, ReadonlySet<string>>(
  Object.entries(payloadSchemas).map(([type, { shape }]) => [
    type,
    new Set([...Object.keys(envelopeSchema.shape), ...Object.keys(shape)]),
  ]),
);

/** Types of events that a caller is told. */
export const EDGE_TYPES: ReadonlySet<string> = new Set(edgeFields.keys());
/** Types of events in a session's log. */
export const LOG_TYPES: ReadonlySet<string> = new Set(logFields.keys());

const wanted = {
  with: z.record(z.string(), z.unknown()).default({}),
  within_ms: ms.optional(),
  /** It must not come, in that time. */
  absent: z.boolean().default(false),
  /** Anywhere in the session, not only since the step before that did something. */
  ever: z.boolean().default(false),
};

/** Fields that no event of the type has cannot be expected of it. */
function knownFields(fields: ReadonlyMap<string, ReadonlySet<string>>, verb: 'expect' | 'expect_log') {
  return (step: Record<string, unknown>, context: z.RefinementCtx) => {
    const known = fields.get(String(step[verb]));
    for (const name of Object.keys((step['with'] as object | undefined) ?? {})) {
      if (known?.has(name)) continue;
      const message = `${String(step[verb])} has ${[...(known ?? [])].join(', ')}`;
      context.addIssue({ code: 'custom', path: ['with', name], message });
    }
  };
}

const oneOf = (types: ReadonlySet<string>, what: string) =>
  z.string().refine((type) => types.has(type), { error: `not ${what}: there are ${[...types].join(', ')}` });

const momentSchema = z.string().transform((said, context): Moment => {
  const moment = momentIn(said, EDGE_TYPES, LOG_TYPES);
  if (moment) return moment;
  context.addIssue({
    code: 'custom',
    message: 'not start, quiet, "sentence 1 playing", "sentence 1 over" or the type of an event',
  });
  return z.NEVER;
});

const messageSchema = z.unknown().transform((said, context): CallerMessage => {
  const parsed = callerMessageSchema.safeParse(messageIn(said));
  if (parsed.success) return parsed.data;
  context.addIssue({
    code: 'custom',
    message: 'not commit, end, { mode: ... } or { dtmf: ... } that the gateway takes',
  });
  return z.NEVER;
});

function messageIn(said: unknown): unknown {
  if (typeof said === 'string') return { type: said };
  const { mode, dtmf, type } = (said ?? {}) as Record<string, unknown>;
  if (type === undefined && mode !== undefined) return { type: 'mode', mode };
  return dtmf === undefined ? said : { type: 'dtmf', digits: dtmf };
}

const verbs = {
  say: z
    .strictObject({ say: words, word_gap_ms: ms.optional() })
    .transform(({ say, word_gap_ms: wordGapMs }) => ({ does: 'say' as const, words: say, wordGapMs })),
  backchannel: z
    .strictObject({ backchannel: words })
    .transform(({ backchannel }) => ({ does: 'say' as const, words: backchannel, wordGapMs: undefined })),
  play: z
    .strictObject({ play: z.enum(RECORDINGS) })
    .transform(({ play }) => ({ does: 'play' as const, recording: play })),
  noise: z.strictObject({ noise: ms }).transform(({ noise }) => ({ does: 'noise' as const, ms: noise })),
  cough: z.strictObject({ cough: ms }).transform(({ cough }) => ({ does: 'noise' as const, ms: cough })),
  pause_ms: z.strictObject({ pause_ms: ms }).transform((step) => ({ does: 'pause' as const, ms: step.pause_ms })),
  text: z.strictObject({ text: words }).transform((step) => ({ does: 'text' as const, text: step.text })),
  send: z.strictObject({ send: messageSchema }).transform(({ send }) => ({ does: 'send' as const, message: send })),
  wait_ms: z.strictObject({ wait_ms: ms }).transform((step) => ({ does: 'wait' as const, ms: step.wait_ms })),
  when: z
    .strictObject({ when: momentSchema, with: wanted.with, reply: ordinal.optional(), after_ms: ms.default(0), within_ms: ms.optional() }) // prettier-ignore
    .transform(({ when, after_ms: afterMs, within_ms: withinMs, reply, ...step }) => ({ does: 'when' as const, moment: when, with: step.with, reply, afterMs, withinMs })), // prettier-ignore
  expect: z
    .strictObject({ expect: oneOf(EDGE_TYPES, 'an event that callers are told'), ...wanted })
    .superRefine(knownFields(edgeFields, 'expect'))
    .transform(({ expect: type, within_ms: withinMs, ...step }) => ({ does: 'expect' as const, of: 'edge' as const, type: type as EdgeEventType, withinMs, ...step })), // prettier-ignore
  expect_log: z
    .strictObject({ expect_log: oneOf(LOG_TYPES, 'an event of the log'), ...wanted })
    .superRefine(knownFields(logFields, 'expect_log'))
    .transform(({ expect_log: type, within_ms: withinMs, ...step }) => ({ does: 'expect' as const, of: 'log' as const, type: type as EventType, withinMs, ...step })), // prettier-ignore
  expect_heard: z
    .strictObject({ expect_heard: text, reply: ordinal.optional(), voice: z.number().int().nonnegative().optional(), within_ms: ms.optional(), absent: z.boolean().default(false) }) // prettier-ignore
    .transform(({ expect_heard: heard, within_ms: withinMs, ...step }) => ({ does: 'expect_heard' as const, text: heard, withinMs, ...step })), // prettier-ignore
  expect_history: z
    .strictObject({ expect_history: z.array(z.strictObject({ user: text.or(z.literal('')).optional(), agent: text.or(z.literal('')).optional(), interrupted: z.boolean().optional(), tools: z.array(z.string()).optional() })), within_ms: ms.optional() }) // prettier-ignore
    .transform(({ expect_history: turns, within_ms: withinMs }) => ({ does: 'expect_history' as const, turns, withinMs })), // prettier-ignore
};

type Verb = keyof typeof verbs;

/** One step of a scenario: something that the caller does, a moment that is waited for, or something expected. */
export type Step = z.output<(typeof verbs)[Verb]>;
/** The step that does this. */
export type StepThat<D extends Step['does']> = Extract<Step, { does: D }>;

/** Reads one step of a file. */
export const stepSchema = z.unknown().transform((raw, context): Step => {
  const names = Object.keys(verbs) as Verb[];
  const fields = typeof raw === 'object' && raw !== null ? Object.keys(raw) : [];
  const found = names.filter((name) => fields.includes(name));
  const [verb] = found;
  if (!verb || found.length > 1) {
    const which = verb ? `this one has ${found.join(' and ')}` : `of ${names.join(', ')}`;
    context.addIssue({ code: 'custom', message: `a step does one thing, ${which}` });
    return z.NEVER;
  }
  const parsed = verbs[verb].safeParse(raw);
  if (parsed.success) return parsed.data;
  for (const { message, path } of parsed.error.issues) context.addIssue({ code: 'custom', message, path });
  return z.NEVER;
});
