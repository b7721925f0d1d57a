import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { EdgeAck, EdgeEvent } from '@parley/contracts';
import { Server, type Socket } from 'socket.io';
import { connectParley, type ConnectOptions } from './connect-parley.js';
import type { ParleyClient } from './parley-client.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const started: EdgeEvent = {
  type: 'session_started',
  sessionId: 's1',
  agent: 'echo',
  mode: 'voice-to-voice',
  sampleRateHz: 24_000,
  frameMs: 20,
};

/** A gateway's voice namespace on a free port; `onSocket` plays its part. */
async function gateway(onSocket: (socket: Socket) => void): Promise<string> {
  const http = createServer();
  const server = new Server(http, { transports: ['websocket'] });
  server.of('/voice').on('connection', onSocket);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** Accepts sessions, then lets `then` play on. */
function accepting(then: (socket: Socket, request: unknown) => void = () => {}): (socket: Socket) => void {
  return (socket) =>
    socket.on('session:start', (request: unknown, ack: (answer: EdgeAck) => void) => {
      socket.emit('event', started);
      ack({ ok: true, sessionId: 's1' });
      then(socket, request);
    });
}

async function connected(url: string, options: Partial<ConnectOptions> = {}): Promise<ParleyClient> {
  const client = await connectParley({ url, connectTimeoutMs: 5_000, ...options });
  cleanups.push(() => client.close());
  return client;
}

function next<T>(register: (resolve: (value: T) => void) => void, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${what} within 5 s`)), 5_000);
    register((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

describe('connectParley', () => {
  it('asks for what it was told and resolves with the session', async () => {
    let asked: unknown;
    const url = await gateway(accepting((_socket, request) => (asked = request)));
    const client = await connected(url, { agent: 'echo', mode: 'text-to-text', frameMs: 40 });
    expect(asked).toEqual({ agent: 'echo', mode: 'text-to-text', frameMs: 40, resumable: true });
    expect(client.sessionId).toBe('s1');
    expect(client.session.sampleRateHz).toBe(24_000);
    expect(client.state).toEqual({ name: 'open', sessionId: 's1' });
  });

  it("rejects with the gateway's code when the session is refused", async () => {
    const url = await gateway((socket) =>
      socket.on('session:start', (_request: unknown, ack: (answer: EdgeAck) => void) =>
        ack({ ok: false, code: 'capacity_exceeded', message: 'this gateway is full' }),
      ),
    );
    await expect(connected(url)).rejects.toMatchObject({
      code: 'capacity_exceeded',
      message: 'this gateway is full',
      retryable: true,
    });
  });

  it('rejects with cannot_connect when nobody listens', async () => {
    await expect(connected('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'cannot_connect', retryable: true });
  });

  it.each(['', 'localhost:8080', 'ftp://localhost'])('rejects with cannot_connect for the URL "%s"', async (url) => {
    await expect(connected(url)).rejects.toMatchObject({ code: 'cannot_connect' });
  });

  it('rejects with connect_timeout when the gateway never accepts', async () => {
    const url = await gateway(() => {});
    await expect(connected(url, { connectTimeoutMs: 200 })).rejects.toMatchObject({ code: 'connect_timeout' });
  });

  it('rejects with the code of a fatal error told before the gateway hung up', async () => {
    const url = await gateway((socket) =>
      socket.on('session:start', () => {
        socket.emit('event', {
          type: 'error',
          code: 'unknown_agent',
          message: 'there is no agent x',
          retryable: false,
        });
        socket.disconnect(true);
      }),
    );
    await expect(connected(url)).rejects.toMatchObject({ code: 'unknown_agent' });
  });
});

describe('ParleyClient', () => {
  it('tells handlers registered right after connecting everything, in order', async () => {
    const url = await gateway(
      accepting((socket) => {
        socket.emit('event', { type: 'reply_started', reply: 1, turn: 0 });
        socket.emit('audio', { reply: 1, sentence: 0, pts: 0 }, Buffer.from(Int16Array.from([5, -6]).buffer));
        socket.emit('event', { type: 'from_the_future', x: 1 });
        socket.emit('event', { type: 'playout_ended', reply: 1, outcome: 'completed' });
      }),
    );
    const client = await connected(url);
    const heard: unknown[] = [];
    client.on('event', ({ type }) => heard.push(type));
    client.on('audio', ({ info, pcm }) => heard.push([info.reply, ...pcm]));
    const ended = await next<{ outcome: string }>((resolve) => client.on('playout_ended', resolve), 'playout_ended');
    expect(ended.outcome).toBe('completed');
    expect(heard).toEqual(['session_started', 'reply_started', [1, 5, -6], 'from_the_future', 'playout_ended']);
  });

  it('counts messages that are not the contract and goes on', async () => {
    const url = await gateway(
      accepting((socket) => {
        socket.emit('event', 'nonsense');
        socket.emit('audio', { reply: 1, sentence: 0, pts: 0 }, Buffer.from([1]));
        socket.emit('event', { type: 'speech_started', utterance: 1 });
      }),
    );
    const client = await connected(url);
    await next((resolve) => client.on('speech_started', resolve), 'speech_started');
    expect(client.counters.malformedMessages).toBe(2);
  });

  it("sends the caller's voice as bytes", async () => {
    const received = next<Buffer>((resolve) => {
      void gateway(accepting((socket) => socket.on('audio', resolve))).then((url) =>
        connected(url).then((client) => client.sendAudio(Int16Array.from([1, -2]))),
      );
    }, 'audio');
    expect([...(await received)]).toEqual([1, 0, 0xfe, 0xff]);
  });

  it('drops and counts frames beyond the backlog', async () => {
    const client = await connected(await gateway(accepting()), { maxBacklogMs: 0 });
    expect(client.sendAudio(new Int16Array(320))).toBe(false);
    expect(client.counters.droppedFrames).toBe(1);
  });

  it("resolves a text the gateway took and rejects one it refused with the gateway's code", async () => {
    const url = await gateway(
      accepting((socket) =>
        socket.on('message', (message: { text: string }, ack: (answer: EdgeAck) => void) =>
          ack(
            message.text === 'hello'
              ? { ok: true, sessionId: 's1' }
              : { ok: false, code: 'invalid_message', message: 'no' },
          ),
        ),
      ),
    );
    const client = await connected(url);
    await client.sendText('hello');
    await expect(client.sendText('')).rejects.toMatchObject({ code: 'invalid_message', retryable: false });
  });

  it('rejects a text that the gateway does not confirm in time', async () => {
    const client = await connected(await gateway(accepting()), { ackTimeoutMs: 100 });
    await expect(client.sendText('hello')).rejects.toMatchObject({ code: 'ack_timeout' });
  });

  it('says what is beside voice and text, and rejects what the gateway refuses', async () => {
    const said: unknown[] = [];
    const url = await gateway(
      accepting((socket) =>
        socket.on('message', (message: { type: string }, ack: (answer: EdgeAck) => void) => {
          said.push(message);
          const isTaken = message.type !== 'dtmf';
          ack(isTaken ? { ok: true, sessionId: 's1' } : { ok: false, code: 'invalid_message', message: 'no' });
        }),
      ),
    );
    const client = await connected(url);
    await client.send({ type: 'mode', mode: 'text-to-text' });
    await client.send({ type: 'commit' });
    await expect(client.send({ type: 'dtmf', digits: '' })).rejects.toMatchObject({ code: 'invalid_message' });
    expect(said).toEqual([{ type: 'mode', mode: 'text-to-text' }, { type: 'commit' }, { type: 'dtmf', digits: '' }]);
    client.close();
    await expect(client.send({ type: 'commit' })).rejects.toMatchObject({ code: 'not_open' });
  });

  it("ends by the gateway's reason and is closed for good", async () => {
    const url = await gateway(
      accepting((socket) =>
        socket.on('message', () => {
          socket.emit('event', { type: 'session_ended', reason: 'caller_ended' });
          socket.disconnect(true);
        }),
      ),
    );
    const client = await connected(url);
    const states: string[] = [];
    client.on('state', ({ name }) => states.push(name));
    await client.end();
    await client.end();
    expect(client.state).toEqual({ name: 'closed', reason: 'caller_ended' });
    expect(states.slice(-2)).toEqual(['ending', 'closed']);
    await expect(client.sendText('late')).rejects.toMatchObject({ code: 'not_open' });
    expect(client.sendAudio(new Int16Array(320))).toBe(false);
  });

  it('closes by itself when the gateway does not answer a hang-up', async () => {
    const client = await connected(await gateway(accepting()), { ackTimeoutMs: 100 });
    await client.end();
    expect(client.state.name).toBe('closed');
  });

  it('tells connection_lost when the connection breaks under an open session', async () => {
    const client = await connected(await gateway(accepting((socket) => setTimeout(() => socket.disconnect(true), 20))));
    const state = await next<{ name: string }>(
      (resolve) => client.on('state', (state) => state.name === 'closed' && resolve(state)),
      'closed state',
    );
    expect(state).toMatchObject({ name: 'closed', reason: 'connection_lost', error: { code: 'connection_lost' } });
  });
});
