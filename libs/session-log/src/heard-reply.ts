import type { Payload } from '@parley/contracts';
import { heardText, isTold, type HeardPosition } from './heard-text.js';
import type { HistoryTurn } from './turn-state.js';

/** A reply with one more sentence. Pure. */
export function withSentence(turn: HistoryTurn, { text, spoken }: Payload<'reply.sentence'>): HistoryTurn {
  const sentences = [...turn.sentences, text];
  if (turn.shown || (turn.settled && !turn.interrupted)) return { ...turn, sentences };
  const next = withVoice({ ...turn, sentences }, turn.sentences.length, { spoken });
  // Its word times are still to come, as if it had been there before.
  return turn.settled ? forgetTold(next) : next;
}

/** A reply when more word times are known. Pure: they may come before and after what was heard is told. */
export function withWords(turn: HistoryTurn, { sentence, first, words }: Payload<'synthesis.words'>): HistoryTurn {
  if (turn.shown || (turn.settled && !turn.voices?.[sentence])) return turn;
  const known = turn.voices?.[sentence]?.words ?? [];
  const next = withVoice(turn, sentence, { words: [...known.slice(0, first), ...words] });
  if (!turn.interrupted) return next;
  const heard = { ...next, replyText: heardOf(next, next.heard) };
  return turn.settled ? forgetTold(heard) : heard;
}

/** A reply of which so much was heard so far. Pure. */
export function heardSoFar(turn: HistoryTurn, heard: HeardPosition): HistoryTurn {
  if (turn.settled) return turn;
  return turn.interrupted ? cutShort({ ...turn, heard }) : { ...turn, heard };
}

/** A reply that was interrupted: until the gateway says exactly how far it played, its last report stands. Pure. */
export function cutShort(turn: HistoryTurn): HistoryTurn {
  if (turn.settled) return turn;
  const replyText = turn.shown ? turn.sentences.join('') : heardOf(turn, turn.heard);
  return { ...turn, interrupted: true, replyText };
}

/** A reply all of which was heard. Pure. */
export function heardWhole({ voices: _, ...turn }: HistoryTurn): HistoryTurn {
  return { ...turn, interrupted: false, settled: true, replyText: turn.sentences.join('') };
}

/** A reply the rest of which is read. Pure. */
export function readOn({ voices: _, ...turn }: HistoryTurn, isWritten: boolean): HistoryTurn {
  const isKnown = isWritten && !turn.settled;
  return { ...turn, shown: true, ...(isKnown && { settled: true, replyText: turn.sentences.join('') }) };
}

/** A reply of which exactly so much was heard; word times that are still to come may correct its words. Pure. */
export function settledAt(turn: HistoryTurn, heard: HeardPosition): HistoryTurn {
  const { sentence, playedMs, sentenceMs } = heard;
  const position = { sentence, playedMs, sentenceMs };
  const replyText = heardOf(turn, position);
  return forgetTold({ ...turn, interrupted: true, settled: true, heard: position, replyText });
}

function heardOf({ sentences, voices }: HistoryTurn, position: HeardPosition | undefined): string {
  return heardText(sentences, position, position && voices?.[position.sentence]);
}

function withVoice(turn: HistoryTurn, sentence: number, known: Partial<NonNullable<HistoryTurn['voices']>[number]>) {
  const voice = { spoken: '', words: [], ...turn.voices?.[sentence], ...known };
  return { ...turn, voices: { ...turn.voices, [sentence]: voice } };
}

/** Of a reply that is settled nothing is kept but what late word times of its last sentence are needed for. */
function forgetTold({ voices, ...turn }: HistoryTurn): HistoryTurn {
  const { heard } = turn;
  const voice = heard && voices?.[heard.sentence];
  if (!heard || !voice || isTold(voice, heard)) return turn;
  return { ...turn, voices: { [heard.sentence]: voice } };
}
