import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { deadline } from '@parley/testing';

/** A running process of `small-stage.ts`. */
export interface StageProcess {
  readonly replica: string;
  readonly exited: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  /** A value from `/metrics`, 0 when its line is not there; a line begins so. */
  counted(line: string): Promise<number>;
}

/** Starts the small stage as a process of its own; resolves when it takes sessions. */
export async function startStageProcess(brokerUrl: string): Promise<StageProcess> {
  const child = spawn(
    process.execPath,
    ['--conditions=parley-source', join(import.meta.dirname, 'run-small-stage.mjs')],
    {
      env: { ...process.env, NATS_URL: brokerUrl, PARLEY_LOG_FORMAT: 'json', PARLEY_LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const started = new Promise<{ port: number; replica: string }>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (part: Buffer) => {
      const lines = (printed += String(part)).split('\n');
      printed = lines.pop() ?? '';
      for (const line of lines) {
        const said = JSON.parse(line) as { msg?: string; port: number; replica: string };
        if (said.msg === 'ready') resolve(said);
      }
    });
    void exited.then((code) => reject(new Error(`the stage ended with ${code} before it was ready`)));
  });
  const { port, replica } = await deadline(started, 20_000, 'sign of life of the stage').catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    replica,
    exited,
    signal: (name) => void child.kill(name),
    counted: async (line) => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { keepalive: false })).text();
      return Number(
        text
          .split('\n')
          .find((each) => each.startsWith(line))
          ?.split(' ')
          .at(-1) ?? 0,
      );
    },
  };
}
