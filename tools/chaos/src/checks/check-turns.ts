import type { FinishedCall } from '../call-record.js';
import { broken, type CallFinding } from './finding.js';
import { eventsOf, tagOf, wordsOf } from './log-view.js';

/** Every turn that was said ended exactly once, with its words; finals have each word once. */
export function checkTurns({ record, log }: FinishedCall): CallFinding[] {
  const ended = eventsOf(log, 'turn.ended');
  const findings = record.turns.flatMap((turn) => {
    const mine = ended.filter(({ text }) => text.includes(tagOf(turn)));
    const [first] = mine;
    if (!first) return [broken('final_lost', `turn ${turn.turn} "${turn.words}" has no turn.ended with its last word`)];
    const doubled = mine.length > 1;
    return [
      ...(doubled ? [broken('final_doubled', `turn ${turn.turn} ended ${mine.length} times: ${ids(mine)}`)] : []),
      ...(wordsOf(first.text) === wordsOf(turn.words)
        ? []
        : [
            broken('final_changed', `turn ${turn.turn} was "${turn.words}" and ended as "${first.text}" (${first.id})`),
          ]),
    ];
  });
  const said = record.turns.map(({ words }) => wordsOf(words)).join(' ');
  const finals = wordsOf(
    eventsOf(log, 'transcript.final')
      .map(({ text }) => text)
      .join(' '),
  );
  // A call that failed may have been saying more.
  if (findings.length === 0 && !record.failure && said !== finals) {
    findings.push(broken('final_changed', `all finals together are "${finals}" and "${said}" was said`));
  }
  return findings;
}

function ids(events: readonly { id: string }[]): string {
  return events.map(({ id }) => id).join(', ');
}
