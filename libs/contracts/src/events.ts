import { z } from 'zod';
import { callerSpeechPayloads } from './caller-speech-events.js';
import { ContractError } from './contract-error.js';
import { ordinal } from './payload-fields.js';
import { replyPayloads, replyTextPayloads } from './reply-events.js';
import { replyVoicePayloads } from './reply-voice-events.js';
import { sessionPayloads } from './session-events.js';
import { SESSION_ID } from './session-id.js';
import { stagePayloads } from './stage-events.js';
import { STAGES } from './stages.js';
import type { EventKind } from './subjects.js';

/** What every event carries. */
export const envelopeSchema = z.object({
  /** Unique and deterministic: `<kind>.<stage>.<epoch>.<seq>` within the session, so that a retry keeps it. */
  id: z.string().min(1),
  type: z.string().min(1),
  sessionId: z.string().regex(SESSION_ID, 'not a session id'),
  /** Counts up by one per (session, kind, stage, epoch), from 1. */
  seq: ordinal,
  /** The writing owner's epoch; readers ignore events of a lower one than they have seen for the stage. */
  epoch: ordinal,
  stage: z.enum(STAGES),
  /** Publisher's wall clock, in ms since 1970. */
  at: z.number().int().positive(),
});

/** Payload of each event, by type. Unknown fields are ignored by readers; a new optional field is no new version. */
export const payloadSchemas = {
  ...sessionPayloads,
  ...stagePayloads,
  ...callerSpeechPayloads,
  ...replyPayloads,
  ...replyVoicePayloads,
  ...replyTextPayloads,
} as const;

/** Type of an event. */
export type EventType = keyof typeof payloadSchemas;
/** What an event of type T carries beside the envelope. */
export type Payload<T extends EventType> = z.infer<(typeof payloadSchemas)[T]>;
/** An event of type T as it stands on the bus. */
export type EventOf<T extends EventType> = T extends EventType
  ? Omit<z.infer<typeof envelopeSchema>, 'type'> & { type: T } & Payload<T>
  : never;
/** Any event of the contract. */
export type ParleyEvent = EventOf<EventType>;

/** Of types that are not named after their kind. */
const KIND_OF_ROOT: Record<string, EventKind> = { tool: 'reply', history: 'reply', turn: 'transcript' };

const KINDS: Record<EventType, EventKind | 'text'> = Object.fromEntries(
  (Object.keys(payloadSchemas) as EventType[]).map((type) => {
    const root = type.split('.')[0] as string;
    return [type, KIND_OF_ROOT[root] ?? root];
  }),
) as Record<EventType, EventKind | 'text'>;

/** The kind of subject that events of this type are published on. */
export function kindOf(type: EventType): EventKind | 'text' {
  return KINDS[type];
}

const schemas = new Map<string, z.ZodType>(
  Object.entries(payloadSchemas).map(([type, payload]) => [type, envelopeSchema.extend(payload.shape)]),
);

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads an event from the bus. Unknown fields are dropped.
 * @returns undefined for a type this build does not know, which readers must pass over
 * @throws {ContractError} `invalid_event` for bytes that are no JSON object, or a known type with wrong fields
 */
export function decodeEvent(bytes: Uint8Array): ParleyEvent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new ContractError('invalid_event', 'an event is one JSON object in UTF-8', { cause });
  }
  const type = (json as { type?: unknown } | null)?.type;
  if (typeof type !== 'string') throw new ContractError('invalid_event', 'an event has a type');
  const schema = schemas.get(type);
  if (!schema) return undefined;
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new ContractError('invalid_event', `${type}: ${where}`);
  }
  return parsed.data as ParleyEvent;
}

/** Writes an event as UTF-8 JSON. Whoever builds one is checked by its type, so it is not validated again. */
export function encodeEvent(event: ParleyEvent): Uint8Array {
  return Buffer.from(JSON.stringify(event));
}

/** Narrows an event to one type. */
export function isEvent<T extends EventType>(event: ParleyEvent, type: T): event is EventOf<T> {
  return event.type === type;
}
