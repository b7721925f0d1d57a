import type { BrokerTraffic } from './broker-traffic.js';
import type { Percentiles } from './statistics.js';

/** One step's settings. */
export interface Step {
  calls: number;
  frameMs: number;
  seconds: number;
  warmUpSeconds: number;
  interruptEvery: number;
  openingMs: number;
  profile: string;
}

/** What one process costs during a step. */
export interface ProcessCost {
  /** In percent of one core. */
  cpuPercent: number;
  /** Resident memory before the first call, and at the end of the step. */
  idleRssMiB: number;
  /** As the former, with its part of what processes share. */
  idlePssMiB: number;
  rssMiB: number;
  handles: number;
  /** How late its event loop's timers are; a Node.js process only. */
  loopDelayMs?: { p50: number; p99: number };
}

/** One step: so many calls for so long. Durations are ms. */
export interface StepReport {
  calls: number;
  frameMs: number;
  seconds: number;
  profile: string;
  turns: number;
  /** Final transcript to first frame at the client, without the stubs' time. */
  added: Percentiles | undefined;
  /** The same without the agent's own time. */
  plumbing: Percentiles | undefined;
  /** Where it goes. */
  hops: Record<'hearing' | 'toAgent' | 'agent' | 'toGateway' | 'toClient', Percentiles | undefined>;
  /** Final transcript to first frame, with the stubs' time. */
  firstAudio: Percentiles | undefined;
  interruption: {
    count: number;
    /** Of them that did not silence the agent. */
    unheeded: number;
    fromSound: Percentiles | undefined;
    fromSpeechStarted: Percentiles | undefined;
  };
  frames: {
    /** Of the agent's voice at the clients. */
    received: number;
    late: number;
    jitterMs: Percentiles | undefined;
  };
  /** By process: `gateway`, `stt`, `agent`, `tts`, `nats`. */
  processes: Record<string, ProcessCost>;
  /** All of those together. */
  system: {
    cpuPercent: number;
    cpuPercentPerCall: number;
    /** Processor seconds for a minute of one call. */
    cpuSecondsPerCallMinute: number;
    idleRssMiB: number;
    /** What processes share counted once. */
    idlePssMiB: number;
    rssMiB: number;
    /** Beyond idle. */
    rssMiBPerCall: number;
  };
  broker: BrokerTraffic;
  /** The callers' own process. */
  load: { cpuPercent: number; latenessMs: Percentiles | undefined; sentFrames: number; dueFrames: number };
  openMs: Percentiles | undefined;
  /** Share of all processors in use, load included. */
  machineBusyPercent: number;
  /** Counters of losses that grew, by service. */
  losses: Record<string, Record<string, number>>;
  /** Calls that were refused or ended early, with why, and turns that no reply came to. */
  failures: string[];
  unanswered: number;
  /** Whether the callers' process could keep the time. Without it nothing here says anything of the system. */
  isOnSchedule: boolean;
  /** Every call was held in real time: on schedule, nothing failed, no late frame, added p99 at most 100 ms. */
  isHeld: boolean;
}
