import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { probe } from './container-engine.js';

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

async function engine(status: number): Promise<string> {
  server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('probe', () => {
  it('finds an engine that answers', async () => {
    expect(await probe(await engine(200))).toBe(true);
  });

  it('finds none where something else answers', async () => {
    expect(await probe(await engine(404))).toBe(false);
  });

  it.each(['unix:///no/such/socket', 'tcp://127.0.0.1:1', 'ssh://host'])('finds none at %s', async (address) => {
    expect(await probe(address)).toBe(false);
  });
});
