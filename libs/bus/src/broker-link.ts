import type { NatsConnection } from '@nats-io/transport-node';
import type { BusMetrics } from './bus-metrics.js';

/** What happens to a connection: it goes, it comes back, or the broker complains. */
export type LinkStatus = 'disconnected' | 'connected' | 'error' | 'slowConsumer' | 'staleConnection';

/** Watches one connection to the broker: whether it is up, and when it came back. */
export class BrokerLink {
  private isUp = true;
  private readonly listeners = new Set<(up: boolean) => void>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly name: 'media' | 'claims',
    private readonly metrics: BusMetrics,
    private readonly onStatus: (status: LinkStatus) => void = () => undefined,
  ) {
    void this.watch();
  }

  /** Whether the connection is up at this moment. A broker that has frozen counts as up until its pings are missed. */
  get up(): boolean {
    return this.isUp && !this.connection.isClosed();
  }

  /** Calls back when the connection is lost and when it is back, in the order of registration. */
  onChange(listener: (up: boolean) => void): void {
    this.listeners.add(listener);
  }

  private async watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') {
        this.metrics.disconnects.inc({ kind: this.name });
        this.change(false, 'disconnected');
      } else if (status.type === 'reconnect') {
        this.change(true, 'connected');
      } else if (status.type === 'error') {
        this.metrics.brokerErrors.inc({ kind: this.name, code: status.error.name });
        this.onStatus(status.type);
      } else if (status.type === 'slowConsumer' || status.type === 'staleConnection') {
        this.metrics.brokerErrors.inc({ kind: this.name, code: status.type });
        this.onStatus(status.type);
      }
    }
  }

  private change(up: boolean, status: LinkStatus): void {
    this.isUp = up;
    for (const listener of this.listeners) listener(up);
    this.onStatus(status);
  }
}
