import { existsSync } from 'node:fs';
import { request, type RequestOptions } from 'node:http';
import { loadTestingConfig } from './testing.config.js';

const DEFAULT_SOCKET = '/var/run/docker.sock';
const PROBE_MS = 1000;
let probed: Promise<boolean> | undefined;

/** Whether a container engine answers on `DOCKER_HOST` or its usual socket. Asked once per process. */
export function hasContainerEngine(): Promise<boolean> {
  probed ??= probe(loadTestingConfig().dockerHost);
  return probed;
}

/** Asks one engine; false when there is none, or it is slow, or its address cannot be probed without certificates. */
export function probe(dockerHost: string | undefined): Promise<boolean> {
  const target = targetOf(dockerHost ?? `unix://${DEFAULT_SOCKET}`);
  if (!target) return Promise.resolve(false);
  return new Promise((resolve) => {
    const asked = request({ ...target, path: '/_ping', timeout: PROBE_MS, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.on('close', () => resolve(false));
    asked.end();
  });
}

function targetOf(dockerHost: string): RequestOptions | undefined {
  const socketPath = /^unix:\/\/(.+)$/.exec(dockerHost)?.[1];
  if (socketPath) return existsSync(socketPath) ? { socketPath } : undefined;
  const [, host, port] = /^(?:tcp|http):\/\/([^:/]+):(\d+)/.exec(dockerHost) ?? [];
  return host ? { host, port } : undefined;
}
