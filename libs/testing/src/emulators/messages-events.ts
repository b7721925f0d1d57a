import { randomUUID } from 'node:crypto';
import { countTokens, type AnswerPart } from './model-answer.js';
import type { MessagesRequest } from './messages-request.js';
import type { AnswerEvents } from './streamed-answer.js';

/**
 * The answer to a message as a stream of events: blocks of text and of tool calls, each opened and closed, and tokens
 * counted from the beginning each time.
 * @param failure the body of an error in the middle of the answer
 */
export function messagesEvents(request: MessagesRequest, failure: (thrown: unknown) => unknown): AnswerEvents {
  let index = -1;
  let open: AnswerPart['type'] | undefined;
  let hasCalls = false;
  const close = () => {
    if (open === undefined) return [];
    open = undefined;
    return [event('content_block_stop', { index })];
  };
  const start = (type: AnswerPart['type'], content_block: object) => {
    const closing = close();
    open = type;
    index += 1;
    return [...closing, event('content_block_start', { index, content_block })];
  };
  const delta = (what: object) => event('content_block_delta', { index, delta: what });
  return {
    headers: { 'request-id': 'req_emulated', 'anthropic-organization-id': 'org_emulated' },
    begin: () => [event('message_start', { message: emptyMessage(request) }), event('ping', {})],
    part(part) {
      if (part.type === 'text')
        return [
          ...(open === 'text' ? [] : start('text', { type: 'text', text: '' })),
          delta({ type: 'text_delta', text: part.text }),
        ];
      if (part.type === 'arguments') return [delta({ type: 'input_json_delta', partial_json: part.json })];
      hasCalls = true;
      const { id, name } = part;
      return [
        ...start('call', { type: 'tool_use', id, name, input: {} }),
        delta({ type: 'input_json_delta', partial_json: '' }),
      ];
    },
    end: (outputTokens) => [
      ...close(),
      event('message_delta', {
        delta: { stop_reason: hasCalls ? 'tool_use' : 'end_turn', stop_sequence: null },
        usage: { output_tokens: outputTokens },
      }),
      event('message_stop', {}),
    ],
    failure: (thrown) => [`event: error\ndata: ${JSON.stringify(failure(thrown))}\n\n`],
    malformed: 'event: content_block_delta\ndata: {"type":"content_block_\n\n',
  };
}

function emptyMessage({ model, messages, system }: MessagesRequest) {
  const usage = {
    input_tokens: countTokens(JSON.stringify([system, messages])),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: 1,
  };
  return { id: `msg_${randomUUID()}`, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage }; // prettier-ignore
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
