import { expect } from '@jest/globals';
import { EngineError, type EngineErrorCode } from '@parley/ports';
import { deadline, eventually } from '../deadline.js';
import type { Emulator, Fault } from '../emulators/index.js';

/** What an adapter has to make of a fault. */
export interface ExpectedError {
  code: EngineErrorCode;
  retryable: boolean;
  /** Of `rate_limited`: how long the provider asks to be left alone. */
  retryAfterMs?: number;
}

/** By fault. */
export type ExpectedErrors = Readonly<Record<Fault, ExpectedError>>;

/** What most adapters make of faults: those that make something else of one say so. */
export const USUAL_ERRORS: ExpectedErrors = {
  timeout: { code: 'engine_timeout', retryable: true },
  silent: { code: 'engine_timeout', retryable: true },
  rate_limited: { code: 'engine_rate_limited', retryable: true, retryAfterMs: 2000 },
  rate_limited_bare: { code: 'engine_rate_limited', retryable: true },
  server_error: { code: 'engine_unavailable', retryable: true },
  auth: { code: 'engine_auth', retryable: false },
  quota: { code: 'engine_quota', retryable: false },
  truncated: { code: 'engine_unavailable', retryable: true },
  dropped: { code: 'engine_unavailable', retryable: true },
  malformed: { code: 'engine_protocol', retryable: true },
  closed_early: { code: 'engine_unavailable', retryable: true },
};

/** One provider, emulated, and how it is reached. Each cell has its own. */
export interface FaultSubject<Engine extends { close(): Promise<void> }> {
  emulator: Emulator;
  engine: Engine;
}

/** Checks that what came of a fault is the coded error that was to come of it. */
export function expectError(thrown: unknown, expected: ExpectedError): void {
  expect(thrown).toBeInstanceOf(EngineError);
  const { code, retryable, retryAfterMs } = thrown as EngineError;
  expect({ code, retryable }).toEqual({ code: expected.code, retryable: expected.retryable });
  if (expected.retryAfterMs !== undefined) expect(retryAfterMs).toBe(expected.retryAfterMs);
}

/** What a promise is rejected with, or undefined when it is not, in time. */
export async function thrownBy(work: Promise<unknown>, deadlineMs: number, what: string): Promise<unknown> {
  return deadline(
    work.then(
      () => undefined,
      (error: unknown) => error,
    ),
    deadlineMs,
    what,
  );
}

/** Runs a cell: whatever it did, nothing of it is open after the engine was closed. */
export async function withoutLeaks<Engine extends { close(): Promise<void> }>(
  start: () => Promise<FaultSubject<Engine>>,
  cell: (subject: FaultSubject<Engine>) => Promise<void>,
): Promise<void> {
  const before = openSockets();
  const subject = await start();
  const { emulator, engine } = subject;
  try {
    await cell(subject);
    await deadline(engine.close(), 5000, 'close of the engine');
    await eventually(() => emulator.connections === 0, { what: 'end of every connection', deadlineMs: 5000 });
  } finally {
    await engine.close();
    await emulator.stop();
  }
  await eventually(() => openSockets() <= before, { what: 'end of every socket', deadlineMs: 5000 });
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}
