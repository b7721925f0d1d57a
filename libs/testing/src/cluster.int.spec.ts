import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCluster, type Cluster } from './cluster.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.stop());

describe('startCluster', () => {
  it('starts three servers that can be told apart', () => {
    expect([...cluster.servers.keys()].sort()).toEqual(['n1', 'n2', 'n3']);
    expect(new Set(cluster.url.split(',')).size).toBe(3);
  });

  it('keeps a server its address when it is killed and restarted', async () => {
    const server = cluster.servers.get('n2');
    const url = server?.url;
    await server?.kill();
    await server?.restart();
    expect(server?.url).toBe(url);
    expect(cluster.url).toContain(url);
  });
});
