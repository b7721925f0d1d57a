import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { EdgeAck } from '@parley/contracts';
import { Server, type Socket } from 'socket.io';
import { systemClock } from './clock.js';
import { connectParleyWith, type ConnectOptions } from './connect-parley.js';
import type { ParleyClient } from './parley-client.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function eventually(isSo: () => boolean, { what }: { what: string }): Promise<void> {
  const untilMs = performance.now() + 5000;
  while (!isSo()) {
    if (performance.now() > untilMs) throw new Error(`no ${what} within 5 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const SESSION = { sessionId: 's1', agent: 'echo', mode: 'voice-to-voice', sampleRateHz: 16_000, frameMs: 20 };
const TOKEN = { resumeToken: 's1.secret', resumeWindowMs: 5000 };
type Request = Record<string, unknown>;
type Ack = (answer: EdgeAck) => void;

/** A gateway's voice namespace that keeps what it got and lets a test play its part. */
class ScriptedGateway {
  readonly requests: Request[] = [];
  readonly audio: Buffer[] = [];
  readonly messages: { text?: string; id?: string; type: string }[] = [];
  socket: Socket | undefined;
  receivedSamples = 0;
  refuse: string | undefined;
  takesTexts = true;

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(told: object = TOKEN): Promise<ScriptedGateway> {
    const http = createServer();
    const server = new Server(http, { transports: ['websocket'] });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const gateway = new ScriptedGateway(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, server);
    server.of('/voice').on('connection', (socket) => gateway.#serve(socket, told));
    cleanups.push(() => server.close());
    return gateway;
  }

  tell(event: object): void {
    this.socket?.emit('event', event);
  }

  say(reply: number, pts: number, ...samples: number[]): void {
    this.socket?.emit('audio', { reply, sentence: 0, pts }, Buffer.from(Int16Array.from(samples).buffer));
  }

  /** Ends the connection without a word, as a process that is killed. */
  drop(): void {
    this.socket?.conn.close();
  }

  /** Takes no connection any more. */
  async vanish(): Promise<void> {
    await this.server.close();
  }

  get voice(): number[] {
    return this.audio.flatMap((pcm) => [...new Int16Array(new Uint8Array(pcm).buffer)]);
  }

  #serve(socket: Socket, told: object): void {
    socket.on('session:start', (request: Request, ack: Ack) => {
      this.requests.push(request);
      this.socket = socket;
      if (this.refuse) {
        this.tell({ type: 'error', code: this.refuse, message: 'no', retryable: true });
        return ack({ ok: false, code: this.refuse, message: 'no' });
      }
      const resumed = { type: 'session_resumed', ...SESSION, ...told, receivedSamples: this.receivedSamples };
      this.tell(request['resume'] ? resumed : { type: 'session_started', ...SESSION, ...told });
      ack({ ok: true, sessionId: 's1' });
    });
    socket.on('audio', (pcm: Buffer) => this.audio.push(pcm));
    socket.on('message', (message: { type: string }, ack: Ack) => {
      this.messages.push(message);
      if (this.takesTexts) ack({ ok: true, sessionId: 's1' });
    });
  }
}

async function connected(
  gateways: ScriptedGateway[],
  options: Partial<ConnectOptions> = {},
): Promise<{ client: ParleyClient; states: string[] }> {
  const parts = { clock: systemClock, random: () => 0.5 };
  const client = await connectParleyWith(parts, { url: gateways.map(({ url }) => url), ...options });
  const states: string[] = [];
  client.on('state', ({ name }) => states.push(name));
  cleanups.push(() => client.close());
  return { client, states };
}

const isState = (client: ParleyClient, name: string) => eventually(() => client.state.name === name, { what: name });
/** Runs something when the connection is known to be lost. */
function whenResuming<T>(client: ParleyClient, run: () => T): Promise<Awaited<T>> {
  return new Promise((resolve) => {
    const off = client.on('state', ({ name }) => {
      if (name !== 'resuming') return;
      off();
      void Promise.resolve(run()).then(resolve as (value: unknown) => void);
    });
  });
}
const ramp = (from: number, length: number) => Int16Array.from({ length }, (_, i) => from + i);

describe('a client whose connection is lost', () => {
  it('resumes at the next gateway and says what it knows', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client, states } = await connected([one, two]);
    expect(one.requests).toEqual([{ resumable: true }]);
    client.sendAudio(ramp(0, 320));
    one.tell({ type: 'reply_started', reply: 1, turn: 1, id: 'reply.agent.2.1' });
    one.say(1, 0, 1, 2, 3);
    const heard = new Promise((resolve) => client.on('audio', resolve));
    await eventually(() => one.audio.length === 1, { what: 'audio' });
    await heard;
    one.drop();
    await eventually(() => client.counters.resumes === 1, { what: 'resume' });
    expect(two.requests).toEqual([
      { resume: 's1.secret', seen: 'reply.agent:2.1', received: '1.0.3', sent: 320, kept: 0 },
    ]);
    expect(states.filter((state) => state !== 'connecting')).toEqual(['open', 'resuming', 'open']);
  });

  it('sends its voice again from where the gateway has it, with what was said meanwhile, in order', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    two.receivedSamples = 400;
    const { client } = await connected([one, two]);
    for (let i = 0; i < 3; i++) client.sendAudio(ramp(i * 320, 320));
    await eventually(() => one.voice.length === 960, { what: 'voice' });
    const kept = whenResuming(client, () => client.sendAudio(ramp(960, 320)));
    one.drop();
    expect(await kept).toBe(true);
    await isState(client, 'open');
    client.sendAudio(ramp(1280, 320));
    await eventually(() => two.voice.length === 1200, { what: 'voice' });
    expect(two.voice).toEqual([...ramp(400, 1200)]);
    expect(client.counters.droppedFrames).toBe(0);
  });

  it('sends silence for what it does not keep any more, and counts it', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client } = await connected([one, two], { resume: { bufferMs: 40 } });
    for (let i = 0; i < 4; i++) client.sendAudio(ramp(1 + i * 320, 320));
    one.drop();
    await eventually(() => two.voice.length === 1280, { what: 'voice' });
    expect(two.voice).toEqual([...Array<number>(640).fill(0), ...ramp(641, 640)]);
    expect(client.counters.lostVoiceSamples).toBe(640);
  });

  it('sends a text again that was not confirmed, with the same id, and resolves it once', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    one.takesTexts = false;
    const { client } = await connected([one, two], { ackTimeoutMs: 3000 });
    const sent = client.sendText('two lattes');
    await eventually(() => one.messages.length === 1, { what: 'text' });
    const meanwhile = whenResuming(client, () => client.sendText('and a tea'));
    one.drop();
    await Promise.all([sent, meanwhile]);
    expect(two.messages.map(({ text }) => text)).toEqual(['two lattes', 'and a tea']);
    expect(two.messages[0]).toEqual(one.messages[0]);
    expect(two.messages[0]?.id).not.toBe(two.messages[1]?.id);
  });

  it('keeps a text for the next gateway that the one before was too late to take', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client } = await connected([one, two]);
    one.socket?.removeAllListeners('message');
    one.socket?.on('message', (_: unknown, ack: Ack) => {
      ack({ ok: false, code: 'gateway_draining', message: 'later' });
      one.tell({ type: 'session_moved', reason: 'gateway_draining' });
    });
    await client.sendText('hello');
    expect(two.messages.map(({ text }) => text)).toEqual(['hello']);
  });

  it('tells no event twice, and each sample of the agent once', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client } = await connected([one, two]);
    const [events, samples]: [string[], number[]] = [[], []];
    client.on('event', (event) => 'id' in event && events.push(event.id as string));
    client.on('audio', ({ pcm }) => samples.push(...pcm));
    one.tell({ type: 'turn_ended', turn: 1, transcript: '', eouDelayMs: 1, id: 'transcript.stt.1.4' });
    one.say(1, 0, 0, 1, 2, 3);
    await eventually(() => samples.length === 4, { what: 'voice' });
    one.drop();
    await eventually(() => client.counters.resumes === 1, { what: 'resume' });
    for (const seq of [3, 4, 5]) two.tell({ type: 'speech_started', utterance: 1, id: `transcript.stt.1.${seq}` });
    two.say(1, 2, 2, 3, 4, 5);
    two.say(1, 0, 0, 1);
    await eventually(() => samples.length === 6 && events.length === 2, { what: 'the rest' });
    two.say(1, 6, 6);
    await eventually(() => samples.length === 7, { what: 'the end' });
    expect(samples).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(events).toEqual(['transcript.stt.1.4', 'transcript.stt.1.5']);
    expect(client.counters).toMatchObject({ duplicateEvents: 2, duplicateSamples: 4 });
  });

  it('goes on to a gateway that takes it when others refuse for now or do not answer', async () => {
    const gateways = [await ScriptedGateway.start(), await ScriptedGateway.start(), await ScriptedGateway.start()];
    const [one, two, three] = gateways as [ScriptedGateway, ScriptedGateway, ScriptedGateway];
    two.refuse = 'capacity_exceeded';
    const { client } = await connected(gateways);
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    one.drop();
    await eventually(() => client.counters.resumes === 1, { what: 'resume' });
    expect(three.requests).toHaveLength(1);
    await three.vanish();
    await eventually(() => client.counters.resumes === 2, { what: 'second resume' });
    expect(one.requests).toHaveLength(2);
    expect(errors).toEqual([]);
  });

  it('goes back for its session when an attempt that it gave up has taken it elsewhere', async () => {
    const [one, two, three] = [
      await ScriptedGateway.start(),
      await ScriptedGateway.start(),
      await ScriptedGateway.start(),
    ];
    const { client, states } = await connected([one, two, three]);
    two.refuse = 'bus_unavailable';
    one.drop();
    await eventually(() => three.requests.length === 1 && client.state.name === 'open', { what: 'resumption' });
    three.tell({ type: 'session_ended', reason: 'resumed_elsewhere' });
    await eventually(() => one.requests.length === 2 && client.state.name === 'open', { what: 'next resumption' });
    expect(states.slice(-4)).toEqual(['resuming', 'open', 'resuming', 'open']);
  });

  it('closes when somebody else has resumed its session', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client } = await connected([one, two]);
    one.tell({ type: 'session_ended', reason: 'resumed_elsewhere' });
    await isState(client, 'closed');
    expect(two.requests).toEqual([]);
  });

  it('closes with resume_refused when the gateway does not know the session', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    two.refuse = 'resume_refused';
    const { client } = await connected([one, two]);
    one.drop();
    await isState(client, 'closed');
    expect(client.state).toMatchObject({
      reason: 'resume_refused',
      error: { code: 'resume_refused', retryable: false },
    });
  });

  it('closes with resume_expired when no gateway takes it in time, and rejects what waits', async () => {
    const one = await ScriptedGateway.start({ ...TOKEN, resumeWindowMs: 300 });
    const { client } = await connected([one]);
    one.takesTexts = false;
    const text = client.sendText('hello').catch((error: unknown) => error);
    await one.vanish();
    await isState(client, 'closed');
    expect(client.state).toMatchObject({ reason: 'resume_expired', error: { code: 'resume_expired' } });
    expect(await text).toMatchObject({ code: 'resume_expired' });
    expect(client.sendAudio(ramp(0, 320))).toBe(false);
  });

  it('does not resume when it was told not to', async () => {
    const one = await ScriptedGateway.start();
    const { client } = await connected([one], { resume: false });
    expect(one.requests).toEqual([{}]);
    one.drop();
    await isState(client, 'closed');
    expect(client.state).toMatchObject({ reason: 'connection_lost' });
  });

  it('hangs up as soon as it has resumed when it was told to meanwhile', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client } = await connected([one, two]);
    const ended = whenResuming(client, () => client.end());
    one.drop();
    await eventually(() => two.messages.some(({ type }) => type === 'end'), { what: 'end' });
    two.tell({ type: 'session_ended', reason: 'caller_ended' });
    await ended;
    expect(client.state).toEqual({ name: 'closed', reason: 'caller_ended' });
  });

  it('stops resuming when it is closed', async () => {
    const one = await ScriptedGateway.start();
    const { client } = await connected([one]);
    await one.vanish();
    await isState(client, 'resuming');
    client.close();
    expect(client.state).toEqual({ name: 'closed', reason: 'closed_by_client' });
    await client.end();
  });

  it('moves to another gateway when it is told to', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client, states } = await connected([one, two]);
    await eventually(() => states.includes('open'), { what: 'open' });
    one.tell({ type: 'session_moved', reason: 'gateway_draining' });
    client.sendAudio(new Int16Array(320));
    await eventually(() => client.counters.resumes === 1, { what: 'resume' });
    expect(states).not.toContain('resuming');
    await eventually(() => one.socket?.connected === false, { what: 'end of the old connection' });
    await client.sendText('hello');
    expect([one.messages.length, two.messages.length]).toEqual([0, 1]);
  });

  it('stays where it is while no gateway takes it, and resumes when it is cut off then', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    const { client, states } = await connected([one, two]);
    await two.vanish();
    one.tell({ type: 'session_moved', reason: 'gateway_draining' });
    await client.sendText('still here');
    expect(one.messages.map(({ text }) => text)).toEqual(['still here']);
    expect(states).not.toContain('resuming');
    await one.vanish();
    await isState(client, 'resuming');
    client.close();
  });
});

describe('a client with several gateways', () => {
  it('opens at the first that takes the session', async () => {
    const [one, two] = [await ScriptedGateway.start(), await ScriptedGateway.start()];
    one.refuse = 'capacity_exceeded';
    const { client } = await connected([one, two]);
    expect(client.state.name).toBe('open');
    expect(two.requests).toHaveLength(1);
  });
});
