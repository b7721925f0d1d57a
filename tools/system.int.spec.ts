import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSystem, type RunningSystem, type SystemOptions } from './system.mjs';

// Answers like a service, prints a line of each kind, and fails in the way FAKE_FAULT asks for.
const fakeService = `
import { createServer } from 'node:http';
const { PORT, NATS_URL, FAKE_FAULT } = process.env;
if (FAKE_FAULT === 'exit') { console.log('cannot read my settings'); process.exit(3); }
const server = createServer((request, response) => {
  if (request.url === '/crash') process.exit(7);
  response.statusCode = FAKE_FAULT === 'unready' ? 503 : 200;
  response.end(JSON.stringify({ pid: process.pid, nats: NATS_URL }));
});
server.listen(Number(PORT), () => {
  console.log(JSON.stringify({ level: 30, msg: 'listening' }));
  console.log(JSON.stringify({ level: 40, msg: 'a warning' }));
});
process.on('SIGTERM', () => FAKE_FAULT === 'deaf' || process.exit(0));
`;

const folder = mkdtempSync(join(tmpdir(), 'parley-fake-'));
const main = join(folder, 'service.mjs');
writeFileSync(main, fakeService);

let system: RunningSystem | undefined;
let blocker: Server | undefined;
const start = async (options: SystemOptions = {}) => {
  system = await startSystem({ quiet: true, mainOf: () => main, ...options });
  return system;
};

afterEach(async () => {
  await system?.stop();
  system = undefined;
  await new Promise<void>((resolve) => (blocker ? blocker.close(() => resolve()) : resolve()));
  blocker = undefined;
  rmSync(join(folder, 'data'), { recursive: true, force: true });
});

interface Identity {
  pid: number;
  nats: string;
}

const ask = async (url: string): Promise<Identity> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  return (await response.json()) as Identity;
};

const answers = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    () => true,
    () => false,
  );

