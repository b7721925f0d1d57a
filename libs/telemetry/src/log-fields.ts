import { types } from 'node:util';

const HIDDEN = '[hidden]';
const SECRET_FIELD =
  /^(authorization|proxy-authorization|cookie|set-cookie|pass(word|phrase)?|secret|token|api[-_]?key|credentials?)$|(_|-)(api[-_]?key|token|secret|password)$|(Token|Secret|Password|ApiKey|SecretKey|PrivateKey)$/i;
const SECRET_IN_TEXT =
  /(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}|\b(?:sk|pk|rk)-[\w-]{8,}|(:\/\/[^/\s:@]*:)[^@\s/]+(?=@)/gi;
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_CAUSES = 5;

/**
 * Says how much audio there is instead of showing it: `<pcm 3200 B 100 ms>`.
 * @param sampleRateHz rate of mono 16-bit samples
 */
export function summarizePcm(pcm: ArrayBufferView, sampleRateHz = 16_000): string {
  return `<pcm ${pcm.byteLength} B ${Math.round((pcm.byteLength / 2 / sampleRateHz) * 1000)} ms>`;
}

/**
 * Makes a log line's fields safe and small: secrets are hidden at any depth, audio and bytes are summed up, errors
 * become `{type, code, message, stack, cause}`, and depth and length are bounded. Never throws and changes nothing.
 */
export function safeFields(fields: Record<string, unknown>): Record<string, unknown> {
  return plainObject(fields, 0);
}

/** An error as a log line shows it. Fields other than these are left out: vendors hang requests and headers there. */
export function errorFields(error: unknown, depth = 0): Record<string, unknown> {
  if (!isError(error)) return { type: typeof error, message: hideSecrets(String(error)) };
  const { name, message, stack, cause } = error;
  const { code, retryable } = error as { code?: unknown; retryable?: unknown };
  return {
    type: name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    message: hideSecrets(message),
    ...(typeof retryable === 'boolean' && { retryable }),
    ...(stack !== undefined && depth === 0 && { stack: hideSecrets(stack) }),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: errorFields(cause, depth + 1) }),
  };
}

function plainObject(object: object, depth: number): Record<string, unknown> {
  const { sampleRateHz, codec } = object as { sampleRateHz?: unknown; codec?: unknown };
  const rate = typeof sampleRateHz === 'number' && sampleRateHz > 0 ? sampleRateHz : undefined;
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    if (SECRET_FIELD.test(name) && value !== undefined && value !== null) out[name] = HIDDEN;
    else if (codec === 'pcm_s16le' && ArrayBuffer.isView(value)) out[name] = summarizePcm(value, rate);
    else out[name] = plain(value, depth + 1, rate);
  }
  return out;
}

function plain(value: unknown, depth: number, rate?: number): unknown {
  if (typeof value === 'string') return hideSecrets(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (isError(value)) return errorFields(value);
  if (ArrayBuffer.isView(value)) {
    return types.isInt16Array(value) ? summarizePcm(value, rate) : `<bytes ${value.byteLength} B>`;
  }
  if (types.isAnyArrayBuffer(value)) return `<bytes ${value.byteLength} B>`;
  if (types.isDate(value) || value instanceof URL) return hideSecrets(String(JSON.stringify(value)).slice(1, -1));
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? '[…]' : '{…}';
  if (!Array.isArray(value)) return plainObject(value, depth);
  const items = value.slice(0, MAX_ITEMS).map((item) => plain(item, depth + 1, rate));
  if (value.length > MAX_ITEMS) items.push(`… ${value.length - MAX_ITEMS} more`);
  return items;
}

function hideSecrets(text: string): string {
  return text.replace(SECRET_IN_TEXT, (_, scheme?: string, user?: string) => `${scheme ?? user ?? ''}${HIDDEN}`);
}

function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}
