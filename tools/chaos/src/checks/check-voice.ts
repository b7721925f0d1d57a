import { readScripted, speakScripted } from '@parley/testing/engines';
import type { FinishedCall } from '../call-record.js';
import type { HeardPiece } from '../speaker.js';
import { broken, type CallFinding } from './finding.js';
import { eventsOf } from './log-view.js';

const RATE_HZ = 16_000;

/** What a call heard, sample by sample. */
export interface VoiceCheck {
  findings: CallFinding[];
  /** Voice that was heard a second time, short of half a sentence. */
  repeatedMs: number;
  heardMs: number;
}

/**
 * Compares what the caller's speaker played with what the log says was to be spoken: every sample, in order, none
 * left out, and all of it where the reply was played to its end.
 */
export function checkVoice({ record, log }: FinishedCall): VoiceCheck {
  const findings: CallFinding[] = [];
  const expected = new Map<string, Int16Array>();
  for (const { reply, sentence, spoken } of eventsOf(log, 'reply.sentence')) {
    expected.set(`${reply}/${sentence}`, speakScripted(spoken, RATE_HZ));
  }
  const heard = new Map<string, number>();
  let repeated = 0;
  let total = 0;
  let last: HeardPiece | undefined;
  const say = (finding: CallFinding) => {
    const isSame = findings.some(
      ({ invariant, message }) => invariant === finding.invariant && message === finding.message,
    );
    if (!isSame) findings.push(finding);
  };
  for (const piece of record.pieces) {
    const key = `${piece.reply}/${piece.sentence}`;
    const voice = expected.get(key);
    const from = heard.get(key) ?? 0;
    total += piece.pcm.length;
    if (!voice || !isPartOf(voice, piece)) {
      say(broken('voice_changed', `reply ${piece.reply} sentence ${piece.sentence} at ${piece.pts} is not what it should be: heard "${readScripted(piece.pcm).text}"`)); // prettier-ignore
    }
    if (last && (piece.reply < last.reply || (piece.reply === last.reply && piece.sentence < last.sentence))) {
      say(broken('voice_out_of_order', `reply ${piece.reply} sentence ${piece.sentence} was heard behind reply ${last.reply} sentence ${last.sentence}`)); // prettier-ignore
    }
    if (piece.pts > from) {
      say(broken('voice_missing', `reply ${piece.reply} sentence ${piece.sentence}: ${ms(piece.pts - from)} ms from ${ms(from)} ms on were not heard`)); // prettier-ignore
    }
    if (piece.pts < from) {
      const again = Math.min(from, piece.pts + piece.pcm.length) - piece.pts;
      repeated += again;
      if (piece.pts === 0 && from > (voice?.length ?? 0) / 2) {
        say(broken('sentence_heard_twice', `reply ${piece.reply} sentence ${piece.sentence} began anew after ${ms(from)} ms of ${ms(voice?.length ?? 0)} ms were heard`)); // prettier-ignore
      }
    }
    heard.set(key, Math.max(from, piece.pts + piece.pcm.length));
    last = piece;
  }
  for (const finding of checkWhole(log, expected, heard)) say(finding);
  return { findings, repeatedMs: ms(repeated), heardMs: ms(total) };
}

/** A reply that the gateway played to its end, and the sentences before the last heard one of any reply, were heard whole. */
function checkWhole(
  log: FinishedCall['log'],
  expected: Map<string, Int16Array>,
  heard: Map<string, number>,
): CallFinding[] {
  const completed = new Set(
    eventsOf(log, 'playout.ended').flatMap(({ reply, outcome }) => (outcome === 'completed' ? [reply] : [])),
  );
  return eventsOf(log, 'reply.sentence').flatMap(({ reply, sentence }) => {
    const length = expected.get(`${reply}/${sentence}`)?.length ?? 0;
    const got = heard.get(`${reply}/${sentence}`) ?? 0;
    const isToBeWhole = completed.has(reply) || heard.has(`${reply}/${sentence + 1}`);
    if (!isToBeWhole || got >= length) return [];
    return [broken('voice_missing', `reply ${reply} sentence ${sentence}: ${ms(got)} of ${ms(length)} ms were heard`)];
  });
}

function isPartOf(voice: Int16Array, { pts, pcm }: HeardPiece): boolean {
  if (pts + pcm.length > voice.length) return false;
  for (let i = 0; i < pcm.length; i++) if (pcm[i] !== voice[pts + i]) return false;
  return true;
}

function ms(samples: number): number {
  return Math.round((samples / RATE_HZ) * 1000);
}
