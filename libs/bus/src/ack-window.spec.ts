import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testing';
import { CountedMetrics } from '../spec-support/counted-metrics.js';
import { AckWindow, type AckConnection, type AckWindowOptions } from './ack-window.js';
import type { BusError } from './bus-error.js';

/** A connection whose stream answers when told to. */
class FakeConnection {
  readonly sent: { subject: string; reply: string }[] = [];
  private answer: (error: null, message: { subject: string; data: Uint8Array }) => void = () => undefined;

  asConnection(): AckConnection {
    return {
      publish: (subject: string, _: Uint8Array, options: { reply: string }) => this.sent.push({ subject, ...options }),
      subscribe: (_: string, options: { callback: never }) => {
        this.answer = options.callback;
        return { unsubscribe: () => undefined };
      },
      isClosed: () => false,
    } as unknown as AckConnection;
  }

  ack(reply: string | undefined, answer = '{"stream":"S","seq":1}'): void {
    this.answer(null, { subject: reply ?? '', data: new TextEncoder().encode(answer) });
  }
}

const windows: AckWindow[] = [];
afterEach(() => {
  for (const window of windows.splice(0)) window.close();
});

function open(options: AckWindowOptions = {}) {
  const connection = new FakeConnection();
  const counted = new CountedMetrics();
  const clock = { ms: 0 };
  const window = new AckWindow(connection.asConnection(), counted.metrics, options, () => clock.ms);
  windows.push(window);
  const outcomes: Record<string, string> = {};
  const settled = (subject: string) => (error?: BusError) => {
    outcomes[subject] = error?.code ?? 'stored';
  };
  const send = (subject: string, what: 'event' | 'frame' = 'event', bytes = 1) =>
    window.send(what, subject, new Uint8Array(bytes), settled(subject));
  const gather = (subject: string) =>
    window.send('frame', subject, new Uint8Array(1), settled(subject), { gather: true });
  /** Time goes by, swept as often as the timer would. */
  const pass = (ms: number) => {
    for (let left = ms; left > 0; left -= 250) {
      clock.ms += Math.min(250, left);
      window.sweep();
    }
  };
  const subjects = () => connection.sent.map(({ subject }) => subject);
  return { connection, counted, clock, window, outcomes, send, gather, pass, subjects };
}

