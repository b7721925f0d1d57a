import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deadline, eventually } from '@parley/testing';
import { CallerLine } from './caller-line.js';

let gateway: Server;
let line: CallerLine;
/** Ends of connections as the gateway sees them: an error's code, or nothing. */
const ends: (string | undefined)[] = [];

beforeEach(async () => {
  gateway = createServer((socket) => {
    let code: string | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    socket.on('close', () => ends.push(code));
    socket.resume();
  });
  await once(gateway.listen(0, '127.0.0.1'), 'listening');
  line = new CallerLine([{ instance: 'gateway', url: `http://127.0.0.1:${portOf(gateway)}` }], () => 7);
});

afterEach(async () => {
  await deadline(new Promise((resolve) => gateway.close(resolve)), 4000, 'end of every connection');
  ends.length = 0;
});

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** The types of Node.js do not know what makes an agent's connections. */
function agentOf({ agent }: CallerLine): { createConnection(to: { host: string; port: number }): Socket } {
  return agent as unknown as ReturnType<typeof agentOf>;
}

/** A connection on which the gateway has heard something. */
async function connected(): Promise<Socket> {
  const accepted = once(gateway, 'connection');
  const socket = agentOf(line).createConnection({ host: '127.0.0.1', port: portOf(gateway) });
  socket.on('error', () => undefined);
  socket.write('hello');
  const [heardBy] = (await deadline(accepted, 4000, 'connection')) as [Socket];
  await deadline(once(heardBy, 'data'), 4000, 'hello');
  return socket;
}

describe("a caller's line", () => {
  it('says which gateway a connection led to, and since when', async () => {
    await connected();
    expect(line.connections).toEqual([{ fromMs: 7, instance: 'gateway' }]);
    line.cut();
  });

  it('resets every connection when it is cut, and leads to new ones at once', async () => {
    const first = await connected();
    const closed = once(first, 'close');
    expect(line.cut()).toBe(1);
    await deadline(closed, 4000, 'close');
    await connected();
    expect(line.cut()).toBe(1);
    await eventually(() => ends.length === 2, { what: 'ends at the gateway' });
    expect(ends).toEqual(['ECONNRESET', 'ECONNRESET']);
  });

  it('leaves nothing open of a connection that is being ended when it is cut', async () => {
    const socket = await connected();
    const closed = once(socket, 'close');
    socket.end();
    await new Promise(process.nextTick);
    expect(line.cut()).toBe(1);
    await deadline(closed, 4000, 'close');
  });
});
