import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { presenceSchema, subjects, type Presence, type Stage } from '@parley/contracts';
import type { PresenceView } from './session-bus.js';

/** How often a replica says that it lives. */
export const PRESENCE_INTERVAL_MS = 500;
/** After how long without a heartbeat a replica counts as gone. */
export const PRESENCE_TIMEOUT_MS = 1600;

const CHECK_INTERVAL_MS = 200;

/** {@link PresenceView} from the replicas' heartbeats: live subscription only, nothing stored. */
export class PresenceBoard implements PresenceView {
  private readonly heard = new Map<string, { presence: Presence; at: number }>();
  private readonly aliveStages = new Set<Stage>();
  private readonly listeners = new Set<(stage: Stage, alive: boolean) => void>();
  private subscription: Subscription | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Begins to listen. */
  start(connection: NatsConnection): void {
    this.subscription = connection.subscribe(subjects.allPresence(), {
      callback: (error, message) => {
        if (!error) this.hear(message.data);
      },
    });
    this.timer = setInterval(() => this.check(), CHECK_INTERVAL_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    if (this.subscription && !this.subscription.isClosed()) this.subscription.unsubscribe();
  }

  live(stage: Stage): Presence[] {
    const now = this.now();
    return [...this.heard.values()]
      .filter(({ presence, at }) => presence.stage === stage && isLive(presence) && now - at < PRESENCE_TIMEOUT_MS)
      .map(({ presence }) => presence);
  }

  onChange(listener: (stage: Stage, alive: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private hear(data: Uint8Array): void {
    let presence: Presence;
    try {
      presence = presenceSchema.parse(JSON.parse(Buffer.from(data).toString()));
    } catch {
      // Not a heartbeat of this version: a replica that cannot be read is not counted as live.
      return;
    }
    if (presence.state === 'stopped') this.heard.delete(presence.replica);
    else this.heard.set(presence.replica, { presence, at: this.now() });
    this.check();
  }

  private check(): void {
    const now = this.now();
    const alive = new Set<Stage>();
    for (const [replica, { presence, at }] of this.heard) {
      if (now - at >= PRESENCE_TIMEOUT_MS) this.heard.delete(replica);
      else if (isLive(presence)) alive.add(presence.stage);
    }
    for (const stage of new Set([...alive, ...this.aliveStages])) {
      if (alive.has(stage) === this.aliveStages.has(stage)) continue;
      if (alive.has(stage)) this.aliveStages.add(stage);
      else this.aliveStages.delete(stage);
      for (const listener of this.listeners) listener(stage, alive.has(stage));
    }
  }
}

function isLive({ state }: Presence): boolean {
  return state === 'running';
}
