import { DEFAULT_STREAM_SETTINGS, connectBus, type ConnectedBus, type SessionWriter } from '@parley/bus';
import { CLAIMED_STAGES, type ClaimedStage } from '@parley/contracts';
import { eventually } from '@parley/testing';

/** Stages on a real broker that take every session and say what a test has them say. */
export class ScriptedStages {
  readonly #writers = new Map<string, SessionWriter>();
  readonly #stops: (() => Promise<void>)[] = [];
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

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
  }

  async #work(stage: ClaimedStage, bus: ConnectedBus): Promise<void> {
    this.buses.set(stage, bus);
    const silence = bus.announce(() => ({ stage, state: 'running', sessions: 0, capacity: 10 }));
    const worker = await bus.claims(stage, {
      free: () => 10,
      onLost: () => {},
      onClaim: ({ claim, deliveries }) => {
        void (async () => {
          const { sessionId } = claim;
          const writer = bus.writer({ stage, sessionId, epoch: await bus.acquire(stage, sessionId) });
          await writer.publish('stage.claimed', { replica: bus.replica, deliveries });
          this.#writers.set(`${stage}.${sessionId}`, writer);
        })();
      },
    });
    this.#stops.push(async () => {
      silence();
      await worker.close();
      await bus.close();
    });
  }
}
