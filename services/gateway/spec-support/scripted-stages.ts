import { DEFAULT_STREAM_SETTINGS, connectBus, type ConnectedBus, type SessionWriter } from '@parley/bus';
import { CLAIMED_STAGES, type ClaimedStage } from '@parley/contracts';
import { eventually } from '@parley/testing';
import { startStageReplica } from './stage-replica.js';

/** Stages on a real broker that take every session and say what a test has them say. */
export class ScriptedStages {
  readonly #writers = new Map<string, SessionWriter>();
  readonly #stops = new Map<ClaimedStage, () => Promise<void>>();
  readonly buses = new Map<ClaimedStage, ConnectedBus>();

  static async start(url: string): Promise<ScriptedStages> {
    const stages = new ScriptedStages();
    for (const [index, stage] of CLAIMED_STAGES.entries()) {
      const provision =
        index === 0 ? { settings: { ...DEFAULT_STREAM_SETTINGS, audioMaxBytes: 8_388_608 } } : undefined;
      const bus = await connectBus({ url, stage, replica: `${stage}-1`, provision });
      await stages.#work(stage, bus);
    }
    return stages;
  }

  /** What a stage writes to a session. */
  writer(stage: ClaimedStage, sessionId: string): Promise<SessionWriter> {
    return eventually(() => this.#writers.get(`${stage}.${sessionId}`), { what: `claim by ${stage}` });
  }

  /** The stage's replica ends; nothing is heard of it any more. */
  async stopStage(stage: ClaimedStage): Promise<void> {
    const stop = this.#stops.get(stage);
    this.#stops.delete(stage);
    await stop?.();
  }

  async stop(): Promise<void> {
    await Promise.all(CLAIMED_STAGES.map((stage) => this.stopStage(stage)));
  }

  async #work(stage: ClaimedStage, bus: ConnectedBus): Promise<void> {
    this.buses.set(stage, bus);
    const replica = await startStageReplica(bus, stage, (sessionId, writer) =>
      this.#writers.set(`${stage}.${sessionId}`, writer),
    );
    this.#stops.set(stage, async () => {
      replica.silence();
      await replica.close();
      await bus.close();
    });
  }
}
