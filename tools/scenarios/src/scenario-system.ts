import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, type ConnectedBus } from '@parley/bus';
import { writeAgentModule } from './agent-module.js';
import type { Stage } from './run-scenario.js';
import type { AgentPart } from './scenario-agent.js';
import type { Scenario } from './scenario.js';
import { realVoices, scriptedVoices, type Voices } from './voices.js';

/** A running system, as much of it as scenarios need. */
export interface StartedSystem {
  urls: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts a whole system: the part of `startSystem`'s options that is used here. */
export type StartSystem = (options: { quiet: boolean; env: Record<string, string>; dataDir: string }) => Promise<StartedSystem>; // prettier-ignore

/** What the project around the runner gives it. */
export interface Surroundings {
  startSystem: StartSystem;
  /** Words of the example agent's trade, with commas. */
  keyTerms: string;
  /** Folder of the recorded callers. */
  recordings: string;
}

/** Engines that answer at a pace at which there is time to speak between. */
const SCRIPTED_ENV = {
  STT_ENGINE: 'scripted',
  TTS_ENGINE: 'scripted',
  LLM_ENGINE: 'scripted',
  SCRIPTED_STT_LATENCY_MS: '60',
  SCRIPTED_LLM_FIRST_TOKEN_MS: '120',
  SCRIPTED_LLM_TOKEN_MS: '10',
  SCRIPTED_TTS_FIRST_AUDIO_MS: '60',
};

/** A system of its own with the agents of some scenarios, and the voices that its callers have. */
export class ScenarioSystem {
  private constructor(
    readonly stage: Stage,
    private readonly parts: { system: StartedSystem; bus: ConnectedBus; voices: Voices; dataDir: string },
  ) {}

  static async start(
    engines: Scenario['engines'],
    agents: readonly AgentPart[],
    { startSystem, keyTerms, recordings }: Surroundings,
  ): Promise<ScenarioSystem> {
    const dataDir = mkdtempSync(join(tmpdir(), `parley-scenarios-${engines}-`));
    const own = engines === 'scripted' ? SCRIPTED_ENV : { STT_KEY_TERMS: keyTerms, LLM_ENGINE: 'local' };
    const env = { ...own, AGENT_MODULES: writeAgentModule(dataDir, agents) };
    const system = await startSystem({ quiet: true, env, dataDir });
    const voices = engines === 'scripted' ? scriptedVoices() : realVoices({ keyTerms, recordings });
    const bus = await connectBus({ url: system.urls['nats'] ?? '', stage: 'control' });
    const { gateway: gatewayUrl = '', agent: agentUrl = '' } = system.urls;
    const stage = { gatewayUrl, agentUrl, bus, voices };
    return new ScenarioSystem(stage, { system, bus, voices, dataDir });
  }

  /** @param keep leave its data directory, with the services' logs @returns that directory */
  async stop(keep: boolean): Promise<string> {
    const { system, bus, voices, dataDir } = this.parts;
    await bus.close();
    await voices.close();
    await system.stop();
    if (!keep) rmSync(dataDir, { recursive: true, force: true });
    return dataDir;
  }
}
