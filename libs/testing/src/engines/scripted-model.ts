import { EngineError, type LanguageModel } from '@parley/ports';
import type { BaseMessage } from '@langchain/core/messages';
import { systemClock, type Clock } from './clock.js';
import { ScriptedChatModel } from './scripted-chat-model.js';
import {
  ECHO_REPLY,
  replyByRules,
  rulesInInstructions,
  type ScriptedReply,
  type ScriptedRule,
} from './scripted-reply.js';

/** Settings of the scripted language model. All of them fit into JSON, but the function and the clock. */
export interface ScriptedModelOptions {
  /** Tried in order on the user's last words, after those that the agent's instructions carry. */
  rules?: readonly ScriptedRule[];
  /** Said when no rule fits; `{text}` stands for the user's last words. @defaultValue 'You said: {text}.' */
  reply?: string;
  /** Decides instead of the rules; whatever it throws is the model's failure. */
  answer?: (messages: BaseMessage[]) => ScriptedReply | string;
  /** @defaultValue 100 */
  firstTokenMs?: number;
  /** Between two tokens. @defaultValue 10 */
  tokenMs?: number;
  /** Length of every reply in tokens (words): shorter ones are repeated sentence-wise and longer ones cut. */
  tokens?: number;
  clock?: Clock;
}

/**
 * A model that answers by rules, or says back what it was told, at a set pace and holding no thread. Its chat model
 * streams and takes tools; a call of a tool that is not bound fails with `engine_input`.
 * @throws {EngineError} `engine_settings` for a rule whose `when` is no regular expression
 */
export function createScriptedModel(options: ScriptedModelOptions = {}): LanguageModel {
  const { rules = [], reply = ECHO_REPLY, answer } = options;
  for (const { when } of rules) checkPattern(when);
  return {
    name: 'scripted',
    capabilities: { streaming: true, tools: true },
    createChatModel: () =>
      new ScriptedChatModel({
        answer: (messages) => {
          const given = answer
            ? answer(messages)
            : replyByRules([...rulesInInstructions(messages), ...rules], reply, messages);
          return typeof given === 'string' ? { text: given, calls: [] } : given;
        },
        firstTokenMs: options.firstTokenMs ?? 100,
        tokenMs: options.tokenMs ?? 10,
        tokens: options.tokens,
        clock: options.clock ?? systemClock,
      }),
  };
}

function checkPattern(when: string): void {
  try {
    new RegExp(when, 'iu');
  } catch (cause) {
    throw new EngineError('engine_settings', `the rule's "when" is no regular expression: ${when}`, false, { cause });
  }
}
