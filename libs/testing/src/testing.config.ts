import { delimiter } from 'node:path';

/** Where test infrastructure is looked for. */
export interface TestingConfig {
  /** Folders to search for programs. */
  readonly path: readonly string[];
  /** Address of the container engine's API. */
  readonly dockerHost: string | undefined;
}

/** Reads where test infrastructure is. The folders of server programs are always searched. */
export function loadTestingConfig(env: Readonly<Record<string, string | undefined>> = process.env): TestingConfig {
  const path = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return { path: [...path, '/usr/local/sbin', '/usr/sbin', '/usr/local/bin'], dockerHost: env.DOCKER_HOST };
}
