import type { BindToolsInput } from '@langchain/core/language_models/chat_models';
import { AIMessage, HumanMessage, SystemMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import { z } from 'zod';

const textSchema = z.looseObject({ type: z.literal('text'), text: z.string().min(1, 'text content blocks must be non-empty') }); // prettier-ignore
const blockSchema = z.discriminatedUnion('type', [
  textSchema,
  z.looseObject({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) }), // prettier-ignore
  z.looseObject({ type: z.literal('tool_result'), tool_use_id: z.string(), content: z.union([z.string(), z.array(textSchema)]).optional() }), // prettier-ignore
]);

/** A message as it is asked for. */
export const messagesRequestSchema = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['user', 'assistant']),
        content: z.union([z.string(), z.array(blockSchema).min(1)]),
      }),
    ) // prettier-ignore
    .min(1, 'at least one message is required'),
  system: z.union([z.string(), z.array(textSchema)]).optional(),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(1).optional(),
  thinking: z.looseObject({ type: z.enum(['enabled', 'adaptive', 'disabled']) }).optional(),
  output_config: z.looseObject({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional() }).optional(),
  tools: z.array(z.looseObject({ name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/), description: z.string().optional(), input_schema: z.looseObject({ type: z.literal('object') }) })).optional(), // prettier-ignore
});

/** One that was understood. */
export type MessagesRequest = z.output<typeof messagesRequestSchema>;
type Block = z.output<typeof blockSchema>;

/** What the service finds wrong with a request that is well formed; undefined for nothing. */
export function complaintAbout({ messages }: MessagesRequest): string | undefined {
  if (messages[0]?.role === 'assistant') return 'messages: first message must use the "user" role';
  if (messages.at(-1)?.role === 'assistant')
    return 'This model does not support assistant message prefill. The conversation must end with a user message.';
  let open = new Set<string>();
  for (const { role, content } of messages) {
    const blocks = blocksOf(content);
    for (const block of blocks) {
      if (block.type === 'tool_result' && !open.delete(block.tool_use_id))
        return `messages: unexpected tool_use_id found in tool_result blocks: ${block.tool_use_id}`;
    }
    if (role === 'user' && open.size > 0)
      return `messages: tool_use ids were found without tool_result blocks immediately after: ${[...open].join(', ')}`;
    if (role === 'assistant') open = new Set(blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : [])));
  }
  return undefined;
}

/** The conversation as a LangChain model takes it. */
export function conversationOf({ system, messages }: MessagesRequest): BaseMessage[] {
  const instructions = typeof system === 'string' ? system : (system ?? []).map(({ text }) => text).join('\n');
  return [...(instructions ? [new SystemMessage(instructions)] : []), ...messages.flatMap(messagesOf)];
}

/** The tools as LangChain binds them. */
export function toolsOf({ tools = [] }: MessagesRequest): BindToolsInput[] {
  return tools.map(({ name, description = '', input_schema }) => ({
    type: 'function' as const,
    function: { name, description, parameters: input_schema },
  }));
}

function messagesOf({ role, content }: MessagesRequest['messages'][number]): BaseMessage[] {
  const blocks = blocksOf(content);
  const text = blocks.map((block) => (block.type === 'text' ? (block as { text: string }).text : '')).join('');
  if (role === 'assistant') {
    const calls = blocks.flatMap((block) => (block.type === 'tool_use' ? [{ id: block.id, name: block.name, args: block.input }] : [])); // prettier-ignore
    return [new AIMessage({ content: text, tool_calls: calls })];
  }
  const results = blocks.flatMap((block) => (block.type === 'tool_result' ? [resultOf(block)] : []));
  return [...results, ...(text === '' ? [] : [new HumanMessage(text)])];
}

function resultOf({ tool_use_id, content = '' }: Extract<Block, { type: 'tool_result' }>): ToolMessage {
  const text = typeof content === 'string' ? content : content.map((block) => block.text).join('');
  return new ToolMessage({ content: text, tool_call_id: tool_use_id });
}

function blocksOf(content: MessagesRequest['messages'][number]['content']): Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}
