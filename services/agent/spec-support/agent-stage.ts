import type { SessionWriter } from '@parley/bus';
import type { Direction, Mode, ParleyEvent } from '@parley/contracts';
import { FakeBus, eventually, type FakeClock } from '@parley/testing';
import type { Clock } from '@parley/testing/engines';
import { AgentCall } from './agent-call.js';
import { AgentReplica, INSTRUCTIONS, type AgentSettings, type ToolRun } from './agent-replica.js';
import type { WallClock } from '../src/wall-clock.js';
import { obedientModel, readable } from './obedient-model.js';

/** Settings of an {@link AgentStage}. */
export interface AgentStageOptions {
  /** Pace of the model. @defaultValue at once */
  pace?: { tokenMs: number; clock: Clock };
  env?: Record<string, string>;
  agent?: AgentSettings;
  /** Time of the agent and of all events. @defaultValue the machine's */
  clock?: FakeClock;
}

/** The agent stage in memory: replicas and callers on one fake bus, and a look at all that happens. */
export class AgentStage {
  readonly bus: FakeBus;
  /** Every tool run that took effect, in order. */
  readonly runs: ToolRun[] = [];
  /** What the model was sent for replies, request by request. */
  readonly sent: string[][] = [];
  /** The system prompts that it was sent, request by request. */
  readonly systems: string[] = [];
  /** Told of every event in the very moment it is stored. */
  onStored: (event: ParleyEvent) => void = () => {};
  private readonly replicas: AgentReplica[] = [];
  private waiting: (() => void)[] = [];

  constructor(private readonly options: AgentStageOptions = {}) {
    this.bus = new FakeBus('test-1', options.clock?.now);
  }

  /** Starts another replica. */
  async join(): Promise<AgentReplica> {
    const replica: AgentReplica = new AgentReplica(this.watched(`agent-${this.replicas.length + 1}`), {
      model: obedientModel((messages) => {
        const system = messages[0]?.text ?? '';
        if (!replica.bus.connected || !system.startsWith(INSTRUCTIONS)) return;
        this.systems.push(system);
        this.sent.push(readable(messages));
      }, this.options.pace),
      onToolRun: (run) => this.runs.push(run),
      gate: () => new Promise((resolve) => this.waiting.push(resolve)),
      ...(this.options.env && { env: this.options.env }),
      ...(this.options.agent && { agent: this.options.agent }),
      ...(this.options.clock && { clock: wallClockOf(this.options.clock) }),
    });
    this.replicas.push(replica);
    await replica.host.start();
    return replica;
  }

  /** Opens a session and offers it; with `opened: false` the gateway has yet to write that it is open. */
  async call({
    mode = 'text-to-text' as Mode,
    agent = 'adder',
    opened = true,
    direction = 'incoming' as Direction,
  } = {}): Promise<AgentCall> {
    const bus = this.watched('gateway-1');
    const sessionId = bus.newSession();
    const writer = async (stage: 'gateway' | 'stt' | 'tts') =>
      bus.writer({ stage, sessionId, epoch: await bus.acquire(stage, sessionId) });
    const writers = { gateway: await writer('gateway'), stt: await writer('stt'), tts: await writer('tts') };
    const call = new AgentCall(this.bus, sessionId, writers);
    if (opened) await call.open(agent, mode, direction);
    await bus.offer('agent', sessionId);
    await this.bus.settled();
    return call;
  }

  /** Kills a replica once an event fits; its sessions go to whoever has room, or wait. */
  killOn(replica: AgentReplica, fits: (event: ParleyEvent) => boolean): void {
    this.onStored = (event) => {
      if (!fits(event)) return;
      this.onStored = () => {};
      this.kill(replica, event.sessionId);
    };
  }

  kill(replica: AgentReplica, sessionId: string): void {
    replica.kill();
    queueMicrotask(() => this.bus.expire('agent', sessionId));
  }

  /** Waits until a tool that waits runs, as the so manieth tool run of all. */
  async toolWaits(nth = 1): Promise<void> {
    await eventually(() => ['wait', 'charge', 'ponder', 'look'].includes(this.runs[nth - 1]?.tool ?? ''), {
      what: 'waiting tool',
      intervalMs: 1,
    });
    await this.bus.settled();
  }

  /** Lets every waiting tool go on. */
  async release(): Promise<void> {
    for (const goOn of this.waiting.splice(0)) goOn();
    await this.bus.settled();
  }

  async close(): Promise<void> {
    await this.release();
    await Promise.all(this.replicas.map(({ host }) => host.drain()));
  }

  private watched(replica: string): FakeBus {
    const bus = this.bus.as(replica);
    const plainWriter = bus.writer.bind(bus);
    bus.writer = (owner) => {
      const plain = plainWriter(owner);
      const publish = ((type, payload) => {
        const before = this.bus.events(owner.sessionId).length;
        const stored = plain.publish(type, payload);
        const event = this.bus.events(owner.sessionId)[before];
        if (event) this.onStored(event);
        return stored;
      }) as SessionWriter['publish'];
      return { ...plain, publish };
    };
    return bus;
  }
}

function wallClockOf(clock: FakeClock): WallClock {
  return {
    nowMs: clock.now,
    after(delayMs, run) {
      const timer = clock.setTimeout(run, delayMs);
      return () => clock.clearTimeout(timer);
    },
  };
}
