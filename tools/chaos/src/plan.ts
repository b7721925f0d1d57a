import { createHash } from 'node:crypto';
import { createRandom } from './random.js';

/** What can be done to a running system. */
export const FAULT_KINDS = ['kill', 'term', 'stop', 'broker', 'socket'] as const;
/** One of {@link FAULT_KINDS}: SIGKILL, SIGTERM and SIGSTOP of a replica, a broker restart, lost client sockets. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Stages whose replicas are hit. */
export const FAULT_STAGES = ['gateway', 'stt', 'agent', 'tts'] as const;
/** One of {@link FAULT_STAGES}. */
export type FaultStage = (typeof FAULT_STAGES)[number];

/** What a call is doing at a moment. */
export const CALL_PHASES = ['opening', 'speaking', 'waiting', 'hearing', 'pausing'] as const;
/** One of {@link CALL_PHASES}. */
export type CallPhase = (typeof CALL_PHASES)[number];

/** A fault to come. */
export interface PlannedFault {
  /** From 1. */
  ordinal: number;
  /** Since the first call was up. It then waits a little for a call in `phase`. */
  atMs: number;
  kind: FaultKind;
  /** What is hit: a stage, the broker, or callers' sockets. */
  target: FaultStage | 'nats' | 'callers';
  /** Which replica of the stage, from 0; 0 for other targets. */
  replica: number;
  phase: CallPhase;
  /** How long the target stays away: down, held still, or without the broker. */
  awayMs: number;
  /** A broker restart is SIGKILL rather than SIGTERM. */
  hard: boolean;
  /** Share of the calls whose sockets are lost. */
  share: number;
}

/** What a plan is drawn from. */
export interface PlanOptions {
  seed: number;
  durationMs: number;
  /** Mean distance of two faults. */
  everyMs: number;
  faults: readonly FaultKind[];
  stages: readonly FaultStage[];
  replicas: number;
  /** How long an owner may be silent: a held replica is held longer than that. */
  leaseMs: number;
}

/** A broker restart hits every call at once, so there are fewer of them than of other faults. */
const WEIGHTS: Record<FaultKind, number> = { kill: 4, term: 4, stop: 3, broker: 1, socket: 4 };
/** The phases that faults are aimed at: those in which a call has something to lose. */
const AIMS = ['speaking', 'speaking', 'waiting', 'hearing', 'hearing', 'pausing'] as const;

/**
 * Draws the faults of a run, by time. Pure: the same options give the same plan. Every fault takes the same number of
 * draws, and the first kinds are each of those asked for, so that a short run has them all.
 */
export function planFaults(options: PlanOptions): PlannedFault[] {
  const { seed, durationMs, everyMs, faults, stages, replicas, leaseMs } = options;
  const random = createRandom(seed);
  const bag = faults.flatMap((kind) => Array<FaultKind>(WEIGHTS[kind]).fill(kind));
  const first = shuffled(faults, random.next);
  const plan: PlannedFault[] = [];
  for (let atMs = 0, ordinal = 1; bag.length > 0; ordinal++) {
    atMs += Math.round(everyMs * (0.5 + random.next()));
    const drawn = random.pick(bag);
    const kind = first[ordinal - 1] ?? drawn;
    const stage = random.pick(stages);
    const replica = random.between(0, replicas - 1);
    const phase = random.pick(AIMS);
    const away = random.next();
    const hard = random.chance(0.5);
    const share = 0.1 + 0.4 * random.next();
    if (atMs > durationMs) break;
    const isStage = kind === 'kill' || kind === 'term' || kind === 'stop';
    plan.push({
      ordinal,
      atMs,
      kind,
      target: isStage ? stage : kind === 'broker' ? 'nats' : 'callers',
      replica: isStage ? replica : 0,
      phase,
      awayMs: Math.round(awayMs(kind, away, leaseMs)),
      hard,
      share: Math.round(share * 100) / 100,
    });
  }
  return plan;
}

/** A rolling restart: SIGTERM of every replica of the stages once, in order. */
export function planRolling({ stages, replicas }: Pick<PlanOptions, 'stages' | 'replicas'>): PlannedFault[] {
  const each = stages.flatMap((target) => Array.from({ length: replicas }, (_, replica) => ({ target, replica })));
  return each.map(({ target, replica }, index) => ({
    ordinal: index + 1,
    atMs: 0,
    kind: 'term',
    target,
    replica,
    phase: 'hearing',
    awayMs: 0,
    hard: false,
    share: 0,
  }));
}

/** The first 12 hexadecimal digits of a plan's SHA-256: two runs with the same one draw the same faults. */
export function planHash(plan: readonly PlannedFault[]): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 12);
}

function awayMs(kind: FaultKind, drawn: number, leaseMs: number): number {
  if (kind === 'stop') return leaseMs * (1.5 + drawn);
  if (kind === 'kill') return 700 + 600 * drawn;
  return kind === 'broker' ? 200 + 800 * drawn : 0;
}

function shuffled<T>(list: readonly T[], next: () => number): T[] {
  return list
    .map((item) => ({ item, rank: next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
