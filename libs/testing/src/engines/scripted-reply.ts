import { AIMessage, HumanMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import { EngineError, type EngineErrorCode } from '@parley/ports';

/** A tool call that the scripted model makes. Texts in `args` are templates too. */
export interface ScriptedToolCall {
  tool: string;
  args: Record<string, unknown>;
}

/**
 * What the scripted model does when the user's last words fit. Templates know `{text}` (those words), `{1}`, `{2}` …
 * (groups of `when`) and, after a tool call, `{result}` (what the tools answered, joined by spaces).
 */
export interface ScriptedRule {
  /** A regular expression, tried on the user's last words without regard to case; the first rule that fits counts. */
  when: string;
  /** Said, before the calls when there are any. A template. */
  reply?: string;
  calls?: readonly ScriptedToolCall[];
  /** Said after the calls have returned. @defaultValue '{result}' */
  then?: string;
  /** Fails with this code instead. */
  error?: EngineErrorCode;
  /** Time to the first token of each message, in place of the engine's. */
  firstTokenMs?: number;
  /** Between two tokens, in place of the engine's. */
  tokenMs?: number;
}

/** What to answer. */
export interface ScriptedReply {
  text: string;
  calls: readonly ScriptedToolCall[];
  /** In place of the engine's pace. */
  firstTokenMs?: number | undefined;
  tokenMs?: number | undefined;
}

/** Said when no rule fits: repeats the user's last words, which shows whose they were. */
export const ECHO_REPLY = 'You said: {text}.';

/**
 * Decides the model's next message from the conversation by the rules.
 * @throws {EngineError} the rule's `error`
 */
export function replyByRules(rules: readonly ScriptedRule[], fallback: string, messages: BaseMessage[]): ScriptedReply {
  const asked = messages.findLastIndex((message) => HumanMessage.isInstance(message));
  const text = (messages[asked]?.text ?? '').trim();
  const since = messages.slice(asked + 1);
  const results = since.filter((message) => ToolMessage.isInstance(message)).map((message) => message.text);
  const hasCalled = since.some((message) => AIMessage.isInstance(message) && (message.tool_calls?.length ?? 0) > 0);

  for (const rule of rules) {
    const match = new RegExp(rule.when, 'iu').exec(text);
    if (!match) continue;
    if (rule.error) throw new EngineError(rule.error, 'the script says so', rule.error === 'engine_unavailable');
    const fill = (template: string) => fillTemplate(template, text, match, results.join(' '));
    const { firstTokenMs, tokenMs } = rule;
    if (hasCalled) return { text: fill(rule.then ?? '{result}'), calls: [], firstTokenMs, tokenMs };
    const calls = (rule.calls ?? []).map(({ tool, args }) => ({ tool, args: fillArgs(args, fill) }));
    const said = rule.reply === undefined && calls.length > 0 ? '' : fill(rule.reply ?? fallback);
    return { text: said, calls, firstTokenMs, tokenMs };
  }
  return { text: fillTemplate(fallback, text, [], results.join(' ')), calls: [] };
}

function fillTemplate(template: string, text: string, groups: readonly string[], result: string): string {
  return template.replace(/\{(text|result|\d+)\}/g, (_, name: string) => {
    if (name === 'text') return text.replace(/[.!?]+$/u, '');
    return name === 'result' ? result : (groups[Number(name)] ?? '');
  });
}

/** A text that is one template only becomes a number where it is one, as a model would write it. */
function fillArgs(args: Record<string, unknown>, fill: (template: string) => string): Record<string, unknown> {
  const value = (given: unknown): unknown => {
    if (Array.isArray(given)) return given.map(value);
    if (typeof given === 'object' && given !== null) return fillArgs(given as Record<string, unknown>, fill);
    if (typeof given !== 'string') return given;
    const filled = fill(given);
    return /^\{\d+\}$/.test(given) && /^-?\d+(\.\d+)?$/.test(filled) ? Number(filled) : filled;
  };
  return Object.fromEntries(Object.entries(args).map(([name, given]) => [name, value(given)]));
}

const SCRIPT = /<script>([^]*?)<\/script>/u;

/**
 * The rules that an agent's instructions carry for the scripted model: JSON between `<script>` and `</script>`.
 * @returns none when the conversation has no such script
 * @throws {EngineError} `engine_settings` for a script that is no JSON list
 */
export function rulesInInstructions(messages: BaseMessage[]): readonly ScriptedRule[] {
  const script = messages.find((message) => message.getType() === 'system')?.text.match(SCRIPT)?.[1];
  if (script === undefined) return [];
  try {
    const rules: unknown = JSON.parse(script);
    if (Array.isArray(rules)) return rules as ScriptedRule[];
  } catch (cause) {
    throw new EngineError('engine_settings', "the script in the agent's instructions is no JSON", false, { cause });
  }
  throw new EngineError('engine_settings', "the script in the agent's instructions is no list of rules", false);
}
