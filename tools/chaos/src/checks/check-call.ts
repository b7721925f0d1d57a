import type { FinishedCall } from '../call-record.js';
import type { ToolExecution } from '../tool-ledger.js';
import { checkHistory } from './check-history.js';
import { checkReplies } from './check-replies.js';
import { checkTold } from './check-told.js';
import { checkTools } from './check-tools.js';
import { checkTurns } from './check-turns.js';
import { checkVoice } from './check-voice.js';
import { broken, type Finding } from './finding.js';

/** What the checks say of a call. */
export interface CallVerdict {
  findings: Finding[];
  repeatedMs: number;
  heardMs: number;
  toolsRepeatedUnderKey: number;
  /** @see ToolCheck.inDoubt */
  toolsInDoubt: number;
}

/** Every check on one call. Pure. */
export function checkCall(finished: FinishedCall, executions: readonly ToolExecution[]): CallVerdict {
  const { record, log } = finished;
  const { call, sessionId, failure } = record;
  const voice = checkVoice(finished);
  const tools = checkTools(finished, executions);
  const findings = [
    ...(failure ? [broken('call_failed', `${failure.code}: ${failure.message}`)] : []),
    ...(log.some(({ type }) => type === 'session.closed') ? [] : [broken('session_not_closed', 'the log has no session.closed')]), // prettier-ignore
    ...checkTurns(finished),
    ...checkReplies(finished),
    ...voice.findings,
    ...tools.findings,
    ...checkHistory(finished),
    ...checkTold(finished),
  ];
  return {
    findings: findings.map((finding) => ({ ...finding, call, sessionId })),
    repeatedMs: voice.repeatedMs,
    heardMs: voice.heardMs,
    toolsRepeatedUnderKey: tools.repeatedUnderKey,
    toolsInDoubt: tools.inDoubt,
  };
}
