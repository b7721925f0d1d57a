import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';

/** A gateway as a line leads to it. */
export interface LineTarget {
  /** Instance name, such as `gateway-2`. */
  instance: string;
  url: string;
}

/** One caller's own network: its connections to the gateways, which can be cut as a network cuts them. */
export class CallerLine {
  /** Which gateway a connection led to, from when on. */
  readonly connections: { fromMs: number; instance: string }[] = [];
  /** Makes the caller's connections. */
  readonly agent: Agent;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly targets: readonly LineTarget[],
    private readonly nowMs: () => number,
  ) {
    this.agent = Object.assign(new Agent(), {
      createConnection: ({ host, port }: { host?: string; port: number }) => this.lead(host ?? 'localhost', port),
    });
  }

  /** The line's URLs, in the order of its targets. */
  get urls(): string[] {
    return this.targets.map(({ url }) => url);
  }

  /** Cuts every connection without a word; new ones can be made at once. Returns how many there were. */
  cut(): number {
    const count = this.sockets.size;
    for (const socket of this.sockets) {
      // One that is being ended can no longer be reset: its handle would stay open for good.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
    return count;
  }

  private lead(host: string, port: number): Socket {
    const socket = connect({ host, port: Number(port), noDelay: true });
    const target = this.targets.find(({ url }) => new URL(url).port === String(port));
    socket.once('connect', () => this.connections.push({ fromMs: this.nowMs(), instance: target?.instance ?? '' }));
    socket.once('close', () => this.sockets.delete(socket));
    this.sockets.add(socket);
    return socket;
  }
}
