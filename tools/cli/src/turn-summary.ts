import type { ReplyRecord, TurnRecord } from './turn-tracker.js';

/** How fast one turn was answered; absent where the events for it did not come. */
export interface TurnLatencies {
  /** End-of-utterance delay, as the gateway told it. */
  eouDelayMs?: number;
  /** From the news that the turn had ended to the reply's first text, both as they arrived here; from the sending of a text. */
  firstTokenMs?: number;
  /** From the news that the turn had ended to the reply's first frame of voice. */
  firstAudioMs?: number;
  /** From the caller's real end of speech to the reply's first frame of voice. */
  voiceToVoiceMs?: number;
}

/** One turn of the caller and what came of it. */
export interface TurnSummary extends TurnLatencies {
  label: string;
  /** The caller's words as they were understood, one a final transcript. */
  transcripts: string[];
  /** Text of every reply of the turn. */
  replies: string[];
  tools: string[];
  /** Of the agent's voice received. */
  audioMs: number;
  answered: boolean;
  /** Why it does not count as answered. */
  problem?: string;
}

/** Judges one turn as it stands. */
export function summarizeTurn(turn: TurnRecord, options: { voice: boolean }): TurnSummary {
  const answer = answerOf(turn, options.voice);
  const problem = problemOf(turn, answer, options.voice);
  return {
    label: turn.label,
    transcripts: [...turn.transcripts],
    replies: turn.replies.map(({ text }) => text).filter((text) => text !== ''),
    tools: turn.replies.flatMap(({ tools }) => tools),
    audioMs: turn.replies.reduce((sum, { audioMs }) => sum + audioMs, 0),
    ...(answer && latencies(turn, answer, options.voice)),
    answered: problem === undefined,
    ...(problem !== undefined && { problem }),
  };
}

/** The reply that answers the turn: completed after the caller was done, rather one that also began after it. */
function answerOf(turn: TurnRecord, voice: boolean): ReplyRecord | undefined {
  const doneAtMs = turn.callerDoneAtMs;
  if (doneAtMs === undefined) return undefined;
  const good = turn.replies.filter(
    (reply) =>
      reply.outcome === 'completed' &&
      reply.text.trim() !== '' &&
      (!voice || (reply.audioMs > 0 && !isCut(reply.playout))) &&
      (reply.endedAtMs ?? -Infinity) >= doneAtMs,
  );
  return good.find(({ startedAtMs }) => startedAtMs >= doneAtMs) ?? good[0];
}

function isCut(playout: ReplyRecord['playout']): boolean {
  return playout === 'interrupted' || playout === 'failed';
}

function problemOf(turn: TurnRecord, answer: ReplyRecord | undefined, voice: boolean): string | undefined {
  if (turn.callerDoneAtMs === undefined) return 'the caller was not done';
  if (voice && turn.transcripts.length === 0) return 'no final transcript came';
  if (answer) return undefined;
  const last = turn.replies.at(-1);
  if (!last) return 'no reply began';
  if (last.outcome === undefined) return 'the reply did not end';
  if (last.outcome !== 'completed') return `the reply ${last.outcome === 'failed' ? 'failed' : 'was interrupted'}`;
  if (voice && isCut(last.playout))
    return `the voice of the reply ${last.playout === 'failed' ? 'failed' : 'was interrupted'}`;
  if (last.text.trim() === '') return 'the reply had no text';
  if (voice && last.audioMs === 0) return 'no voice was received';
  return 'the reply was over before the caller was done';
}

function latencies(turn: TurnRecord, answer: ReplyRecord, voice: boolean): TurnLatencies {
  if (!voice) return { firstTokenMs: difference(answer.firstTokenAtMs, turn.callerDoneAtMs) };
  const beganAtMs = answer.firstTokenAtMs ?? answer.firstAudioAtMs ?? answer.startedAtMs;
  const turnEnd = turn.turnEnds.findLast(({ atMs }) => atMs <= beganAtMs);
  return {
    eouDelayMs: turnEnd?.eouDelayMs,
    firstTokenMs: difference(answer.firstTokenAtMs, turnEnd?.atMs),
    firstAudioMs: difference(answer.firstAudioAtMs, turnEnd?.atMs),
    voiceToVoiceMs: difference(answer.firstAudioAtMs, turn.callerDoneAtMs),
  };
}

/** Undefined also when `toMs` came first: then the one did not lead to the other. */
function difference(toMs: number | undefined, fromMs: number | undefined): number | undefined {
  return toMs === undefined || fromMs === undefined || toMs < fromMs ? undefined : toMs - fromMs;
}
