/** One environment variable that cannot be used. */
export interface ConfigProblem {
  readonly name: string;
  /** What is wrong with it; never its value. */
  readonly problem: string;
}

/** Thrown when the environment does not fit a service's schema; names every bad variable at once and no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config_invalid';
  readonly retryable = false;

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(
      `the environment is not usable:\n${problems.map(({ name, problem }) => `  ${name || '(all)'}: ${problem}`).join('\n')}`,
    );
  }
}
