import type { Rejection } from './emulator.js';

/** An error as OpenAI writes it. */
export function refused(
  status: number,
  message: string,
  { type = 'invalid_request_error', param = null, code = null }: { type?: string; param?: string | null; code?: string | null }, // prettier-ignore
): Rejection {
  return { status, body: { error: { message, type, param, code } } };
}
