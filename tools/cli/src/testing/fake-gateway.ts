import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  VOICE_NAMESPACE,
  type CallerMessage,
  type EdgeAck,
  type EdgeEvent,
  type SessionRequest,
} from '@parley/contracts';
import { Server, type Socket } from 'socket.io';

const RATE_HZ = 8000;
const FRAME_SAMPLES = 160;
/** The caller's turn is over when this many silent frames have followed speech. */
const END_OF_TURN_FRAMES = 5;

/** How a {@link FakeGateway} behaves. */
export interface FakeGatewayOptions {
  greeting?: string;
  /** The reply to each turn, in order; undefined leaves that turn without one. */
  replies: readonly (string | undefined)[];
  /** Refuses sessions by this code. */
  refuse?: string;
  /** Closes the session when this many turns are over, instead of replying. */
  closeAtTurn?: number;
  /** Loses the connection when this many turns are over, and replies when the caller has come back. */
  loseAtTurn?: number;
}

/** A gateway's socket.io door for tests: hears loud frames as speech and replies with a tone of 100 ms. */
export class FakeGateway {
  readonly requests: (SessionRequest & { resume?: string })[] = [];
  readonly texts: string[] = [];
  framesHeard = 0;
  readonly #server: Server;
  #turn = 0;
  #mode = 'voice-to-voice';
  #reply = 0;

  private constructor(
    readonly url: string,
    server: Server,
    private readonly options: FakeGatewayOptions,
  ) {
    this.#server = server;
    server.of(VOICE_NAMESPACE).on('connection', (socket) => this.#serve(socket));
  }

  static async listen(options: FakeGatewayOptions): Promise<FakeGateway> {
    const http = createServer();
    const server = new Server(http, { transports: ['websocket'] });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return new FakeGateway(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, server, options);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #serve(socket: Socket): void {
    const tell = (event: EdgeEvent) => void socket.emit('event', event);
    let voice = true;
    let speaking = false;
    let silent = 0;
    socket.on('session:start', (request: SessionRequest & { resume?: string }, ack: (answer: EdgeAck) => void) => {
      this.requests.push(request);
      if (this.options.refuse) return ack({ ok: false, code: this.options.refuse, message: 'not today' });
      const mode = request.mode ?? this.#mode;
      this.#mode = mode;
      voice = mode === 'voice-to-voice';
      ack({ ok: true, sessionId: 's1' });
      const token = { resumeToken: 's1.secret', resumeWindowMs: 5000 };
      const session = { sessionId: 's1', agent: 'fake', mode, sampleRateHz: RATE_HZ, frameMs: 20, ...token };
      if (request.resume) {
        tell({ type: 'session_resumed', ...session, receivedSamples: 0 });
        return this.#say(socket, this.options.replies[this.#turn - 1] ?? '', voice);
      }
      tell({ type: 'session_started', ...session });
      if (this.options.greeting) this.#say(socket, this.options.greeting, voice);
    });
    socket.on('audio', (pcm: Buffer) => {
      this.framesHeard++;
      const loud = pcm.some((byte) => byte !== 0);
      silent = loud ? 0 : silent + 1;
      if (loud && !speaking) {
        speaking = true;
        tell({ type: 'speech_started', utterance: this.#turn + 1 });
        tell({ type: 'stt_chunk', transcript: 'he', stableChars: 0, utterance: this.#turn + 1 });
      } else if (speaking && silent === END_OF_TURN_FRAMES) {
        speaking = false;
        this.#answer(socket, 'hello', voice);
      }
    });
    socket.on('message', (message: CallerMessage, ack: (answer: EdgeAck) => void) => {
      ack({ ok: true, sessionId: 's1' });
      if (message.type === 'text') {
        this.texts.push(message.text);
        return this.#answer(socket, message.text, voice);
      }
      tell({ type: 'session_ended', reason: 'caller_ended' });
      socket.disconnect(true);
    });
  }

  #answer(socket: Socket, transcript: string, voice: boolean): void {
    const tell = (event: EdgeEvent) => void socket.emit('event', event);
    const utterance = ++this.#turn;
    if (voice) {
      tell({ type: 'speech_stopped', utterance });
      tell({ type: 'stt_output', transcript, utterance });
      tell({ type: 'turn_ended', turn: utterance, transcript, eouDelayMs: 100 });
    }
    if (this.#turn === this.options.closeAtTurn) {
      tell({ type: 'session_ended', reason: 'session_idle' });
      socket.disconnect(true);
      return;
    }
    if (this.#turn === this.options.loseAtTurn) {
      socket.conn.close();
      return;
    }
    const text = this.options.replies[this.#turn - 1];
    if (text !== undefined) this.#say(socket, text, voice);
  }

  #say(socket: Socket, text: string, voice: boolean): void {
    const reply = ++this.#reply;
    const tell = (event: EdgeEvent) => void socket.emit('event', event);
    tell({ type: 'reply_started', reply, turn: this.#turn });
    for (const word of text.split(/(?<= )/)) tell({ type: 'agent_chunk', text: word, reply });
    tell({ type: 'agent_end', reply, turn: this.#turn, outcome: 'completed', text });
    if (!voice) return;
    tell({ type: 'playout_started', reply });
    for (let frame = 0; frame < 5; frame++) {
      const pcm = new Int16Array(FRAME_SAMPLES).fill(1000 * reply);
      socket.emit('audio', { reply, sentence: 0, pts: frame * FRAME_SAMPLES }, Buffer.from(pcm.buffer));
    }
    tell({ type: 'playout_ended', reply, outcome: 'completed' });
  }
}
