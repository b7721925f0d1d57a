import { jetstream, jetstreamManager, type JetStreamClient } from '@nats-io/jetstream';
import { headers as newHeaders, type NatsConnection } from '@nats-io/transport-node';
import { EVENT_KINDS, decodeEvent, subjects, type ParleyEvent } from '@parley/contracts';
import type { LoggedMessage, RecordedSession } from '@parley/session-log';
import { BusError } from './bus-error.js';
import { connectWithin } from './nats-connection.js';
import { StreamReader, type StoredMessage } from './stream-reader.js';
import { STREAMS } from './streams.js';

/** A session as the streams know it. */
export interface SessionSummary {
  sessionId: string;
  openedAtMs: number;
  agent: string;
  mode: string;
  door: string;
  /** How often another gateway took it over. */
  resumed: number;
  /** Absent while it is open, or when nobody closed it. */
  closed?: { reason: string; atMs: number };
}

/** Sessions' logs for tools: reads what is stored, takes part in nothing. */
export interface SessionStore {
  /** Sessions opened since then that are still kept, the newest first. @throws {BusError} `unavailable` */
  list(sinceMs?: number): Promise<SessionSummary[]>;
  /** Everything stored of a session; no events when it is unknown. @throws {BusError} `unavailable` */
  read(sessionId: string): Promise<RecordedSession>;
  /**
   * Stores a session as it was recorded, under its own id. Nobody works on it, because no claim goes with it.
   * @throws {BusError} `session_exists` when anything of the session is stored already; `publish_failed`
   */
  write(session: RecordedSession): Promise<void>;
  close(): Promise<void>;
}

/** Messages on their way at a time. */
const WRITE_BATCH = 64;

/** @throws {BusError} `unavailable` when no broker answers within the time */
export async function openSessionStore(url: string, timeoutMs = 3000): Promise<SessionStore> {
  const connection = await connectWithin(url, 'parley session store', timeoutMs);
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const js = jetstream(connection);
  return new NatsSessionStore(connection, js, new StreamReader(connection, manager));
}

class NatsSessionStore implements SessionStore {
  constructor(
    private readonly connection: NatsConnection,
    private readonly js: JetStreamClient,
    private readonly reader: StreamReader,
  ) {}

  async list(sinceMs = 0): Promise<SessionSummary[]> {
    const sessions = new Map<string, SessionSummary>();
    for (const { data } of await this.reader.read(STREAMS.events, subjects.allEvents('session'), { sinceMs })) {
      const event = eventOf(data);
      if (event) note(sessions, event);
    }
    return [...sessions.values()].sort((a, b) => b.openedAtMs - a.openedAtMs);
  }

  async read(sessionId: string): Promise<RecordedSession> {
    const [events, frames] = await Promise.all([
      Promise.all(EVENT_KINDS.map((kind) => this.reader.read(STREAMS.events, subjects.event(kind, sessionId)))),
      Promise.all(
        (['in', 'out'] as const).map((way) => this.reader.read(STREAMS.audio, subjects.audio(way, sessionId))),
      ),
    ]);
    const inOrder = events.flat().sort((a, b) => a.streamSeq - b.streamSeq);
    return { sessionId, events: inOrder.map(loggedMessage), frames: frames.flat().map(loggedMessage) };
  }

  async write(session: RecordedSession): Promise<void> {
    const stored = await this.read(session.sessionId);
    if (stored.events.length > 0) {
      const message = `the session ${session.sessionId} is stored already: import it into another broker`;
      throw new BusError('session_exists', message, false);
    }
    await this.publishAll(session.events);
    await this.publishAll(session.frames);
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private async publishAll(messages: readonly LoggedMessage[]): Promise<void> {
    for (let at = 0; at < messages.length; at += WRITE_BATCH) {
      const batch = messages.slice(at, at + WRITE_BATCH);
      await Promise.all(batch.map((message) => this.publish(message)));
    }
  }

  private async publish({ subject, data, traceparent }: LoggedMessage): Promise<void> {
    const headers = newHeaders();
    if (traceparent) headers.set('traceparent', traceparent);
    try {
      await this.js.publish(subject, data, { headers });
    } catch (cause) {
      throw new BusError('publish_failed', 'the session could not be stored whole', true, { cause });
    }
  }
}

function note(sessions: Map<string, SessionSummary>, event: ParleyEvent): void {
  const { sessionId } = event;
  if (event.type === 'session.opened') {
    const { agent, mode, door, at: openedAtMs } = event;
    sessions.set(sessionId, { sessionId, openedAtMs, agent, mode, door, resumed: 0 });
    return;
  }
  const session = sessions.get(sessionId);
  if (!session) return;
  if (event.type === 'session.resumed') session.resumed++;
  else if (event.type === 'session.closed') session.closed ??= { reason: event.reason, atMs: event.at };
}

/** What cannot be read is not a session: the log of it can still be exported. */
function eventOf(data: Uint8Array): ParleyEvent | undefined {
  try {
    return decodeEvent(data);
  } catch {
    return undefined;
  }
}

function loggedMessage({ subject, storedAtMs, data, headers }: StoredMessage): LoggedMessage {
  const traceparent = headers?.get('traceparent');
  return { subject, storedAtMs, data, ...(traceparent && { traceparent }) };
}
