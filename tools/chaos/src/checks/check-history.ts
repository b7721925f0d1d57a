import type { ParleyEvent } from '@parley/contracts';
import type { FinishedCall } from '../call-record.js';
import { replyTo } from '../conversation-script.js';
import { broken, type CallFinding } from './finding.js';
import { eventsOf, wordsOf } from './log-view.js';

/** One turn of a conversation as its log tells it. */
export interface HistoryEntry {
  userText: string;
  replyText: string;
  isCut: boolean;
}

/** Folds a log to the conversation. Pure. */
export function foldHistory(log: readonly ParleyEvent[]): HistoryEntry[] {
  const entries = new Map<number, HistoryEntry>();
  for (const event of log) {
    if (event.type === 'reply.started') {
      entries.set(event.reply, { userText: event.userText, replyText: '', isCut: false });
    } else if (event.type === 'reply.sentence') {
      const entry = entries.get(event.reply);
      if (entry) entry.replyText += event.text;
    } else if (event.type === 'reply.interrupted') {
      const entry = entries.get(event.reply);
      if (entry) entry.isCut = true;
    }
  }
  return [...entries.values()];
}

/** The conversation in the log is the one that was understood: its turns, in order, each with its reply. */
export function checkHistory({ record, log }: FinishedCall): CallFinding[] {
  const history = foldHistory(log);
  const ended = eventsOf(log, 'turn.ended').map(({ text }) => text);
  const inLog = history.map(({ userText }) => userText);
  // A call that failed may have ended between a turn and its reply.
  const expectedTurns = record.failure ? ended.slice(0, inLog.length) : ended;
  if (inLog.map(wordsOf).join(' | ') !== expectedTurns.map(wordsOf).join(' | ')) {
    return [
      broken('history_changed', `the turns answered are ${JSON.stringify(inLog)} and ${JSON.stringify(ended)} ended`),
    ];
  }
  return history.flatMap(({ userText, replyText, isCut }, index) => {
    const expected = replyTo(userText);
    const isLast = record.failure !== undefined && index === history.length - 1;
    const fits = isCut || isLast ? expected.startsWith(replyText.trimEnd()) : expected === replyText;
    return fits
      ? []
      : [broken('history_changed', `the log's reply is "${replyText}" and "${expected}" was to be said`)];
  });
}
