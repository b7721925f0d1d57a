import { setTimeout as sleep } from 'node:timers/promises';
import { Caller } from './caller.js';
import { openClientDoor } from './client-door.js';
import type { Stage } from './run-scenario.js';
import { agentSettingsSchema } from './agent-settings.js';
import { agentNameOf, type AgentPart } from './scenario-agent.js';

/** Of what is measured, a line for each figure, and whether all was as it should be. */
export interface MeasureReport {
  lines: readonly string[];
  ok: boolean;
}

const SENTENCES = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'].map(
  (ordinal) => `This is the ${ordinal} of the sentences that I have to say.`,
);

/** What the measured agent says to everything: about 25 s of voice. */
export const LONG_REPLY = SENTENCES.join(' ');

/** An agent that talks for long. */
export const TALKER: AgentPart = {
  id: 'measure/talker',
  // Every sound pauses it, however many there were.
  agent: agentSettingsSchema.parse({ interruption: { noisesBeforeWords: 1000 } }),
  answers: [{ to: '.', says: LONG_REPLY }],
  tools: {},
};

const POLL_MS = 10;

/** A call to the agent that talks for long. */
export function callTalker(stage: Stage, pausable: boolean): Promise<Caller> {
  return callAgent(stage, TALKER.id, pausable);
}

/** A call to one of the measured agents. */
export function callAgent({ gatewayUrl }: Stage, id: string, pausable = false): Promise<Caller> {
  return Caller.connect({
    request: {
      gatewayUrl,
      agent: agentNameOf(id),
      mode: 'voice-to-voice',
      direction: 'incoming',
      frameMs: 20,
      pausable,
    },
    open: openClientDoor,
    nowMs: () => performance.now(),
  });
}

/** What is found; undefined when the deadline comes first. */
export async function found<T>(look: () => T | undefined | false, deadlineMs: number): Promise<T | undefined> {
  const untilMs = performance.now() + deadlineMs;
  for (;;) {
    const came = look();
    if (came) return came;
    if (performance.now() >= untilMs) return undefined;
    await sleep(POLL_MS);
  }
}

/** Makes `count` of something in so many calls at a time. @param call makes at most as many as it is told in one call */
export async function inCalls<T>(
  count: number,
  { perCall, atOnce }: { perCall: number; atOnce: number },
  call: (times: number) => Promise<readonly T[]>,
): Promise<T[]> {
  const made: T[] = [];
  let left = count;
  const work = async () => {
    while (left > 0) {
      const times = Math.min(perCall, left);
      left -= times;
      made.push(...(await call(times)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return made;
}
