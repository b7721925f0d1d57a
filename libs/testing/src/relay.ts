import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire to a server that can be cut or clogged, for one test. */
export interface Relay {
  /** The server's URL as seen through the relay. */
  readonly url: string;
  /** Breaks every connection and refuses new ones until `mend`. */
  cut(): void;
  /** Stops reading what the server sends: its buffers fill, and the client hears nothing. */
  clog(): void;
  /** Lets everything through again. */
  mend(): void;
  stop(): Promise<void>;
}

/** Passes TCP connections on to a server. */
export async function startRelay(target: string): Promise<Relay> {
  const { hostname, port, protocol } = new URL(target);
  const upstreams = new Set<Socket>();
  const sockets = new Set<Socket>();
  let isCut = false;
  let isClogged = false;
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((client) => {
    track(client);
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = track(connect(Number(port), hostname));
    upstreams.add(upstream);
    client.on('data', (part) => upstream.write(part)).on('close', () => upstream.destroy());
    upstream
      .on('data', (part) => client.write(part))
      .on('close', () => {
        upstreams.delete(upstream);
        client.destroy();
      });
    if (isClogged) upstream.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    clog() {
      isClogged = true;
      for (const upstream of upstreams) upstream.pause();
    },
    mend() {
      isCut = isClogged = false;
      for (const upstream of upstreams) upstream.resume();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
