import { createInterface } from 'node:readline';
import { ParleyClientError } from '@parley/client';
import { CliError, EXIT } from './cli-error.js';
import type { Conversation } from './conversation.js';
import { holdConversation, type CommandContext, type ConversationOptions } from './hold-conversation.js';

/** Options of `parley chat`. */
export interface ChatOptions extends ConversationOptions {
  /** Where the caller's lines come from. */
  input: NodeJS.ReadableStream & { isTTY?: boolean };
}

/**
 * Writes to an agent, one turn a line, and shows what it answers; the next line is taken when the answer is complete. A
 * turn without an answer does not end the chat, but its exit code tells.
 * @throws {CliError} of the first turn that got no answer, and as `holdConversation`
 */
export async function runChat(options: ChatOptions, context: CommandContext): Promise<void> {
  const typed = Boolean(options.input.isTTY) && context.terminal.rewritable;
  const kind = { voice: false, echoTurns: typed ? 'none' : 'text' } as const;
  await holdConversation(options, kind, context, async (conversation, renderer) => {
    await conversation.greeted();
    const output = typed ? process.stdout : undefined;
    const lines = createInterface({ input: options.input, output, terminal: typed, prompt: 'you    ' });
    const stop = () => lines.close();
    conversation.client.on('state', ({ name }) => name === 'closed' && stop());
    context.signal.addEventListener('abort', stop);
    lines.on('SIGINT', () => context.interrupt());
    let unanswered: CliError | undefined;
    try {
      if (typed) lines.prompt();
      for await (const line of lines) {
        const failure = line.trim() === '' ? undefined : await writeTurn(conversation, line.trim());
        if (failure) renderer.error(failure);
        unanswered ??= failure;
        if (typed) lines.prompt();
      }
    } finally {
      context.signal.removeEventListener('abort', stop);
      stop();
    }
    conversation.assertOpen();
    if (unanswered) throw unanswered;
  });
}

/** @returns why the turn got no answer, when the chat can go on */
async function writeTurn(conversation: Conversation, text: string): Promise<CliError | undefined> {
  conversation.openTurn(text);
  conversation.callerDone();
  try {
    await conversation.client.sendText(text);
    await conversation.turnAnswered();
    return undefined;
  } catch (error) {
    conversation.assertOpen();
    if (error instanceof CliError && error.exitCode === EXIT.noReply) return error;
    if (!(error instanceof ParleyClientError)) throw error;
    throw new CliError(error.code, error.message, EXIT.sessionClosed, { cause: error });
  }
}
