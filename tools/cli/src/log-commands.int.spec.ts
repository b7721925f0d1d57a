import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_STREAM_SETTINGS, connectBus, type ConnectedBus } from '@parley/bus';
import { newSessionId } from '@parley/contracts';
import { startBroker, type Broker } from '@parley/testing';
import { runProgram } from './program.js';

const OPENED = {
  agent: 'sandwich-shop',
  mode: 'voice-to-voice',
  language: 'en',
  inputSampleRateHz: 16_000,
  outputSampleRateHz: 16_000,
  outputFrameMs: 20,
  door: 'ws',
} as const;

describe("the commands on sessions' logs", () => {
  let folder: string;
  let here: Broker;
  let there: Broker;
  const buses: ConnectedBus[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-log-'));
    [here, there] = await Promise.all([startBroker(), startBroker()]);
    for (const { url } of [here, there]) {
      buses.push(await connectBus({ url, stage: 'gateway', provision: { settings: DEFAULT_STREAM_SETTINGS } }));
    }
  });
  afterAll(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await Promise.all([here, there].map((broker) => broker?.stop()));
    await rm(folder, { recursive: true });
  });

  async function run(...args: string[]) {
    let shown = '';
    let errors = '';
    const exitCode = await runProgram(args, {
      config: { url: 'http://127.0.0.1:9', noColor: true, natsUrl: here.url },
      command: () => ({
        connect: () => Promise.reject(new Error('no gateway here')),
        clock: { nowMs: () => 0, sleep: () => Promise.resolve() } as never,
        terminal: { write: (text) => void (shown += text), rewritable: false, colors: false, columns: 80 },
        signal: new AbortController().signal,
        interrupt: () => undefined,
      }),
      input: Readable.from(['']),
      writeError: (text) => void (errors += text),
    });
    return { exitCode, shown, errors };
  }

  /** A session of one turn in which a stalled owner of the agent stage still wrote after its successor began. */
  async function record(reason: string) {
    const bus = buses[0] as ConnectedBus;
    const sessionId = newSessionId();
    const gateway = bus.writer({ stage: 'gateway', sessionId, epoch: await bus.acquire('gateway', sessionId) });
    const owner = async (replica: string, deliveries: number) => {
      const writer = bus.writer({ stage: 'agent', sessionId, epoch: await bus.acquire('agent', sessionId) });
      await writer.publish('stage.claimed', { replica, deliveries });
      return writer;
    };
    await gateway.publish('session.opened', OPENED);
    const stalled = await owner('agent-1', 1);
    const text = await gateway.publish('session.text', { text: 'One soup please.' });
    await stalled.publish('reply.started', { reply: 1, turn: 1, userText: 'One soup please.', answers: [text.id] });
    const agent = await owner('agent-2', 2);
    await stalled.publish('reply.sentence', { reply: 1, sentence: 0, text: 'Stale.', spoken: 'Stale.' });
    await agent.publish('reply.sentence', { reply: 1, sentence: 0, text: 'Soup, got it.', spoken: 'Soup, got it.' });
    await agent.publish('reply.ended', { reply: 1, turn: 1, outcome: 'completed', sentences: 1, text: 'Soup, got it.', durationMs: 1 }); // prettier-ignore
    gateway.audio('in', { codec: 'pcm_s16le', sampleRateHz: 16_000, reply: 0, sentence: 0, pts: 0, lastOfSentence: false, lastOfReply: false, payload: new Uint8Array(640) }); // prettier-ignore
    await gateway.publish('session.closed', { reason });
    await Promise.all([gateway, stalled, agent].map((writer) => writer.close()));
    return sessionId;
  }

  it('lists sessions, and only the poisoned ones when asked', async () => {
    const fine = await record('caller_ended');
    const bad = await record('session_poisoned');
    const all = await run('sessions');
    expect(all.shown).toContain(fine);
    expect(all.shown).toContain(bad);
    expect(all.shown).toContain('caller_ended after');
    const poisoned = await run('sessions', '--poisoned', '--json');
    expect(poisoned.shown.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(poisoned.shown)).toMatchObject({ sessionId: bad, closed: { reason: 'session_poisoned' } });
    expect((await run('sessions', '--limit', '1')).shown).toContain('1 older sessions are not shown');
  });

  it('folds a log as its readers did, and shows what was known at any message', async () => {
    const sessionId = await record('caller_ended');
    const { exitCode, shown } = await run('replay', sessionId);
    expect(exitCode).toBe(0);
    expect(shown).toMatch(/\(fenced\) .*Stale/);
    expect(shown).toContain('1 frames of voice');
    expect(shown).toMatch(/phase +ended/);
    expect(shown).toMatch(/turn 1\n +user +One soup please\.\n +agent +Soup, got it\./);
    const early = await run('replay', sessionId, '--at', '3');
    expect(early.shown).toContain('unanswered  One soup please.');
    const json = await run('replay', sessionId, '--at', '4', '--json');
    expect(JSON.parse(json.shown)).toMatchObject({ at: 4, state: { phase: 'thinking', reply: 1, open: [] } });
    expect(await run('replay', sessionId, '--at', '99')).toMatchObject({ exitCode: 2, errors: expect.stringContaining('no_such_message') as unknown }); // prettier-ignore
  });

  it('carries a session to another broker as a file, which can be replayed by itself', async () => {
    const sessionId = await record('caller_ended');
    const file = join(folder, 'bug.parley.gz');
    const exported = await run('export', sessionId, '--out', file);
    expect(exported.shown).toMatch(/bug\.parley\.gz: 9 events, 1 frames, \d KiB/);
    const listing = (await run('replay', sessionId)).shown;
    expect((await run('replay', file)).shown).toBe(listing);
    const elsewhere = ['--nats', there.url];
    expect((await run('import', file, ...elsewhere)).shown).toContain('9 events and 1 frames are stored');
    const copied = (await run('replay', sessionId, ...elsewhere)).shown;
    const withoutTimes = (text: string) => text.replace(/^( +\d+) +[\d.]+/gm, '$1');
    expect(withoutTimes(copied)).toBe(withoutTimes(listing));
    expect(await run('import', file, ...elsewhere)).toMatchObject({ exitCode: 2, errors: expect.stringContaining('error session_exists: ') as unknown }); // prettier-ignore
  });

  it('says what is wrong', async () => {
    expect(await run('replay', newSessionId())).toMatchObject({ exitCode: 2, errors: expect.stringContaining('error session_unknown: ') as unknown }); // prettier-ignore
    expect(await run('replay', 'nonsense!')).toMatchObject({ exitCode: 2, errors: expect.stringContaining('error session_unknown: ') as unknown }); // prettier-ignore
    expect(await run('sessions', '--nats', 'nats://127.0.0.1:9')).toMatchObject({ exitCode: 3, errors: expect.stringContaining('error unavailable: ') as unknown }); // prettier-ignore
    const file = join(folder, 'not-a-log');
    await writeFile(file, 'hello');
    expect(await run('import', file)).toMatchObject({ exitCode: 2, errors: expect.stringContaining('error log_file_invalid: ') as unknown }); // prettier-ignore
    expect(await run('import', join(folder, 'none'))).toMatchObject({ exitCode: 2, errors: expect.stringContaining('error file_unreadable: ') as unknown }); // prettier-ignore
  });
});