const until = async (condition: () => Promise<boolean>, deadlineMs = 10_000) => {
  const deadlineAtMs = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadlineAtMs) throw new Error(`not so within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

describe('startSystem', () => {
  it('gives every service the broker it started and a port of its own', async () => {
    const { urls } = await start();
    for (const service of ['gateway', 'stt', 'agent', 'tts']) {
      expect((await ask(urls[service]!)).nats).toBe(urls.nats);
    }
    expect(new Set(Object.values(urls)).size).toBe(5);
  });

  it('leaves nothing running after stop, and stop may be called twice', async () => {
    const { urls, stop } = await start();
    const { pid } = await ask(urls.stt);
    await stop();
    await stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(await answers(urls.gateway)).toBe(false);
  });

  it('keeps a killed service down until it is restarted on the same port', async () => {
    const { urls, kill, restart } = await start({ restartCrashed: true });
    const before = await ask(urls.agent);
    await kill('agent');
    expect(await answers(urls.agent)).toBe(false);
    await restart('agent');
    expect((await ask(urls.agent)).pid).not.toBe(before.pid);
  });

  it('holds a paused service still until it is resumed, as the same process', async () => {
    const { urls, pause, resume } = await start();
    const before = await ask(urls.tts);
    pause('tts');
    expect(await answers(urls.tts)).toBe(false);
    await resume('tts');
    expect((await ask(urls.tts)).pid).toBe(before.pid);
  });

  it('stops a paused service without waiting for the deadline', async () => {
    const said: string[] = [];
    const { urls, pause, stop } = await start({ say: (line) => said.push(line) });
    const { pid } = await ask(urls.stt);
    pause('stt');
    await stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(said.join('\n')).not.toContain('is killed');
  });

  it('restarts a crashed service and says so', async () => {
    const said: string[] = [];
    const { urls } = await start({ restartCrashed: true, say: (line) => said.push(line) });
    await answers(`${urls.tts}/crash`);
    await until(async () => !(await answers(urls.tts)));
    await until(() => answers(urls.tts));
    expect(said.join('\n')).toContain('tts exited with code 7 and is restarted in 1 s');
  });

  it('brings a killed broker back on the same port', async () => {
    const { urls, kill, restart } = await start();
    await kill('nats');
    await restart('nats');
    const beside = await startSystem({ quiet: true, mainOf: () => main, env: { NATS_URL: urls.nats } });
    await beside.stop();
    expect(beside.urls.nats).toBe(urls.nats);
  });

  it('runs replicas of a service beside it, with settings of their own', async () => {
    const { urls, kill } = await start({ replicas: { stt: 2 }, serviceEnv: { 'stt-2': { FAKE_FAULT: 'none' } } });
    await kill('stt');
    expect(await answers(urls['stt-2']!)).toBe(true);
  });

  it('passes warnings on and keeps lesser lines to the log', async () => {
    const said: string[] = [];
    const { logs } = await start({ say: (line) => said.push(line) });
    await until(async () => logs('stt').includes('a warning'));
    expect(said).toContain('stt warn: a warning');
    expect(said.join('\n')).not.toContain('listening');
    expect(logs('stt')).toContain('listening');
  });

  it('rejects with the last lines of a service that exits while starting', async () => {
    const failing = start({ serviceEnv: { agent: { FAKE_FAULT: 'exit' } } });
    await expect(failing).rejects.toMatchObject({ code: 'PROCESS_EXITED' });
    await expect(failing).rejects.toThrow(/agent exited before it was ready[^]*cannot read my settings/);
  });

  it('rejects naming the service that is not ready in time', async () => {
    const failing = start({ deadlineMs: 1500, serviceEnv: { tts: { FAKE_FAULT: 'unready' } } });
    await expect(failing).rejects.toMatchObject({ code: 'PROCESS_NOT_READY' });
    await expect(failing).rejects.toThrow('tts was not ready within 1.5 s');
  });

  it('rejects naming the port and the variable when a port is taken', async () => {
    blocker = createServer();
    const taken = await new Promise<number>((resolve) => {
      blocker!.listen(0, '127.0.0.1', () => resolve((blocker!.address() as { port: number }).port));
    });
    const ports = { nats: taken, gateway: 1, stt: 2, agent: 3, tts: 4 };
    const failing = start({ ports, dataDir: join(folder, 'data') });
    await expect(failing).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await expect(failing).rejects.toThrow(`Port ${taken} is in use: set NATS_PORT to a free port, or NATS_URL`);
  });

  it('rejects when no broker answers at a given NATS_URL', async () => {
    const failing = start({ env: { NATS_URL: 'nats://127.0.0.1:9' } });
    await expect(failing).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  });

  it('kills a service that does not end when asked, and says so', async () => {
    const said: string[] = [];
    const deaf = { tts: { FAKE_FAULT: 'deaf' } };
    const { urls, stop } = await start({ serviceEnv: deaf, stopDeadlineMs: 500, say: (line) => said.push(line) });
    const { pid } = await ask(urls.tts);
    await stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(said).toContain('tts did not stop within 0.5 s and is killed');
  });

  it('leaves nothing running when the starting process is itself killed', async () => {
    const script = `
      import { startSystem } from ${JSON.stringify(join(import.meta.dirname, 'system.mjs'))};
      const { urls } = await startSystem({ quiet: true, mainOf: () => ${JSON.stringify(main)} });
      console.log(JSON.stringify(urls));`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(starter.stdout, 'data')) as [Buffer];
    const urls = JSON.parse(line.toString()) as RunningSystem['urls'];
    starter.kill('SIGKILL');
    await once(starter, 'close');
    await until(async () => !(await answers(urls.gateway)) && !(await answers(urls.nats.replace('nats:', 'http:'))));
  });

  it('names the instances there are when asked for another', async () => {
    const { logs } = await start();
    expect(() => logs('sst')).toThrow('"sst" is not one of nats, gateway, stt, agent, tts.');
  });
});
