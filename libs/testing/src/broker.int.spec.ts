import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { startBroker, type Broker } from './broker.js';
import { deadline, eventually } from './deadline.js';
import { findBrokerProgram } from './local-broker.js';

let broker: Broker | undefined;
afterEach(async () => {
  await broker?.stop();
});

/** Speaks the NATS protocol by hand: sends the lines and gives back what came until the pattern fits. */
function speak(url: string, lines: string[], until: RegExp): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let heard = '';
  const answer = new Promise<string>((resolve, reject) => {
    socket.once('error', reject).once('close', () => reject(new Error(`closed after: ${heard}`)));
    socket.on('data', (part: Buffer) => {
      heard += String(part);
      if (until.test(heard)) resolve(heard);
    });
  });
  socket.write(lines.map((line) => `${line}\r\n`).join(''));
  return deadline(answer, 5000, 'answer of the broker').finally(() => socket.destroy());
}

const hello = (url: string) => speak(url, ['CONNECT {"verbose":false}', 'PING'], /PONG/);
const request = (url: string, subject: string, body: object) => {
  const text = JSON.stringify(body);
  const lines = ['CONNECT {"verbose":false}', 'SUB inbox 1', `PUB ${subject} inbox ${text.length}`, text];
  return speak(url, lines, /MSG inbox 1 +\d+\r\n.*\r\n/s);
};

describe('startBroker', () => {
  it('keeps its address and what it stored over a kill and a restart', async () => {
    broker = await startBroker({ how: 'program' });
    const { url } = broker;
    await request(url, '$JS.API.STREAM.CREATE.KEPT', { name: 'KEPT', subjects: ['kept'], storage: 'file' });
    expect(await request(url, 'kept', { any: 'thing' })).toContain('"seq":1');
    await broker.kill();
    await expect(hello(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await broker.restart();
    expect(await request(url, '$JS.API.STREAM.INFO.KEPT', {})).toContain('"messages":1');
  });

  it('answers nothing while paused and goes on after', async () => {
    broker = await startBroker({ how: 'program' });
    await broker.pause();
    const greeting = hello(broker.url);
    await expect(deadline(greeting, 100, 'answer')).rejects.toMatchObject({ code: 'deadline_exceeded' });
    await broker.resume();
    expect(await greeting).toContain('PONG');
  });

  it('takes more configuration', async () => {
    broker = await startBroker({ how: 'program', config: 'authorization { user: parley, password: pw }' });
    expect(await speak(broker.url, ['CONNECT {"verbose":false}', 'PING'], /-ERR/)).toContain('Authorization Violation');
    const lines = ['CONNECT {"verbose":false,"user":"parley","pass":"pw"}', 'PING'];
    expect(await speak(broker.url, lines, /PONG/)).not.toContain('-ERR');
  });

  it('says what the server said when its configuration is wrong', async () => {
    await expect(startBroker({ how: 'program', config: 'nonsense {' })).rejects.toMatchObject({
      code: 'broker_start_failed',
      message: expect.stringMatching(/nats\.conf|[Pp]arse/),
    });
  });

  it('stops once, and takes no orders after', async () => {
    const own = await startBroker({ how: 'program' });
    await Promise.all([own.stop(), own.stop()]);
    await expect(hello(own.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(own.restart()).rejects.toMatchObject({ code: 'broker_stopped' });
  });

  it('ends when the process that started it is killed', async () => {
    // A process of its own cannot load the sources: this runs what was built.
    const script = `
      const { startBroker } = await import('@parley/testing');
      const { url } = await startBroker({ how: 'program' });
      console.log(url);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: import.meta.dirname });
    const started = new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (line: Buffer) => resolve(String(line).trim()));
      child.stderr.once('data', (line: Buffer) => reject(new Error(String(line))));
    });
    const url = await deadline(started, 10_000, 'address of the broker');
    await hello(url);
    child.kill('SIGKILL');
    const isGone = () =>
      hello(url).then(
        () => false,
        () => true,
      );
    expect(await eventually(isGone, { what: 'end of the broker' })).toBe(true);
  });
});

describe('findBrokerProgram', () => {
  it('finds nothing in folders without it', async () => {
    expect(await findBrokerProgram(['/nonexistent'])).toBeUndefined();
  });
});
