import { defineAgent, defineTool, type AgentDefinition, type LanguageModel } from '@parley/ports';
import { SessionHost } from '@parley/stage-kit';
import { createLogger, createMetrics } from '@parley/telemetry';
import type { FakeBus } from '@parley/testing';
import { z } from 'zod';
import { loadAgentConfig } from '../src/agent.config.js';
import { AgentLogic } from '../src/agent.logic.js';
import type { WallClock } from '../src/wall-clock.js';

/** One run of a tool, as it took effect. */
export interface ToolRun {
  replica: string;
  tool: string;
  idempotencyKey: string;
}

/** What a replica shares with whoever watches it. */
export interface ReplicaOptions {
  model: LanguageModel;
  onToolRun: (run: ToolRun) => void;
  /** What the tool `wait` waits for. */
  gate: () => Promise<void>;
  env?: Record<string, string>;
  /** What the agent says and does beside its answers, and how it takes turns. */
  agent?: AgentSettings;
  clock?: WallClock;
}

/** What the agent is told. */
export const INSTRUCTIONS = 'Do as you are told.';

/** All of an agent that is neither its name nor what it is told and can do. */
export type AgentSettings = Omit<AgentDefinition<Count>, 'name' | 'instructions' | 'tools' | 'initialState'>;

interface Count {
  count: number;
}

/** A replica of the agent stage on a fake bus, with the agent `adder`, and `eager` that is the same but begins early. */
export class AgentReplica {
  readonly host: SessionHost;
  private alive = true;
  private readonly metrics = createMetrics('agent', { processMetrics: false });

  constructor(
    readonly bus: FakeBus,
    private readonly options: ReplicaOptions,
  ) {
    const config = loadAgentConfig({ TOOL_TIMEOUT_MS: '20000', ...options.env });
    const adder = this.adder() as AgentDefinition;
    const eager = { ...adder, name: 'eager', preemptive: true };
    const agents = new Map([
      ['adder', adder],
      ['eager', eager],
    ]);
    const logic = new AgentLogic(config, agents, { for: () => options.model }, this.metrics, options.clock);
    const log = createLogger({ service: 'agent', level: 'silent' });
    const settings = { stage: 'agent' as const, capacity: 100, orphanAfterMs: 60_000 };
    this.host = new SessionHost(settings, this.claimingWhileAlive(), logic, this.metrics, log);
  }

  /** Ends as a killed process does: from now on nothing it does is seen by anybody. */
  kill(): void {
    this.alive = false;
    this.bus.connected = false;
  }

  /** Value of the metric whose line begins so; 0 when there is none. */
  async counted(line: string): Promise<number> {
    const found = (await this.metrics.text()).split('\n').find((each) => each.startsWith(line));
    return Number(found?.split(' ').at(-1) ?? 0);
  }

  private claimingWhileAlive(): FakeBus {
    const { bus } = this;
    const claims = bus.claims.bind(bus);
    bus.claims = (stage, handler) =>
      claims(stage, {
        free: () => (this.alive ? handler.free() : 0),
        onClaim: (lease) => handler.onClaim(lease),
        onLost: (lease) => handler.onLost(lease),
      });
    return bus;
  }

  private adder(): AgentDefinition<Count> {
    const tool = defineTool<Count>();
    const ran = (name: string, idempotencyKey: string) => {
      if (this.alive) this.options.onToolRun({ replica: this.bus.replica, tool: name, idempotencyKey });
    };
    return defineAgent<Count>({
      ...this.options.agent,
      name: 'adder',
      instructions: INSTRUCTIONS,
      initialState: { count: 0 },
      tools: [
        tool({
          name: 'add',
          idempotent: true,
          description: 'Adds.',
          args: z.object({ n: z.number() }),
          execute: ({ n }, { state, idempotencyKey }) => {
            ran('add', idempotencyKey);
            const count = state.count + n;
            return { result: { count }, state: { count } };
          },
        }),
        tool({
          name: 'wait',
          idempotent: true,
          description: 'Waits.',
          args: z.object({}),
          execute: async (_, { state, idempotencyKey }) => {
            ran('wait', idempotencyKey);
            await this.options.gate();
            return { result: 'waited', state: { count: state.count + 100 } };
          },
        }),
        tool({
          name: 'look',
          idempotent: true,
          onInterruption: 'cancel',
          description: 'Reads, until it is cancelled.',
          args: z.object({}),
          execute: async (_, { idempotencyKey, signal }) => {
            ran('look', idempotencyKey);
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
            return { result: 'seen so far' };
          },
        }),
        tool({
          name: 'ponder',
          idempotent: true,
          filler: 'One moment. I am thinking.',
          fillerAfterMs: 5,
          description: 'Waits, and says so.',
          args: z.object({}),
          execute: async (_, { idempotencyKey }) => {
            ran('ponder', idempotencyKey);
            await this.options.gate();
            return { result: 'thought' };
          },
        }),
        tool({
          name: 'charge',
          description: 'Must not be done twice.',
          args: z.object({}),
          execute: async (_, { idempotencyKey }) => {
            ran('charge', idempotencyKey);
            await this.options.gate();
            return { result: 'charged' };
          },
        }),
      ],
    });
  }
}
