/** A tool call that came back, as the log keeps it. */
export interface ToolCallRecord {
  callId: string;
  tool: string;
  args: Record<string, unknown>;
  ok: boolean;
  result: unknown;
}

/** One turn of a conversation's past, as the log tells it. */
export interface HistoryTurn {
  /** Ordinal of the reply in the session. */
  reply: number;
  /** Empty for what was said unasked. */
  userText: string;
  /** As it was heard; empty for a reply that is still to be made. */
  replyText: string;
  interrupted: boolean;
  /** Calls that came back, in order. A call that never came back is left out, and is made again. */
  toolCalls: readonly ToolCallRecord[];
}

/** What a new owner starts from. */
export interface ConversationHistory {
  /** Oldest first. The last one may be unfinished: a reply of the same number then continues it. */
  turns: readonly HistoryTurn[];
  /** What was said before those turns. */
  summary?: string;
  /** The agent's state as the last tool left it; the agent's initial state when absent. */
  state?: unknown;
}

/** A tool call within a round; `ok` is absent until it came back. */
export interface RoundCall {
  callId: string;
  tool: string;
  args: Record<string, unknown>;
  /** Why the arguments cannot be read. */
  malformed?: string;
  ok?: boolean;
  result?: unknown;
}

/** One answer of the model: text, and the calls it asked for. */
export interface Round {
  text: string;
  calls: RoundCall[];
}

/** One turn of a conversation; plain JSON. */
export interface Turn {
  reply: number;
  userText: string;
  rounds: Round[];
  /** The caller did not hear all of it. */
  interrupted: boolean;
}

/** A change of the turns that comes from outside the graph. */
export type TurnsChange =
  /** Puts what the log tells in the place of everything. */
  | { type: 'restored'; turns: readonly HistoryTurn[] }
  /** A turn begins; the last one's number again begins that one anew, with the calls it has made. */
  | { type: 'begun'; reply: number; userText: string }
  /** The agent said something that no model makes; again, when an earlier owner had begun to. */
  | { type: 'said'; reply: number; userText: string; text: string }
  /** A summary stands for the turns up to this reply. */
  | { type: 'summarised'; through: number }
  /** This much of a reply was heard. */
  | { type: 'heard'; reply: number; text: string };

/** Applies changes in order, and drops the oldest turns beyond `keepTurns`. Pure: no argument is changed. */
export function foldTurns(turns: readonly Turn[], changes: readonly TurnsChange[], keepTurns: number): Turn[] {
  return changes.reduce<readonly Turn[]>(foldTurn, turns).slice(-keepTurns);
}

function foldTurn(turns: readonly Turn[], change: TurnsChange): readonly Turn[] {
  switch (change.type) {
    case 'restored':
      return change.turns.map(turnFrom);
    case 'begun':
      return begin(turns, change.reply, change.userText);
    case 'said':
      return [
        ...turns.filter(({ reply }) => reply !== change.reply),
        { ...emptyTurn(change.reply), userText: change.userText, rounds: [{ text: change.text, calls: [] }] },
      ];
    case 'summarised':
      return turns.filter(({ reply }) => reply > change.through);
    case 'heard':
      return turns.map((turn) => (turn.reply === change.reply ? cutTo(turn, change.text) : turn));
  }
}

function begin(turns: readonly Turn[], reply: number, userText: string): readonly Turn[] {
  const last = turns.at(-1);
  if (last?.reply !== reply) return [...turns, { ...emptyTurn(reply), userText }];
  // What was begun for other words was begun too early, and did nothing.
  const rounds = last.userText === userText ? roundsOfCalls(last) : [];
  return [...turns.slice(0, -1), { ...emptyTurn(reply), userText, rounds }];
}

function emptyTurn(reply: number): Turn {
  return { reply, userText: '', rounds: [], interrupted: false };
}

/** What a turn did, without what it said. */
function roundsOfCalls({ rounds }: Turn): Round[] {
  return rounds.filter(({ calls }) => calls.length > 0).map(({ calls }) => ({ text: '', calls }));
}

/** All text of a turn's reply. */
export function replyTextOf({ rounds }: Turn): string {
  return rounds.map(({ text }) => text).join('');
}

/** Calls of the turn that came back; the next one's ordinal is one more. */
export function returnedCallsOf({ rounds }: Turn): ToolCallRecord[] {
  return rounds.flatMap(({ calls }) =>
    calls.flatMap(({ callId, tool, args, ok, result }) =>
      ok === undefined ? [] : [{ callId, tool, args, ok, result }],
    ),
  );
}

/** The graph's turn for one out of the log. */
function turnFrom({ reply, userText, replyText, interrupted, toolCalls }: HistoryTurn): Turn {
  const rounds: Round[] = [];
  if (toolCalls.length > 0) rounds.push({ text: '', calls: toolCalls.map((call) => ({ ...call })) });
  if (replyText !== '') rounds.push({ text: replyText, calls: [] });
  return { reply, userText, rounds, interrupted };
}

/** The turn as the log would tell it. */
export function historyTurnFrom(turn: Turn): HistoryTurn {
  const { reply, userText, interrupted } = turn;
  return { reply, userText, replyText: replyTextOf(turn), interrupted, toolCalls: returnedCallsOf(turn) };
}

/** The turn with nothing said but what was heard. Its calls stay: they happened. */
function cutTo(turn: Turn, heard: string): Turn {
  const whole = replyTextOf(turn);
  if (!turn.interrupted && sameWords(heard, whole)) return turn;
  const rounds = roundsOfCalls(turn);
  if (heard.trim() !== '') rounds.push({ text: heard.trim(), calls: [] });
  return { ...turn, rounds, interrupted: true };
}

function sameWords(a: string, b: string): boolean {
  return a.split(/\s+/).join(' ').trim() === b.split(/\s+/).join(' ').trim();
}
