import type { Presence, Stage } from '@parley/contracts';
import type { PresenceView } from '@parley/bus';

/** The heartbeats of a fake bus: every replica is asked whenever somebody looks. */
export class FakePresence implements PresenceView {
  private readonly replicas = new Set<() => Presence>();
  private readonly listeners = new Set<(stage: Stage, alive: boolean) => void>();
  private alive = new Set<Stage>();

  announce(read: () => Presence): () => void {
    this.replicas.add(read);
    this.refresh();
    return () => {
      this.replicas.delete(read);
      this.refresh();
    };
  }

  live(stage: Stage): Presence[] {
    return [...this.replicas].map((read) => read()).filter((one) => one.stage === stage && one.state === 'running');
  }

  onChange(listener: (stage: Stage, alive: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells the listeners what has changed since they were told last. */
  refresh(): void {
    const before = this.alive;
    this.alive = new Set(
      [...this.replicas]
        .map((read) => read())
        .filter(({ state }) => state === 'running')
        .map(({ stage }) => stage),
    );
    for (const stage of new Set([...before, ...this.alive])) {
      const isAlive = this.alive.has(stage);
      if (isAlive !== before.has(stage)) for (const listener of [...this.listeners]) listener(stage, isAlive);
    }
  }
}
