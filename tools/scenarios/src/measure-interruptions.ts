import { setTimeout as sleep } from 'node:timers/promises';
import { percentiles } from '@parley/chaos/caller';
import type { Caller } from './caller.js';
import { callTalker, found, inCalls, type MeasureReport } from './measure-calls.js';
import type { Stage } from './run-scenario.js';

/** One interruption, in ms from the caller's first sound; undefined for what did not come. */
interface Interruption {
  /** The caller's speaker is silent for good. */
  silenceMs: number | undefined;
  /** The caller is told that it is heard. */
  heardMs: number | undefined;
  /** The speaker is told to pause. */
  pauseMs: number | undefined;
}

const PER_CALL = 10;
const REPLY_DEADLINE_MS = 10_000;
const SILENCE_DEADLINE_MS = 5000;
/** How much of a reply is heard before somebody speaks over it. */
const LISTENS_MS = [300, 1500] as const;

/** Speaks over replies, and measures how long they are still heard. */
export async function measureInterruptions(count: number, stage: Stage, atOnce: number): Promise<MeasureReport> {
  const times = await inCalls(count, { perCall: PER_CALL, atOnce }, (wanted) => interruptOften(stage, wanted));
  const defined = (field: keyof Interruption) => times.map((each) => each[field]).filter((ms) => ms !== undefined);
  const silences = defined('silenceMs');
  return {
    lines: [
      `${silences.length} of ${count} interruptions silenced the agent`,
      line('from the first sound to silence at the ear', silences),
      line('from the first sound to speech_started', defined('heardMs')),
      line('from the first sound to audio_pause', defined('pauseMs')),
    ],
    ok: silences.length === count,
  };
}

function line(what: string, values: readonly number[]): string {
  if (values.length === 0) return `${what}: never`;
  const { p50, p95, max } = percentiles(values);
  return `${what}: p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)} ms, longest ${Math.round(max)} ms`;
}

async function interruptOften(stage: Stage, times: number): Promise<Interruption[]> {
  const caller = await callTalker(stage, true);
  const made: Interruption[] = [];
  try {
    await caller.say(await stage.voices.say('please tell me number 0'));
    for (let n = 1, last = 0; n <= times; n++) {
      const reply = await found(() => caller.newestHeard > last && caller.newestHeard, REPLY_DEADLINE_MS);
      if (reply === undefined) break;
      last = reply;
      const [least, most] = LISTENS_MS;
      await sleep(least + Math.random() * (most - least));
      made.push(await interrupt(caller, reply, await stage.voices.say(`no stop please tell me number ${n} instead`)));
    }
  } finally {
    await caller.leave();
  }
  return made;
}

async function interrupt(caller: Caller, reply: number, pcm: Int16Array): Promise<Interruption> {
  const beganMs = performance.now();
  const speaking = caller.say(pcm);
  const isOver = () => caller.told.find(({ event }) => event.type === 'playout_ended' && event.reply === reply)?.event;
  const end = await found(isOver, SILENCE_DEADLINE_MS);
  await speaking;
  const since = ({ atMs }: { atMs: number }) => atMs >= beganMs;
  const told = caller.told.filter(since);
  const stops = caller.stops.filter(since);
  const resumedMs = caller.resumes.filter(since).at(-1)?.atMs ?? -Infinity;
  const isInterrupted = end?.type === 'playout_ended' && end.outcome === 'interrupted';
  const after = (atMs: number | undefined) => (atMs === undefined ? undefined : atMs - beganMs);
  return {
    silenceMs: isInterrupted ? after(stops.find(({ atMs }) => atMs > resumedMs)?.atMs) : undefined,
    heardMs: after(told.find(({ event }) => event.type === 'speech_started')?.atMs),
    pauseMs: after(stops.find(({ why }) => why === 'pause')?.atMs),
  };
}
