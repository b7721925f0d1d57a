import type { EdgeEvent } from '@parley/contracts';
import type { FinishedCall } from '../call-record.js';
import { callsNamedIn } from '../conversation-script.js';
import { broken, type CallFinding } from './finding.js';
import { eventsOf } from './log-view.js';

/** Events that a caller builds its state on: told once each, and none of them left out. */
const COUNTED = {
  stt_output: 'utterance',
  turn_ended: 'turn',
  reply_started: 'reply',
  agent_end: 'reply',
  playout_ended: 'reply',
} as const;

/** What the caller was told is what the log has, once each; and nothing of another call. */
export function checkTold({ record, log }: FinishedCall): CallFinding[] {
  return [...checkCounts(record, log), ...checkSources(record, log), ...checkForeign(record, log)];
}

function checkCounts(record: FinishedCall['record'], log: FinishedCall['log']): CallFinding[] {
  const expected: Record<keyof typeof COUNTED, number[]> = {
    stt_output: eventsOf(log, 'transcript.final').map(({ utterance }) => utterance),
    turn_ended: eventsOf(log, 'turn.ended').map(({ turn }) => turn),
    reply_started: eventsOf(log, 'reply.started').map(({ reply }) => reply),
    agent_end: [...eventsOf(log, 'reply.ended'), ...eventsOf(log, 'reply.interrupted')].map(({ reply }) => reply),
    playout_ended: eventsOf(log, 'playout.ended').map(({ reply }) => reply),
  };
  return (Object.keys(COUNTED) as (keyof typeof COUNTED)[]).flatMap((type) => {
    const told = record.told
      .filter(({ event }) => event.type === type)
      .map(({ event }) => (event as unknown as Record<string, number>)[COUNTED[type]] as number);
    const twice = [...new Set(told.filter((ordinal, index) => told.indexOf(ordinal) < index))];
    // A session that failed, or that is being closed, is not told of everything any more.
    const lost = record.failure ? [] : [...new Set(expected[type])].filter((ordinal) => !told.includes(ordinal));
    return [
      ...twice.map((ordinal) => broken('event_doubled', `the caller was told ${type} ${ordinal} more than once`)),
      ...lost.map((ordinal) => broken('event_lost', `the caller was never told ${type} ${ordinal}`)),
    ];
  });
}

/** An event that says which event of the log it stems from must stem from one that counts. */
function checkSources(record: FinishedCall['record'], log: FinishedCall['log']): CallFinding[] {
  const ids = new Set(log.map(({ id }) => id));
  const wasMoved = log.some((event) => event.type === 'session.resumed');
  return record.told.flatMap(({ event }) => {
    const { id, type } = event as EdgeEvent & { id?: string };
    if (id === undefined || id.startsWith('text.') || ids.has(id)) return [];
    // A gateway tells what it plays before it can know that another has just taken the session over.
    if (type.startsWith('playout_') && wasMoved) return [];
    return [
      broken('event_of_no_log', `the caller was told ${type} ${id}, which the log does not have or has succeeded`),
    ];
  });
}

function checkForeign(record: FinishedCall['record'], log: FinishedCall['log']): CallFinding[] {
  const mine = `c${record.call}`;
  const texts = [
    ...record.told.map(({ event }) => JSON.stringify({ ...event, sessionId: '', resumeToken: '' })),
    ...log.flatMap((event) => ('text' in event ? [event.text] : [])),
  ];
  const others = [...new Set(texts.flatMap(callsNamedIn))].filter((name) => name !== mine);
  return others.map((name) => broken('foreign_words', `words of call ${name} were told to call ${mine}`));
}
