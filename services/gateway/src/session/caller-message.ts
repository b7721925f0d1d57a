import { MAX_CALLER_JSON_BYTES, callerMessageSchema, type CallerMessage } from '@parley/contracts';
import { EdgeError } from './edge-error.js';

const TYPES: readonly unknown[] = callerMessageSchema.options.map((option) => option.shape.type.value);

/**
 * Reads a caller's JSON text.
 * @throws {EdgeError} `message_too_large`, `invalid_json`, `unknown_type`, `invalid_message`
 */
export function parseCallerMessage(text: string | Buffer): CallerMessage {
  if (Buffer.byteLength(text) > MAX_CALLER_JSON_BYTES) throw new EdgeError('message_too_large');
  let json: unknown;
  try {
    json = JSON.parse(text.toString());
  } catch (cause) {
    throw new EdgeError('invalid_json', undefined, { cause });
  }
  return checkCallerMessage(json);
}

/**
 * Checks a message that is an object already.
 * @throws {EdgeError} `invalid_json`, `unknown_type`, `invalid_message`
 */
export function checkCallerMessage(value: unknown): CallerMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new EdgeError('invalid_json');
  if (!TYPES.includes((value as { type?: unknown }).type)) throw new EdgeError('unknown_type');
  const parsed = callerMessageSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new EdgeError('invalid_message', `the message does not fit its type: ${where}`);
}
