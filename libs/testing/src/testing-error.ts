/** What can go wrong around a test. */
export type TestingErrorCode =
  /** Neither a container engine nor the program is there; the message says what to install. */
  | 'broker_missing'
  /** The broker did not come up; the message has what it said. */
  | 'broker_start_failed'
  /** The call does not fit what the broker is doing: it was stopped for good. */
  | 'broker_stopped'
  /** A wait was over before what it waited for came. */
  | 'deadline_exceeded';

/** Thrown by the test infrastructure. */
export class TestingError extends Error {
  override readonly name = 'TestingError';
  readonly retryable = false;

  constructor(
    readonly code: TestingErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
