/** What can go wrong with agents themselves. */
export type AgentErrorCode =
  /** A session asks for an agent that is not loaded. */
  | 'unknown_agent'
  /** A module in AGENT_MODULES cannot be loaded or has no agent. */
  | 'agent_module_invalid';

/** The error class of the agent stage. Match on `code`; never retryable. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly retryable = false;

  constructor(
    readonly code: AgentErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