describe('acknowledgement window', () => {
  it('settles what the stream has stored', () => {
    const { connection, outcomes, send, window } = open();
    send('a');
    connection.ack(connection.sent[0]?.reply);
    expect(outcomes).toEqual({ a: 'stored' });
    expect(window.size).toBe(0);
  });

  it('sends again what is refused and what is not answered, and counts both', () => {
    const { connection, counted, send, pass, subjects } = open({ ackTimeoutMs: 1000 });
    send('refused');
    send('silent');
    connection.ack(connection.sent[0]?.reply, '{"error":{"code":503}}');
    pass(1000);
    expect(subjects()).toEqual(['refused', 'silent', 'refused', 'silent']);
    expect(counted.total('publishRefused')).toBe(1);
    expect(counted.total('publishRetried')).toBe(2);
  });

  it('sends frames that may wait together, in order, and a flush sends them at once', async () => {
    const { window, outcomes, send, gather, subjects, connection } = open();
    gather('a');
    gather('b');
    send('at once');
    expect(subjects()).toEqual(['at once']);
    await eventually(() => connection.sent.length === 3, { what: 'what was gathered' });
    gather('c');
    window.flush();
    expect(subjects()).toEqual(['at once', 'a', 'b', 'c']);
    for (const { reply } of connection.sent) connection.ack(reply);
    expect(outcomes).toEqual({ 'at once': 'stored', a: 'stored', b: 'stored', c: 'stored' });
  });

  it('sends what was gathered once, in its place, when the broker went away meanwhile', () => {
    const { window, send, gather, subjects } = open();
    gather('a');
    window.hold();
    send('b');
    window.flush();
    expect(subjects()).toEqual([]);
    window.resume();
    window.flush();
    expect(subjects()).toEqual(['a', 'b']);
  });

  it('lets no frame overtake one that the stream refuses, and asks soon whether it is taken again', async () => {
    const { window, send, subjects, connection, outcomes, pass } = open();
    const refuse = (reply: string | undefined) => connection.ack(reply, '{"error":{"code":503}}');
    send('a', 'frame');
    send('b', 'frame');
    refuse(connection.sent[0]?.reply);
    refuse(connection.sent[1]?.reply);
    send('c', 'frame');
    send('event');
    expect(subjects()).toEqual(['a', 'b', 'event']);
    await eventually(() => connection.sent.length === 4, { what: 'the first again' });
    refuse(connection.sent[3]?.reply);
    await eventually(() => connection.sent.length === 5, { what: 'the first once more' });
    connection.ack(connection.sent[4]?.reply);
    expect(subjects().slice(3)).toEqual(['a', 'a', 'b', 'c']);
    for (const { reply } of connection.sent) connection.ack(reply);
    expect(outcomes).toEqual({ a: 'stored', b: 'stored', c: 'stored', event: 'stored' });
    pass(1000);
    expect([window.size, connection.sent.length]).toEqual([0, 7]);
  });

  it('gives up at the deadline with publish_failed, counted', () => {
    const { counted, outcomes, send, pass } = open({ deadlineMs: 5000 });
    send('a');
    pass(4750);
    expect(outcomes).toEqual({});
    pass(250);
    expect(outcomes).toEqual({ a: 'publish_failed' });
    expect(counted.total('publishFailed', { kind: 'event', reason: 'deadline' })).toBe(1);
  });

  it('sends nothing while the broker is away, and everything in order when it is back', () => {
    const { window, outcomes, send, pass, subjects, connection } = open({ deadlineMs: 5000 });
    send('sent before');
    window.hold();
    send('a');
    send('b');
    pass(30_000);
    expect(subjects()).toEqual(['sent before']);
    window.resume();
    expect(subjects()).toEqual(['sent before', 'sent before', 'a', 'b']);
    for (const { reply } of connection.sent.slice(1)) connection.ack(reply);
    expect(outcomes).toEqual({ 'sent before': 'stored', a: 'stored', b: 'stored' });
  });

  it('sends voice again that was stored a moment before the broker went, ahead of what waits, and nothing older', () => {
    const { window, send, pass, subjects, connection, counted } = open();
    const stored = (subject: string, what: 'event' | 'frame') => {
      send(subject, what);
      connection.ack(connection.sent.at(-1)?.reply);
    };
    stored('old', 'frame');
    pass(1250);
    stored('recent', 'frame');
    stored('event', 'event');
    send('waiting', 'frame');
    window.hold();
    pass(5000);
    const before = connection.sent.length;
    window.resume();
    expect(subjects().slice(before)).toEqual(['recent', 'waiting']);
    for (const { reply } of connection.sent.slice(before)) connection.ack(reply);
    expect(window.size).toBe(0);
    expect(counted.total('publishFailed')).toBe(0);
  });

  it('counts connected time only towards the deadline', () => {
    const { window, outcomes, send, pass } = open({ deadlineMs: 5000 });
    send('a');
    pass(4000);
    window.hold();
    pass(30_000);
    window.resume();
    pass(750);
    expect(outcomes).toEqual({});
    pass(500);
    expect(outcomes).toEqual({ a: 'publish_failed' });
  });

  it('gives up when the broker is away for longer than an outage may last', () => {
    const { window, counted, outcomes, send, pass } = open({ outageMs: 60_000 });
    window.hold();
    send('voice', 'frame');
    pass(59_750);
    expect(outcomes).toEqual({});
    pass(250);
    expect(outcomes).toEqual({ voice: 'publish_failed' });
    expect(counted.total('publishFailed', { kind: 'frame', reason: 'outage' })).toBe(1);
  });

  it('does not take its own stall for silence of the stream', () => {
    const { clock, window, outcomes, send } = open({ deadlineMs: 5000, ackTimeoutMs: 1000 });
    send('a');
    clock.ms += 20_000;
    window.sweep();
    expect(outcomes).toEqual({});
  });

  it.each([
    ['messages', { maxPending: 4 }, 1],
    ['bytes', { maxPendingBytes: 400 }, 100],
  ])('takes no more %s than it may hold, and leaves events room that voice cannot take', (_, options, bytes) => {
    const { counted, outcomes, send } = open(options);
    for (const n of [1, 2, 3, 4]) send(`frame ${n}`, 'frame', bytes);
    expect(outcomes).toEqual({ 'frame 4': 'publish_failed' });
    send('event 1', 'event', bytes);
    send('event 2', 'event', bytes);
    expect(outcomes).toEqual({ 'frame 4': 'publish_failed', 'event 2': 'publish_failed' });
    expect(counted.total('publishFailed', { reason: 'window_full' })).toBe(2);
  });

  it('fails what is pending when it is closed', () => {
    const { window, counted, outcomes, send } = open();
    send('a');
    window.close();
    expect(outcomes).toEqual({ a: 'publish_failed' });
    expect(counted.total('publishFailed', { reason: 'closed' })).toBe(1);
  });
});
