import { createHash } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSocket } from '@parley/provider-kit';

let server: Server;
let url: string;
let sockets: Socket[];
let answer: (socket: Socket, key: string) => void;

beforeEach(async () => {
  sockets = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', (head) => answer(socket, /sec-websocket-key: (.*)\r/i.exec(String(head))?.[1] ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

function upgrade(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`;
}

describe('openSocket', () => {
  it('loses no message that comes in one packet with the upgrade', async () => {
    const hello = Buffer.from([0x81, 5, ...Buffer.from('hello')]);
    answer = (socket, key) => socket.write(Buffer.concat([Buffer.from(upgrade(key)), hello]));
    // Asynchronous functions around it are what adapters have.
    const open = async () => openSocket({ provider: 'Test', url, timeoutMs: 2000 });
    const socket = await open();
    const message = await new Promise((resolve) => socket.once('message', (data) => resolve(String(data))));
    expect(message).toBe('hello');
    socket.terminate();
  });

  it('gives up when its signal is aborted, before and in between, and hangs up', async () => {
    answer = () => undefined;
    const reason = new Error('closed');
    const before = openSocket({ provider: 'Test', url, timeoutMs: 2000, signal: AbortSignal.abort(reason) });
    await expect(before).rejects.toBe(reason);
    const abort = new AbortController();
    const asked = new Promise<void>((resolve) => (answer = () => resolve()));
    const opening = openSocket({ provider: 'Test', url, timeoutMs: 2000, signal: abort.signal });
    await asked;
    const hungUp = new Promise((resolve) => sockets.at(-1)?.once('close', resolve));
    abort.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await hungUp;
  });

  it('is late when the upgrade is not answered', async () => {
    answer = () => undefined;
    await expect(openSocket({ provider: 'Test', url, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'engine_timeout',
      retryable: true,
    });
  });
});
