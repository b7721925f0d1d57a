import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from './caller.js';
import type { PlannedFault } from './plan.js';
import { createRandom } from './random.js';

/** What the runner needs of a running system. */
export interface ChaosSystem {
  urls: Record<string, string>;
  stop(): Promise<void>;
  kill(instance: string): Promise<void>;
  pause(instance: string): void;
  resume(instance: string): Promise<void>;
  restart(instance: string): Promise<void>;
  logs(instance: string): string;
  pids(): Record<string, number>;
}

/** A fault as it was carried out. Times are in ms since 1970. */
export interface InjectedFault extends PlannedFault {
  /** `stt-2`, `nats`, or `callers`. */
  instance: string;
  /** The instance's name on the bus when it was hit. */
  replicaName: string | undefined;
  fromMs: number;
  /** When what was hit was ready again. */
  toMs: number;
  /** Calls whose sockets were lost. */
  callsCut: number[];
  /** Why it was not carried out; absent when it was. */
  skipped?: string;
  /** What went wrong in bringing back what was hit. */
  failure?: string;
}

/** What an injector works with. */
export interface InjectorOptions {
  system: ChaosSystem;
  brutal: boolean;
  replicas: number;
  nowMs(): number;
  /** The calls that are up. */
  callers(): readonly Caller[];
  /** Told just before an instance is hit. */
  beforeHit?(instance: string): Promise<void>;
}

/** How long a fault waits for a call in its phase, and for another replica of its stage to be back. */
const AIM_MS = 2000;
const SIBLING_MS = 8000;
/**
 * A broker on one server forgets voice when it restarts. What was not transcribed or played by then is in the memory of
 * stt and of the gateway alone, so these are left alone for an utterance or a reply after it, and it after them.
 */
const VOICE_IN_MEMORY_MS = 6000;
const HOLDS_VOICE = /^(stt|gateway|callers)/;

/** Carries faults out, several at a time, and brings back what they took away. */
export class FaultInjector {
  readonly injected: InjectedFault[] = [];
  private readonly away = new Set<string>();
  private readonly backMs = new Map<string, number>();

  constructor(private readonly options: InjectorOptions) {}

  /** Carries a fault out; resolves when what it hit is ready again. Never rejects. */
  async inject(planned: PlannedFault): Promise<void> {
    const instance = instanceOf(planned);
    const fault: InjectedFault = {
      ...planned,
      instance,
      replicaName: undefined,
      fromMs: this.options.nowMs(),
      toMs: Infinity,
      callsCut: [],
    };
    this.injected.push(fault);
    const isFree = () => !this.isGuarded(instance);
    if (!(await this.within(SIBLING_MS, isFree))) {
      fault.skipped = 'the instance, another replica of its stage, or the only other holder of voice was away';
      return;
    }
    this.away.add(instance);
    try {
      await this.within(AIM_MS, () => this.options.callers().some(({ phase }) => phase === planned.phase));
      await this.options.beforeHit?.(instance);
      fault.fromMs = this.options.nowMs();
      await this.hit(fault);
    } catch (error) {
      fault.failure = (error as Error).message;
    } finally {
      fault.toMs = this.options.nowMs();
      this.away.delete(instance);
      this.backMs.set(instance, fault.toMs);
    }
  }

  private async hit(fault: InjectedFault): Promise<void> {
    const { system } = this.options;
    const { kind, instance, awayMs } = fault;
    if (kind === 'socket') return this.cutSockets(fault);
    if (kind !== 'broker') fault.replicaName = replicaNameIn(system.logs(instance));
    if (kind === 'stop') {
      system.pause(instance);
      await sleep(awayMs);
      await system.resume(instance);
    } else if (kind === 'term' || (kind === 'broker' && !fault.hard)) {
      await system.restart(instance);
    } else {
      await system.kill(instance);
      await sleep(awayMs);
      await system.restart(instance);
    }
  }

  private cutSockets(fault: InjectedFault): void {
    const random = createRandom(fault.ordinal);
    const isHit = (caller: Caller) => caller.record.sessionId !== '' && random.chance(fault.share);
    for (const caller of this.options.callers().filter(isHit)) {
      caller.cut();
      fault.callsCut.push(caller.record.call);
    }
    if (fault.callsCut.length === 0) fault.skipped = 'no call was up';
  }

  private isGuarded(instance: string): boolean {
    if (this.away.has(instance) && instance !== 'callers') return true;
    if (this.options.brutal) return false;
    if (this.isLastHolderOfVoice(instance)) return true;
    const stage = instance.replace(/-\d+$/, '');
    return [...this.away].some((other) => other !== 'callers' && other.replace(/-\d+$/, '') === stage);
  }

  private isLastHolderOfVoice(instance: string): boolean {
    const isOther = (other: string) => (instance === 'nats' ? HOLDS_VOICE.test(other) : other === 'nats');
    if (instance !== 'nats' && !HOLDS_VOICE.test(instance)) return false;
    const sinceMs = this.options.nowMs() - VOICE_IN_MEMORY_MS;
    const isRecent = [...this.backMs].some(([other, backMs]) => isOther(other) && backMs > sinceMs);
    return isRecent || [...this.away].some(isOther);
  }

  private async within(timeoutMs: number, condition: () => boolean): Promise<boolean> {
    const deadlineMs = this.options.nowMs() + timeoutMs;
    while (!condition()) {
      if (this.options.nowMs() > deadlineMs) return false;
      await sleep(20);
    }
    return true;
  }
}

function instanceOf({ target, replica }: PlannedFault): string {
  return replica === 0 ? target : `${target}-${replica + 1}`;
}

/** A service's name on the bus, as its log says when it is ready. */
export function replicaNameIn(log: string): string | undefined {
  return [...log.matchAll(/"replica":"([\w-]+)"[^\n]*"msg":"ready"/g)].at(-1)?.[1];
}
