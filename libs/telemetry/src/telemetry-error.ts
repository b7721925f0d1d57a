/** What can be wrong with how telemetry is used. */
export type TelemetryErrorCode =
  /** A metric's name, help or labels break the rules of {@link createMetrics}. */
  | 'metric_invalid'
  /** A metric of that name exists already. */
  | 'metric_exists'
  /** A check of that name exists already. */
  | 'check_exists'
  /** The lifecycle does not lead from the one state to the other. */
  | 'invalid_transition';

/** Thrown when code uses telemetry wrongly. Never retryable: the same call fails again. */
export class TelemetryError extends Error {
  override readonly name = 'TelemetryError';
  readonly retryable = false;

  constructor(
    readonly code: TelemetryErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
