import type { BindToolsInput } from '@langchain/core/language_models/chat_models';
import { AIMessage, HumanMessage, SystemMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import { z } from 'zod';

const contentSchema = z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]);
const callSchema = z.looseObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});
const messageSchema = z.discriminatedUnion('role', [
  z.looseObject({ role: z.enum(['system', 'developer']), content: contentSchema }),
  z.looseObject({ role: z.literal('user'), content: contentSchema }),
  z.looseObject({ role: z.literal('assistant'), content: contentSchema.nullish(), tool_calls: z.array(callSchema).min(1).optional() }), // prettier-ignore
  z.looseObject({ role: z.literal('tool'), content: contentSchema, tool_call_id: z.string().min(1) }),
]);

/** A chat completion as it is asked for. */
export const completionsRequestSchema = z.looseObject({
  model: z.string().min(1),
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).optional(),
  tools: z.array(z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/) }) })).min(1).optional(), // prettier-ignore
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.int().min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).optional(),
});

/** One that was understood. */
export type CompletionsRequest = z.output<typeof completionsRequestSchema>;

/** What the service finds wrong with a request that is well formed; undefined for nothing. */
export function complaintAbout({ model, messages, ...request }: CompletionsRequest): string | undefined {
  if (/^(o\d|gpt-5(?!-chat))/.test(model) && request.max_tokens !== undefined)
    return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  const open = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id))
        return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      continue;
    }
    if (open.size > 0) break;
    if (message.role === 'assistant') for (const { id } of message.tool_calls ?? []) open.add(id);
  }
  if (open.size === 0) return undefined;
  return "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";
}

/** The conversation as a LangChain model takes it. */
export function conversationOf({ messages }: CompletionsRequest): BaseMessage[] {
  return messages.map((message) => {
    const text = textOf(message.content);
    if (message.role === 'user') return new HumanMessage(text);
    if (message.role === 'tool') return new ToolMessage({ content: text, tool_call_id: message.tool_call_id });
    if (message.role !== 'assistant') return new SystemMessage(text);
    const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({ id, name, args: readArgs(args) })); // prettier-ignore
    return new AIMessage({ content: text, tool_calls: calls });
  });
}

/** The tools as LangChain binds them. */
export function toolsOf({ tools = [] }: CompletionsRequest): BindToolsInput[] {
  return tools as BindToolsInput[];
}

function textOf(content: z.output<typeof contentSchema> | null | undefined): string {
  if (content == null || typeof content === 'string') return content ?? '';
  return content.map(({ text = '' }) => text).join('');
}

function readArgs(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    // A model's own mistake, which comes back to it in the conversation.
    return {};
  }
}
