import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A gateway as a line leads to it. */
export interface LineTarget {
  /** Instance name, such as `gateway-2`. */
  instance: string;
  url: string;
}

/** One caller's own network: a port for each gateway, whose connections can be cut as a network cuts them. */
export class CallerLine {
  /** Which gateway a connection led to, from when on. */
  readonly connections: { fromMs: number; instance: string }[] = [];
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly nowMs: () => number) {}

  /** Opens a port on the loopback interface for each target, in their order. */
  static async open(targets: readonly LineTarget[], nowMs: () => number): Promise<CallerLine> {
    const line = new CallerLine(nowMs);
    for (const target of targets) {
      const server = createServer((socket) => line.lead(socket, target));
      line.servers.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
    }
    return line;
  }

  /** The line's URLs, in the order of its targets. */
  get urls(): string[] {
    return this.servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  /** Cuts every connection without a word; new ones can be made at once. Returns how many there were. */
  cut(): number {
    const count = this.sockets.size / 2;
    for (const socket of this.sockets) socket.resetAndDestroy();
    return count;
  }

  /** Cuts what is left and frees the ports. */
  close(): void {
    this.cut();
    for (const server of this.servers) server.close();
  }

  private lead(caller: Socket, { instance, url }: LineTarget): void {
    const { hostname, port } = new URL(url);
    const gateway = connect({ host: hostname, port: Number(port), noDelay: true });
    caller.setNoDelay(true);
    gateway.once('connect', () => this.connections.push({ fromMs: this.nowMs(), instance }));
    for (const [from, to] of [
      [caller, gateway],
      [gateway, caller],
    ] as const) {
      this.sockets.add(from);
      from.pipe(to);
      // Whatever ends one side ends the other in the same way; the client and the gateway see it and say so.
      from.on('error', () => to.resetAndDestroy());
      from.once('close', () => {
        this.sockets.delete(from);
        to.end();
      });
    }
  }
}
