import { EngineError, type EngineErrorCode } from '@parley/ports';

/** What an end of a session, or an error before it, means. */
type Meaning = readonly [EngineErrorCode, message: string, retryable: boolean];

const FAILED: Meaning = ['engine_unavailable', 'the service failed', true];
const ENDED: Meaning = ['engine_unavailable', 'the session was ended', true];
const LOST: Meaning = ['engine_unavailable', 'the connection was lost', true];
const KEY: Meaning = ['engine_auth', 'the key was refused', false];
const RATE: Meaning = ['engine_rate_limited', 'too many sessions', true];
const QUOTA: Meaning = ['engine_quota', 'the account has no credit', false];
const SETTINGS: Meaning = ['engine_settings', 'the settings were refused', false];
const INPUT: Meaning = ['engine_input', 'what was sent was refused', false];

/** Codes of the close and of the `Error` message before it, which are the same; those from 4000 are of older servers. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  1000: ENDED,
  1001: ENDED,
  1005: LOST,
  1006: LOST,
  1008: KEY,
  1013: ['engine_busy', 'the service has no room', true],
  3006: INPUT,
  3007: INPUT,
  3008: ['engine_unavailable', 'the session is as long as sessions may be', true],
  3009: RATE,
  4000: SETTINGS,
  4001: KEY,
  4002: QUOTA,
  4003: QUOTA,
  4029: RATE,
  4101: SETTINGS,
  4102: RATE,
};

/** What is said under a code that does not tell it, or under none. */
const SAYINGS: readonly (readonly [RegExp, codes: readonly number[], Meaning])[] = [
  [/too many|concurren|rate limit/i, [1008], RATE],
  [/insufficient|balance|funds|credit|billing|top up/i, [1008], QUOTA],
  [/unauthori[sz]ed|api key|authorization|not authori[sz]ed/i, [], KEY],
  [/inactiv/i, [3006], ['engine_unavailable', 'the session was ended for inactivity', true]],
  [/transmission rate/i, [3007], ['engine_input', 'audio was sent faster than it was spoken', true]],
];

/**
 * The coded error of a close or of an `Error` message. What the provider wrote is kept only as `cause`: it may quote the
 * key or the caller.
 * @param isOpening the session has not begun, so that what is refused are its settings
 */
export function errorOfCode(code: number | undefined, cause: Error, isOpening: boolean): EngineError {
  const said = SAYINGS.find(
    ([saying, codes]) => (code === undefined || codes.includes(code)) && saying.test(cause.message),
  );
  let meaning = said?.[2] ?? MEANINGS[code ?? 0] ?? FAILED;
  if (meaning === INPUT && isOpening) meaning = SETTINGS;
  const [engineCode, message, retryable] = meaning;
  return new EngineError(engineCode, `AssemblyAI: ${message} (${code ?? 'no code'})`, retryable, { cause });
}

/** The coded error of what the SDK threw or reported: of a message or a close where it has a number, else of the network. */
export function errorOfSdk(thrown: unknown, isOpening: boolean): EngineError {
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code } = cause as { code?: unknown };
  // The network's errors have codes that are words, those of the WebSocket among them.
  if (typeof code === 'string' && code.startsWith('WS_ERR')) {
    return new EngineError('engine_protocol', 'AssemblyAI: it broke the WebSocket protocol', true, { cause });
  }
  if (typeof code === 'string') {
    return new EngineError('engine_unavailable', 'AssemblyAI: the connection failed', true, { cause });
  }
  return errorOfCode(typeof code === 'number' ? code : undefined, cause, isOpening);
}
