import type { ParleyEvent } from '@parley/contracts';
import { foldTurn, initialTurnState, readLog, type RecordedSession, type TurnState } from '@parley/session-log';
import { printable } from './terminal.js';

/** One message of a log and what the conversation was after it. */
export interface ReplayStep {
  /** Place in the log, from 1. */
  at: number;
  storedAtMs: number;
  verdict: string;
  event?: ParleyEvent;
  state: TurnState;
}

/** Folds a session's log from its beginning, message by message. Pure. */
export function replaySteps({ events }: RecordedSession): ReplayStep[] {
  let state = initialTurnState();
  return readLog(events).map(({ message, event, verdict }, index) => {
    if (event && verdict === 'accepted') state = foldTurn(state, event);
    return { at: index + 1, storedAtMs: message.storedAtMs, verdict, ...(event && { event }), state };
  });
}

/** One line of the list of steps: place, time since the first, stage and epoch, type, what it says, phase after it. */
export function stepLine({ at, storedAtMs, verdict, event, state }: ReplayStep, startMs: number): string {
  const seconds = ((storedAtMs - startMs) / 1000).toFixed(3).padStart(9);
  if (!event) return `${String(at).padStart(5)} ${seconds}  (${verdict})`;
  const who = `${event.stage}#${event.epoch}`.padEnd(12);
  const what = verdict === 'accepted' ? gist(event) : `(${verdict}) ${gist(event)}`;
  const line = `${String(at).padStart(5)} ${seconds}  ${who} ${event.type.padEnd(18)} ${what}`;
  return `${line.trimEnd()}  [${state.phase}]`;
}

/** What is known of the conversation, for people. */
export function stateLines(state: TurnState): string[] {
  const { phase, agent, mode, active, open, history, summary, toolState } = state;
  return [
    `phase       ${phase}`,
    `agent       ${printable(agent)}, ${mode}`,
    ...(active ? [`reply       ${active.reply}${active.playing ? ', playing' : ''}${active.textDone ? ', text complete' : ''}`] : []), // prettier-ignore
    ...open.map(({ text }) => `unanswered  ${printable(text)}`),
    ...(toolState === undefined ? [] : [`tool state  ${JSON.stringify(toolState)}`]),
    ...(summary?.text ? [`summary     ${printable(summary.text)} (up to turn ${summary.through})`] : []),
    ...history.flatMap(({ reply, userText, replyText, sentences, interrupted, toolCalls }) => [
      `turn ${reply}`,
      `  user   ${printable(userText)}`,
      ...toolCalls.map(({ tool, args, returned }) => `  tool   ${tool} ${JSON.stringify(args)} -> ${returned ? JSON.stringify(returned.result) : 'not returned'}`), // prettier-ignore
      `  agent  ${printable(replyText || sentences.join(''))}${interrupted ? ' (interrupted: this was heard)' : ''}`,
    ]),
  ];
}

const ENVELOPE = new Set(['id', 'type', 'sessionId', 'seq', 'epoch', 'stage', 'at', 'words']);

function gist(event: ParleyEvent): string {
  const fields = Object.entries(event).filter(([name]) => !ENVELOPE.has(name));
  return printable(fields.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ')).slice(0, 160);
}
