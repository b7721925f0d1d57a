import { readScripted, speakScripted } from '@parley/testing/engines';
import type { FinishedCall } from '../call-record.js';
import type { HeardPiece } from '../speaker.js';
import { broken, type CallFinding } from './finding.js';
import { eventsOf } from './log-view.js';
import { checkVoiceOrder, type VoiceOrder } from './voice-order.js';

const RATE_HZ = 16_000;

/**
 * Compares what the caller's speaker played with what the log says was to be spoken: every sample, in order, none
 * left out, and all of it where the reply was played to its end.
 */
export function checkVoice({ record, log }: FinishedCall): VoiceOrder {
  const expected = new Map<string, Int16Array>();
  for (const { reply, sentence, spoken } of eventsOf(log, 'reply.sentence')) {
    expected.set(`${reply}/${sentence}`, speakScripted(spoken, RATE_HZ));
  }
  const order = checkVoiceOrder(record.pieces, (key) => expected.get(key)?.length ?? 0);
  const changed = record.pieces.find((piece) => !isPartOf(expected.get(`${piece.reply}/${piece.sentence}`), piece));
  const findings = [
    ...order.findings,
    ...(changed ? [broken('voice_changed', `reply ${changed.reply} sentence ${changed.sentence} at ${changed.pts} is not what it should be: heard "${readScripted(changed.pcm).text}"`)] : []), // prettier-ignore
    ...checkWhole(log, expected, order.heard),
  ];
  return { ...order, findings };
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

function isPartOf(voice: Int16Array | undefined, { pts, pcm }: HeardPiece): boolean {
  if (!voice || pts + pcm.length > voice.length) return false;
  for (let i = 0; i < pcm.length; i++) if (pcm[i] !== voice[pts + i]) return false;
  return true;
}

function ms(samples: number): number {
  return Math.round((samples / RATE_HZ) * 1000);
}
