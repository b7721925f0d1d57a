import type { ParleyEvent } from '@parley/contracts';
import { runStage, type OwnedSession, type StageLogic, type StageSession } from '../src/index.js';

/**
 * A stage that marks each text that it reads, and does what some of them say:
 * `die` kills the process, `throw` and `reject` make an error that nobody catches.
 */
class SmallSession implements StageSession {
  private texts = 0;

  constructor(private readonly owned: OwnedSession) {}

  onEvent(event: ParleyEvent): void {
    if (event.type !== 'session.text') return;
    if (event.text === 'die') process.kill(process.pid, 'SIGKILL');
    if (event.text === 'throw') setTimeout(() => fail('thrown'), 1);
    if (event.text === 'reject') void Promise.reject(new Error('rejected'));
    // Refused after the session was lost.
    this.owned.writer.publish('speech.started', { utterance: ++this.texts, pts: 0 }).catch(() => {});
  }

  async close(): Promise<void> {}
}

function fail(message: string): never {
  throw new Error(message);
}

const logic: StageLogic = {
  kinds: [],
  warm: async () => {},
  open: async (owned) => new SmallSession(owned),
  close: async () => {},
};

await runStage(() => ({
  stage: 'stt',
  config: {
    NATS_URL: process.env.NATS_URL as string,
    HOST: '127.0.0.1',
    PORT: 0,
    DRAIN_TIMEOUT_MS: 5000,
    CAPACITY: 200,
    ORPHAN_AFTER_MS: 20_000,
    POISON_AFTER: 3,
    PROBATION_MS: 250,
    FOLD_CHECK_MS: 0,
  },
  logic: () => logic,
}));
