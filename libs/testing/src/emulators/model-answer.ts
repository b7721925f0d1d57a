import type { BindToolsInput, BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages';
import { EngineError } from '@parley/ports';
import { createScriptedModel } from '../engines/index.js';
import type { Fault } from './faults.js';

/** A piece of an answer, as a provider would send it. */
export type AnswerPart =
  | { type: 'text'; text: string }
  /** A tool call begins; `index` is its place among the calls. */
  | { type: 'call'; index: number; id: string; name: string }
  /** A piece of the JSON of its arguments, cut anywhere. */
  | { type: 'arguments'; index: number; json: string };

/** Characters of arguments that come at a time. */
const FRAGMENT = 5;

/** The model of an emulated provider that is given none: it says back what it is told, at once. */
export function scriptedAnswers(): BaseChatModel {
  return createScriptedModel({ firstTokenMs: 0, tokenMs: 0 }).createChatModel({});
}

/** What a model answers, piece by piece. Throws what the model throws. */
export async function* answerParts(
  model: BaseChatModel,
  messages: BaseMessage[],
  tools: BindToolsInput[],
  signal: AbortSignal,
): AsyncGenerator<AnswerPart, void, undefined> {
  const answering = tools.length > 0 && model.bindTools ? model.bindTools(tools) : model;
  for await (const chunk of await answering.stream(messages, { signal })) {
    if (chunk.text !== '') yield { type: 'text', text: chunk.text };
    yield* callParts(chunk as AIMessageChunk);
  }
}

function* callParts({ tool_call_chunks = [] }: AIMessageChunk): Generator<AnswerPart> {
  for (const { index = 0, id, name, args = '' } of tool_call_chunks) {
    if (id && name) yield { type: 'call', index, id, name };
    for (let at = 0; at < args.length; at += FRAGMENT)
      yield { type: 'arguments', index, json: args.slice(at, at + FRAGMENT) };
  }
}

/** The fault that stands for a model's own failure, so that it is told as the provider would tell it. */
export function faultOf(thrown: unknown): Fault {
  if (!(thrown instanceof EngineError)) return 'server_error';
  if (thrown.code === 'engine_rate_limited') return 'rate_limited_bare';
  if (thrown.code === 'engine_auth') return 'auth';
  return thrown.code === 'engine_quota' ? 'quota' : 'server_error';
}

/** Tokens of a text, as far as an emulator counts: its words. */
export function countTokens(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0;
}
