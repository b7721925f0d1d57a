import { jest } from '@jest/globals';
import { FakeClock } from '@parley/testing';
import type { AgentSettings } from './agent-replica.js';
import { AgentStage, type AgentStageOptions } from './agent-stage.js';

const started: AgentStage[] = [];

/** A stage without a replica, until {@link closeStages}. */
export function newStage(options?: AgentStageOptions): AgentStage {
  const stage = new AgentStage(options);
  started.push(stage);
  return stage;
}

/** A stage with one replica, until {@link closeStages}. */
export async function startStage(options?: AgentStageOptions) {
  const stage = newStage(options);
  return { stage, first: await stage.join() };
}

/** The same, whose time passes when the test says so: `pass` takes milliseconds, and what falls due in them is done. */
export async function startTimedStage(agent: AgentSettings = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const { stage, first } = await startStage({ agent, clock });
  const pass = async (ms: number) => {
    await stage.bus.settled();
    await clock.advance(ms);
    await stage.bus.settled();
  };
  return { stage, first, pass };
}

/** For after each test: closes its stages, in the machine's time, which closing needs. */
export async function closeStages(): Promise<void> {
  jest.useRealTimers();
  await Promise.all(started.splice(0).map((stage) => stage.close()));
}
