import type { EventOf, ParleyEvent } from '@parley/contracts';
import type { FinishedCall, SpokenTurn } from '../call-record.js';
import { replyTo } from '../conversation-script.js';
import { broken, type CallFinding } from './finding.js';
import { eventsOf, repliesTo, understoodWords } from './log-view.js';

/** Every turn got exactly one reply, with the right text, sentence by sentence; it was cut off only where it was spoken over. */
export function checkReplies({ record, log }: FinishedCall): CallFinding[] {
  return record.turns.flatMap((turn) => {
    const replies = repliesTo(log, turn);
    const [first] = replies;
    if (!first) return [broken('reply_lost', `turn ${turn.turn} "${turn.words}" has no reply.started`)];
    const numbers = new Set(replies.map(({ reply }) => reply));
    const doubled =
      numbers.size > 1
        ? [broken('reply_doubled', `turn ${turn.turn} has the replies ${[...numbers].join(', ')}`)]
        : replies.length > 1
          ? [broken('reply_doubled', `reply ${first.reply} started ${replies.length} times: ${idsOf(replies)}`)]
          : [];
    return [
      ...doubled,
      ...checkText(first, turn, log, record.failure !== undefined),
      ...checkSentences(first, turn, log),
    ];
  });
}

function checkText(
  { reply }: EventOf<'reply.started'>,
  turn: SpokenTurn,
  log: readonly ParleyEvent[],
  isLastOfFailed: boolean,
): CallFinding[] {
  const expected = replyTo(understoodWords(log, turn));
  const ends = eventsOf(log, 'reply.ended').filter((event) => event.reply === reply);
  const cuts = eventsOf(log, 'reply.interrupted').filter((event) => event.reply === reply);
  const [end] = ends;
  const findings: CallFinding[] = [];
  if (ends.length > 1)
    findings.push(broken('reply_doubled', `reply ${reply} ended ${ends.length} times: ${idsOf(ends)}`));
  // The word that it was over may come to its writer behind the caller's next one: nothing was left to be cut.
  const isPlayedOut = eventsOf(log, 'playout.ended').some(
    (event) => event.reply === reply && event.outcome === 'completed',
  );
  if (cuts.length > 0 && !isPlayedOut && turn.interruptAfterMs === undefined) {
    findings.push(broken('reply_cut', `reply ${reply} was interrupted (${cuts[0]?.cause}) and nobody spoke over it`));
  }
  if (end && (end.outcome !== 'completed' || end.text !== expected)) {
    findings.push(
      broken('reply_changed', `reply ${reply} ended ${end.outcome} as "${end.text}" and not as "${expected}"`),
    );
  }
  if (!end && cuts.length === 0 && !isLastOfFailed) {
    findings.push(broken('reply_lost', `reply ${reply} to turn ${turn.turn} never ended`));
  }
  return findings;
}

function checkSentences(
  { reply }: EventOf<'reply.started'>,
  turn: SpokenTurn,
  log: readonly ParleyEvent[],
): CallFinding[] {
  const expected = replyTo(understoodWords(log, turn));
  const sentences = eventsOf(log, 'reply.sentence').filter((event) => event.reply === reply);
  const ordinals = sentences.map(({ sentence }) => sentence);
  const text = sentences.map((event) => event.text).join('');
  if (new Set(ordinals).size < ordinals.length) {
    return [broken('sentence_doubled', `reply ${reply} has the sentences ${ordinals.join(', ')}: ${idsOf(sentences)}`)];
  }
  if (ordinals.some((ordinal, index) => ordinal !== index) || !expected.startsWith(text.trimEnd())) {
    return [
      broken(
        'reply_changed',
        `reply ${reply} was written as "${text}" (${ordinals.join(', ')}) and not as "${expected}"`,
      ),
    ];
  }
  return [];
}

function idsOf(events: readonly { id: string }[]): string {
  return events.map(({ id }) => id).join(', ');
}
