import type {
  CommittedTranscriptMessage,
  CommittedTranscriptWithTimestampsMessage,
  PartialTranscriptMessage,
  RealtimeConnection,
  RealtimeEvents,
} from '@elevenlabs/elevenlabs-js/wrapper/realtime/connection.js';
import type { AudioOptions } from '@elevenlabs/elevenlabs-js/wrapper/realtime/scribe.js';
import { EngineError } from '@parley/ports';
import { hangUp, socketOpened } from '@parley/provider-kit';
import type { WebSocket } from 'ws';
import type { TimedItems } from './committed-twins.js';
import { errorOfKind, isQuotaRefusal } from './refusals.js';
import { guardMessages } from './scribe-messages.js';
import { PROVIDER, protocolError, settingsError, timeoutError, unavailableError } from './service.js';

/** What comes of a connection; nothing after `onFailure`. */
export interface ScribeListener {
  onPartial(text: string): void;
  onPlain(text: string): void;
  onTimed(text: string, items: TimedItems): void;
  /** A commit came with too little audio since the last: nothing will come of it. */
  onThrottled(): void;
  onIgnored(): void;
  onFailure(error: EngineError): void;
}

/** What a connection is made with. */
export interface ScribeConnectionOptions {
  apiKey: string;
  baseUrl: string;
  /** How long it may take until the provider says that the session has begun, in ms. */
  timeoutMs: number;
  /** Gives up when aborted. */
  signal: AbortSignal;
  session: AudioOptions;
}

/** One session of the provider's own client. */
export interface ScribeConnection {
  /** Sends PCM as it is in memory. */
  send(pcm: Int16Array): void;
  /** Ends the segment. */
  commit(): void;
  /** Bytes that wait for the network. */
  readonly waitingBytes: number;
  close(): Promise<void>;
}

/** Loads the part of the provider's client that listens: a small one. */
export async function loadScribe() {
  const [{ ScribeRealtime, AudioFormat, CommitStrategy }, { RealtimeEvents }] = await Promise.all([
    import('@elevenlabs/elevenlabs-js/wrapper/realtime/scribe.js'),
    import('@elevenlabs/elevenlabs-js/wrapper/realtime/connection.js'),
  ]);
  return { ScribeRealtime, AudioFormat, CommitStrategy, RealtimeEvents };
}

/**
 * Opens a session; resolves when the provider takes audio.
 * @throws {EngineError} `engine_timeout`, `engine_unavailable`, `engine_protocol`, and what the provider refuses it with
 */
export async function connectScribe(
  { apiKey, baseUrl, timeoutMs, signal, session }: ScribeConnectionOptions,
  listener: ScribeListener,
): Promise<ScribeConnection> {
  const deadline = performance.now() + timeoutMs;
  const { ScribeRealtime, RealtimeEvents } = await loadScribe();
  let client: RealtimeConnection;
  try {
    client = await new ScribeRealtime({ apiKey, baseUrl }).connect(session);
  } catch (cause) {
    throw settingsError('the session was refused by its client', cause);
  }
  const socket = socketOf(client);
  const giveUp = () => socket.terminate();
  signal.addEventListener('abort', giveUp, { once: true });
  let fail = (_error: EngineError): void => undefined;
  const begun = new Promise<void>((resolve, reject) => {
    fail = reject;
    client.on(RealtimeEvents.SESSION_STARTED, () => {
      fail = (error) => listener.onFailure(error);
      resolve();
    });
  });
  // It may fail while the upgrade is still waited for.
  begun.catch(() => undefined);
  listen({ client, socket, RealtimeEvents }, listener, (error) => fail(error));
  try {
    await socketOpened(socket, { provider: PROVIDER, timeoutMs, refusal: isQuotaRefusal });
    await before(deadline, timeoutMs, begun);
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  return {
    send: (pcm) => client.send({ audioBase64: bytesOf(pcm).toString('base64') }),
    commit: () => client.commit(),
    get waitingBytes() {
      return socket.bufferedAmount;
    },
    close: () => hangUp(socket),
  };
}

interface Made {
  client: RealtimeConnection;
  socket: WebSocket;
  RealtimeEvents: typeof RealtimeEvents;
}

/** The client keeps to itself what a refusal said, and how to end a connection that does not close. */
function socketOf(client: RealtimeConnection): WebSocket {
  return (client as unknown as { websocket: WebSocket }).websocket;
}

/** Passes on what comes of a client that was made just now: nothing can have come yet. */
function listen(
  { client, socket, RealtimeEvents }: Made,
  listener: ScribeListener,
  fail: (error: EngineError) => void,
): void {
  const withText = <Message extends { text: string }>(take: (message: Message) => void) => {
    return (message: Message) => {
      if (typeof message.text === 'string') take(message);
      else fail(protocolError('a transcript has no text'));
    };
  };
  guardMessages(socket, {
    onNonsense: (cause) => fail(protocolError('a message is no JSON object', cause)),
    onUnknown: () => listener.onIgnored(),
  });
  client.on(
    RealtimeEvents.PARTIAL_TRANSCRIPT,
    withText<PartialTranscriptMessage>(({ text }) => listener.onPartial(text)),
  );
  client.on(
    RealtimeEvents.COMMITTED_TRANSCRIPT,
    withText<CommittedTranscriptMessage>(({ text }) => listener.onPlain(text)),
  );
  client.on(
    RealtimeEvents.COMMITTED_TRANSCRIPT_WITH_TIMESTAMPS,
    withText<CommittedTranscriptWithTimestampsMessage>(({ text, words }) => listener.onTimed(text, words)),
  );
  // Told of every kind, and of what is wrong with the socket, after which it closes.
  client.on(RealtimeEvents.ERROR, (error) => {
    if (!('message_type' in error)) return;
    const kind: string = error.message_type;
    if (kind === 'commit_throttled') listener.onThrottled();
    else fail(errorOfKind(kind, new Error(JSON.stringify(error))));
  });
  client.on(RealtimeEvents.CLOSE, () => fail(unavailableError('the connection closed')));
}

async function before(deadline: number, timeoutMs: number, begun: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timeoutError('session', timeoutMs)), Math.max(0, deadline - performance.now()));
  });
  try {
    await Promise.race([begun, late]);
  } finally {
    clearTimeout(timer);
  }
}

function bytesOf(pcm: Int16Array): Buffer {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}
