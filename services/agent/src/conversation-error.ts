/** What can be wrong with a use of a conversation. */
export type ConversationErrorCode =
  /** A reply is being made; abort it first. */
  | 'conversation_busy'
  /** The conversation was closed before. */
  | 'conversation_closed'
  /** The request makes no sense: no text, or a reply's number that goes back. */
  | 'conversation_input';

/** Thrown when a conversation is used wrongly. What goes wrong inside a reply is an `EngineError`. */
export class ConversationError extends Error {
  override readonly name = 'ConversationError';
  readonly retryable: boolean;

  constructor(
    readonly code: ConversationErrorCode,
    message: string,
  ) {
    super(message);
    this.retryable = code === 'conversation_busy';
  }
}
