import type { FinishedCall } from '../call-record.js';
import { noteIn } from '../conversation-script.js';
import type { ToolExecution } from '../tool-ledger.js';
import { broken, type CallFinding } from './finding.js';
import { eventsOf, understoodWords } from './log-view.js';

/** What became of a call's tools. */
export interface ToolCheck {
  findings: CallFinding[];
  /** Executions repeated under their idempotency key because no answer was in the log yet: the tool has to see to it. */
  repeatedUnderKey: number;
  /** Calls that an owner died with and that the model was told to be in doubt: the tool may not be called twice. */
  inDoubt: number;
}

/**
 * Each note was asked for once, and took effect under one idempotency key. A second execution under the same key is
 * allowed only if it began before the first one's answer was in the log: its owner died between the two.
 */
export function checkTools({ record, log }: FinishedCall, executions: readonly ToolExecution[]): ToolCheck {
  const findings: CallFinding[] = [];
  let repeatedUnderKey = 0;
  let inDoubt = 0;
  const returned = eventsOf(log, 'tool.returned').filter(({ ok }) => ok);
  const called = eventsOf(log, 'tool.called');
  for (const { note, turn, words } of record.turns) {
    if (note === undefined || noteIn(understoodWords(log, { words })) !== note) continue;
    const mine = executions.filter(({ key }) => key === note);
    const calls = called.filter(({ args }) => args['key'] === note);
    const answers = returned.filter(({ reply, callId }) => calls.some((c) => c.reply === reply && c.callId === callId));
    const keys = new Set(mine.map(({ idempotencyKey }) => idempotencyKey));
    const isInDoubt = eventsOf(log, 'tool.returned').some(
      ({ ok, reply, callId, result }) =>
        !ok && IN_DOUBT.test(JSON.stringify(result)) && calls.some((c) => c.reply === reply && c.callId === callId),
    );
    if (isInDoubt) inDoubt++;
    if (mine.length === 0 && !record.failure && !isInDoubt)
      findings.push(broken('tool_lost', `note ${note} of turn ${turn} was never executed`));
    if (keys.size > 1)
      findings.push(
        broken('tool_doubled', `note ${note} was executed under ${keys.size} keys: ${[...keys].join(', ')}`),
      );
    if (answers.length > 1)
      findings.push(broken('tool_doubled', `note ${note} was answered ${answers.length} times in the log`));
    const [answer] = answers;
    const late = answer && mine.filter(({ begunAt }) => begunAt > answer.at);
    if (late && late.length > 0) {
      findings.push(broken('tool_doubled', `note ${note} was executed again ${late[0]!.begunAt - answer.at} ms after its answer was in the log`)); // prettier-ignore
    }
    repeatedUnderKey += Math.max(0, mine.length - keys.size);
  }
  const notes = new Set(record.turns.map(({ note }) => note));
  for (const { key } of executions) {
    if (!notes.has(key) && !record.failure)
      findings.push(broken('tool_doubled', `note ${key} was executed and nobody asked for it`));
  }
  return { findings, repeatedUnderKey, inDoubt };
}

/** What the agent stage tells the model of a call whose owner died. */
const IN_DOUBT = /outcome is unknown/;
