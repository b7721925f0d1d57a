import type { EventOf, ParleyEvent } from '@parley/contracts';
import type { FinishedCall } from '../call-record.js';
import type { CallVerdict } from '../checks/check-call.js';
import { checkTold } from '../checks/check-told.js';
import { broken, type CallFinding } from '../checks/finding.js';
import { eventsOf } from '../checks/log-view.js';
import { checkVoiceOrder } from '../checks/voice-order.js';
import { plainWords, recall } from './alike.js';
import { CLIPS, clipNamed, mustSay } from './shop-script.js';

/** Least share of a turn's words that its transcript has to have: the recogniser mishears one now and then. */
const UNDERSTOOD = 0.75;
/** Least share of a reply's words that are heard in what the caller's speaker played, and most words there for each. */
const HEARD = 0.6;
const MOST_WORDS = 1.5;
const RATE_HZ = 16_000;

/** The reply to a turn by its ordinal, because callers say the same words again and again. */
export function replyInTurn(log: readonly ParleyEvent[], turn: number): EventOf<'reply.started'>[] {
  return eventsOf(log, 'reply.started').filter((event) => event.turn === turn);
}

/**
 * Every check on a call of real speech. What was said is known by its words and not by its samples, so a transcript
 * counts when most of it is right; order, counts and places are held to exactly.
 * @param transcribe reads a voice back to text
 */
export async function checkRealCall(
  finished: FinishedCall,
  transcribe: (pcm: Int16Array) => Promise<string>,
): Promise<CallVerdict> {
  const { record, log } = finished;
  const { call, sessionId, failure } = record;
  const inDoubt = eventsOf(log, 'tool.returned').filter(({ ok }) => !ok).length;
  const order = checkVoiceOrder(record.pieces);
  const findings = [
    ...(failure ? [broken('call_failed', `${failure.code}: ${failure.message}`)] : []),
    ...(log.some(({ type }) => type === 'session.closed') ? [] : [broken('session_not_closed', 'the log has no session.closed')]), // prettier-ignore
    ...checkTurns(finished),
    ...checkReplies(finished, inDoubt > 0),
    ...(inDoubt > 0 ? [] : checkTools(finished)),
    ...order.findings,
    ...(await checkHeard(finished, transcribe)),
    ...checkTold(finished),
  ];
  return {
    findings: findings.map((finding) => ({ ...finding, call, sessionId })),
    repeatedMs: order.repeatedMs,
    heardMs: order.heardMs,
    toolsRepeatedUnderKey: 0,
    toolsInDoubt: inDoubt,
  };
}

function checkTurns({ record, log }: FinishedCall): CallFinding[] {
  const ended = eventsOf(log, 'turn.ended');
  const findings: CallFinding[] = [];
  record.turns.forEach(({ turn, words }, index) => {
    const text = ended[index]?.text;
    if (text === undefined) findings.push(broken('final_lost', `turn ${turn} "${words}" has no turn.ended`));
    else if (
      recall(plainWords(words), plainWords(text)) < UNDERSTOOD ||
      plainWords(text).length > MOST_WORDS * plainWords(words).length
    ) {
      findings.push(broken('final_changed', `turn ${turn} was "${words}" and ended as "${text}"`));
    }
  });
  if (ended.length > record.turns.length && !record.failure) {
    findings.push(broken('final_doubled', `${ended.length} turns ended and ${record.turns.length} were said`));
  }
  return findings;
}

function checkReplies({ record, log }: FinishedCall, isInDoubt: boolean): CallFinding[] {
  return record.turns.flatMap(({ turn, words }, index) => {
    const replies = replyInTurn(log, turn);
    const [first] = replies;
    if (!first) return [broken('reply_lost', `turn ${turn} "${words}" has no reply.started`)];
    if (replies.length > 1) return [broken('reply_doubled', `turn ${turn} has ${replies.length} reply.started`)];
    const { reply } = first;
    const cut = eventsOf(log, 'reply.interrupted').find((event) => event.reply === reply);
    if (cut) return [broken('reply_cut', `reply ${reply} was interrupted (${cut.cause}) and nobody spoke over it`)];
    const ends = eventsOf(log, 'reply.ended').filter((event) => event.reply === reply);
    if (ends.length > 1) return [broken('reply_doubled', `reply ${reply} ended ${ends.length} times`)];
    const [end] = ends;
    if (!end) return record.failure ? [] : [broken('reply_lost', `reply ${reply} to turn ${turn} never ended`)];
    const sentences = eventsOf(log, 'reply.sentence').filter((event) => event.reply === reply);
    if (sentences.some(({ sentence }, at) => sentence !== at)) {
      return [broken('sentence_doubled', `reply ${reply} has the sentences ${sentences.map(({ sentence }) => sentence).join(', ')}`)]; // prettier-ignore
    }
    const missing = mustSay(record.turns.slice(0, index + 1).map((each) => each.words)).filter((each) => !end.text.includes(each)); // prettier-ignore
    if (end.outcome === 'completed' && (missing.length === 0 || isInDoubt)) return [];
    return [
      broken('reply_changed', `reply ${reply} ended ${end.outcome} as "${end.text}" without ${missing.join(', ')}`),
    ];
  });
}

function checkTools({ record, log }: FinishedCall): CallFinding[] {
  return record.turns.flatMap(({ turn, words }) => {
    const [reply] = replyInTurn(log, turn);
    const name = clipNamed(words);
    if (!reply || !name) return [];
    // The model may look at the menu whenever it likes.
    const counts = ({ tool }: { tool: string }) => name === 'menu' || tool !== 'get_menu';
    const called = eventsOf(log, 'tool.called').filter((event) => event.reply === reply.reply && counts(event));
    const returned = eventsOf(log, 'tool.returned').filter((event) => event.reply === reply.reply && event.ok && counts(event)); // prettier-ignore
    const wanted = CLIPS[name].tools;
    const tools = called.map(({ tool }) => tool).join(', ');
    if (called.length > wanted.length || returned.length > called.length) {
      return [broken('tool_doubled', `turn ${turn} called ${tools} with ${returned.length} answers`)];
    }
    if (returned.length === wanted.length || record.failure) return [];
    return [broken('tool_lost', `turn ${turn} called ${tools || 'nothing'} with ${returned.length} answers`)];
  });
}

/** What the caller's speaker played, transcribed, is what was to be spoken: all of it, and once. */
async function checkHeard({ record, log }: FinishedCall, transcribe: (pcm: Int16Array) => Promise<string>) {
  const findings: CallFinding[] = [];
  const completed = eventsOf(log, 'playout.ended').filter(({ outcome }) => outcome === 'completed');
  for (const { reply } of completed) {
    const pcm = joined(record.pieces.filter((piece) => piece.reply === reply).map((piece) => piece.pcm));
    const spoken = eventsOf(log, 'reply.sentence').filter((event) => event.reply === reply).map((event) => event.spoken).join(' '); // prettier-ignore
    const [wanted, heard] = [plainWords(spoken), plainWords(await transcribe(pcm))];
    const share = recall(wanted, heard);
    const told = `reply ${reply} was to say "${spoken}", and "${heard.join(' ')}" was heard in ${Math.round(pcm.length / RATE_HZ)} s`;
    if (share < HEARD) findings.push(broken('voice_changed', `${told}: ${Math.round(share * 100)} % of it`));
    else if (heard.length > MOST_WORDS * wanted.length) findings.push(broken('sentence_heard_twice', told));
  }
  return findings;
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
