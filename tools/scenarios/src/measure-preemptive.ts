import { setTimeout as sleep } from 'node:timers/promises';
import { concatPcm, silencePcm } from '@parley/audio';
import { percentiles } from '@parley/chaos/caller';
import { agentSettingsSchema } from './agent-settings.js';
import { callAgent, found, inCalls, type MeasureReport } from './measure-calls.js';
import type { Stage } from './run-scenario.js';
import type { AgentPart } from './scenario-agent.js';
import { RATE_HZ } from './voices.js';

const PER_CALL = 5;
const REPLY_DEADLINE_MS = 10_000;
/** A pause within a turn that ends the utterance, and not the turn. */
const PAUSE_MS = 500;
/** What each of the model's words costs here is a token. */
const THINKS_MS = 500;

const answers = [{ to: '.', says: 'You said {text}, and that is all.', thinks_ms: THINKS_MS }];
const PATIENT: AgentPart = { id: 'measure/patient', agent: agentSettingsSchema.parse({}), answers, tools: {} };
const EAGER: AgentPart = { ...PATIENT, id: 'measure/eager', agent: agentSettingsSchema.parse({ preemptive: true }) };

/** The agents that are compared: one begins its replies early. */
export const PREEMPTIVE_AGENTS: readonly AgentPart[] = [PATIENT, EAGER];

/** Has the same said to an agent that waits for the end of a turn and to one that begins before, with and without pauses. */
export async function measurePreemptive(count: number, stage: Stage, atOnce: number): Promise<MeasureReport> {
  const lines: string[] = [`a model of ${THINKS_MS} ms until its first word, ${count} turns each`];
  let answered = 0;
  for (const isPausing of [false, true]) {
    for (const { id } of PREEMPTIVE_AGENTS) {
      const before = await countedBy(stage);
      const waits = await inCalls(count, { perCall: PER_CALL, atOnce }, (turns) => take(turns, id, isPausing, stage));
      const after = await countedBy(stage);
      answered += waits.length;
      const { p50, p95 } = percentiles(waits);
      const made = (what: keyof typeof after) => after[what] - before[what];
      const early = `${made('kept')} early replies kept, ${made('discarded')} thrown away with ${made('wasted')} tokens`;
      lines.push(
        `${isPausing ? `with a pause of ${PAUSE_MS} ms` : 'in one breath'}, ${id === EAGER.id ? 'preemptive' : 'waiting'}: ` +
          `last sound to first sound p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)} ms` +
          (id === EAGER.id ? `; ${early}` : ''),
      );
    }
  }
  return { lines, ok: answered === 4 * count };
}

/** Takes turns in one call. @returns of each the time from the caller's last sound to the agent's first, in ms */
async function take(turns: number, agent: string, isPausing: boolean, stage: Stage): Promise<number[]> {
  const caller = await callAgent(stage, agent);
  const waits: number[] = [];
  try {
    for (let turn = 1; turn <= turns; turn++) {
      const parts = [`I would like number ${turn}${isPausing ? ' and' : ' please'}`, 'one more coffee please'];
      const [first, second] = [await stage.voices.say(parts[0] ?? ''), await stage.voices.say(parts[1] ?? '')];
      await caller.say(isPausing ? concatPcm([first, silencePcm(PAUSE_MS, RATE_HZ), second]) : first);
      const saidMs = performance.now();
      const end = await found(() => begun(caller, turn), REPLY_DEADLINE_MS);
      if (end === undefined) break;
      waits.push(end - saidMs);
      await found(() => isOver(caller, turn), REPLY_DEADLINE_MS);
      await sleep(Math.max(0, caller.speaker.quietFromMs - performance.now()));
    }
  } finally {
    await caller.leave();
  }
  return waits;
}

type Told = Awaited<ReturnType<typeof callAgent>>;

function begun({ told }: Told, reply: number): number | undefined {
  return told.find(({ event }) => event.type === 'playout_started' && event.reply === reply)?.atMs;
}

function isOver({ told }: Told, reply: number): boolean {
  return told.some(({ event }) => event.type === 'playout_ended' && event.reply === reply);
}

/** What the agent stage has counted so far. */
async function countedBy({ agentUrl }: Stage) {
  const text = await (await fetch(`${agentUrl}/metrics`)).text();
  const sum = (pattern: RegExp) => [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  return {
    kept: sum(/^parley_agent_preemptive_replies_total\{[^}]*outcome="kept"[^}]*\} (\S+)$/gmu),
    discarded: sum(/^parley_agent_preemptive_replies_total\{[^}]*outcome="discarded"[^}]*\} (\S+)$/gmu),
    wasted: sum(/^parley_agent_preemptive_wasted_tokens_total\{[^}]*\} (\S+)$/gmu),
  };
}
