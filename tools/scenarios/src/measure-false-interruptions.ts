import { setTimeout as sleep } from 'node:timers/promises';
import { concatPcm } from '@parley/audio';
import { checkVoiceOrder, percentiles } from '@parley/chaos/caller';
import { readScripted } from '@parley/testing/engines';
import type { Caller } from './caller.js';
import { LONG_REPLY, callTalker, found, inCalls, type MeasureReport } from './measure-calls.js';
import type { Stage } from './run-scenario.js';

/** A reply that was coughed at. */
interface CoughedReply {
  coughs: number;
  /** How long the speaker was silent each time. */
  pausesMs: readonly number[];
  /** What is wrong with what was heard. */
  broken: readonly string[];
}

const PER_CALL = 8;
const COUGH_MS = 250;
const BETWEEN_COUGHS_MS = [1200, 2200] as const;
const REPLY_DEADLINE_MS = 10_000;
const END_DEADLINE_MS = 60_000;

/** Coughs while the agent speaks, and checks that every sample of it is heard once and in order. */
export async function measureFalseInterruptions(count: number, stage: Stage, atOnce: number): Promise<MeasureReport> {
  const replies = await inCalls(count, { perCall: PER_CALL, atOnce }, async (coughs) => [
    await coughAtReply(stage, coughs),
  ]);
  const coughs = replies.reduce((sum, reply) => sum + reply.coughs, 0);
  const pauses = replies.flatMap(({ pausesMs }) => pausesMs);
  const broken = replies.flatMap((reply) => reply.broken);
  const { p50, p95, max } = percentiles(pauses);
  const length = pauses.length === 0 ? '' : `: p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)} ms, longest ${Math.round(max)} ms`; // prettier-ignore
  return {
    lines: [
      `${coughs} coughs at ${replies.length} replies, ${pauses.length} pauses that ended${length}`,
      `${replies.filter((reply) => reply.broken.length === 0).length} of ${replies.length} replies were heard whole: every sample once, in order`,
      ...broken,
    ],
    ok: broken.length === 0 && coughs >= count,
  };
}

async function coughAtReply(stage: Stage, wanted: number): Promise<CoughedReply> {
  const caller = await callTalker(stage, true);
  try {
    await caller.say(await stage.voices.say('please tell me everything'));
    const reply = await found(() => caller.newestHeard, REPLY_DEADLINE_MS);
    if (reply === undefined) return { coughs: 0, pausesMs: [], broken: ['no reply came'] };
    let coughs = 0;
    for (; coughs < wanted && !isOver(caller, reply); coughs++) {
      const [least, most] = BETWEEN_COUGHS_MS;
      await sleep(least + Math.random() * (most - least));
      await caller.say(stage.voices.noise(COUGH_MS));
    }
    const end = await found(() => isOver(caller, reply), END_DEADLINE_MS);
    await sleep(Math.max(0, caller.speaker.quietFromMs - performance.now()));
    return { coughs, pausesMs: pausesOf(caller), broken: brokenIn(caller, reply, end) };
  } finally {
    await caller.leave();
  }
}

function isOver(caller: Caller, reply: number) {
  return caller.told.find(({ event }) => event.type === 'playout_ended' && event.reply === reply)?.event;
}

function pausesOf({ stops, resumes }: Caller): number[] {
  return resumes.map(({ atMs }) => atMs - (stops.findLast((stop) => stop.atMs < atMs)?.atMs ?? NaN));
}

function brokenIn(caller: Caller, reply: number, end: object | undefined): string[] {
  const { pieces } = caller.speaker;
  const { findings, repeatedMs } = checkVoiceOrder(pieces);
  const broken = findings.map(({ message }) => message);
  if (!end || !('outcome' in end) || end.outcome !== 'completed') broken.push(`the reply was ${JSON.stringify(end)}`);
  if (repeatedMs > 0) broken.push(`${repeatedMs} ms were heard twice`);
  const { words, text } = readScripted(
    concatPcm(pieces.filter((piece) => piece.reply === reply).map(({ pcm }) => pcm)),
  );
  if (text !== LONG_REPLY) broken.push(`"${text}" was heard`);
  const holed = words.filter(({ complete }) => !complete).map((word) => word.text);
  if (holed.length > 0) broken.push(`not all of these words was heard: ${holed.join(', ')}`);
  return broken;
}
