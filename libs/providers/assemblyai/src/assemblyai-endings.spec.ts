import { afterEach, describe, expect, it } from '@jest/globals';
import type { EngineError } from '@parley/ports';
import { codeOf, within } from '@parley/ports/conformance';
import { eventually } from '@parley/testing';
import { Emulated, silence, type EmulatedOptions } from '../spec-support/emulated.js';

let running: Emulated;
async function start(options?: EmulatedOptions): Promise<Emulated> {
  running = await Emulated.start(options);
  return running;
}
afterEach(() => running.stop());

describe('AssemblyAI, an end of a session', () => {
  it.each([
    [1000, undefined, 'engine_unavailable', true],
    [1011, undefined, 'engine_unavailable', true],
    [1013, undefined, 'engine_busy', true],
    [1008, 'Unauthorized Connection: Invalid API key', 'engine_auth', false],
    [1008, 'Unauthorized Connection: Too many concurrent sessions', 'engine_rate_limited', true],
    [1008, 'Unauthorized Connection: Your account balance is negative', 'engine_quota', false],
    [3005, 'Session Cancelled: An error occurred', 'engine_unavailable', true],
    [3006, 'User Input Validation Error: Invalid JSON', 'engine_input', false],
    [3006, 'Session terminated due to inactivity: No messages received for 5 seconds', 'engine_unavailable', true],
    [3007, 'Input Duration Error: Input Duration Violation: 20.0 ms', 'engine_input', false],
    [3007, 'Audio Transmission Rate Exceeded: Received 60 sec. audio in 1 sec', 'engine_input', true],
    [3008, 'Session Expired: Maximum session duration exceeded', 'engine_unavailable', true],
    [3009, undefined, 'engine_rate_limited', true],
    [4001, undefined, 'engine_auth', false],
    [4002, undefined, 'engine_quota', false],
    [4029, undefined, 'engine_rate_limited', true],
  ])('with %d and %s is %s', async (code, error, expected, retryable) => {
    await start();
    const { log } = await running.open();
    running.sessions.at(-1)?.end(code, error);
    await within(3000, 'the end', log.ended);
    expect(log.events).toMatchObject([{ type: 'error', error: { code: expected, retryable } }]);
    const [event] = log.events;
    const failure = (event?.type === 'error' ? event.error : undefined) as EngineError;
    if (error) expect(failure.message).not.toContain(error);
    if (error) expect((failure.cause as Error).message).toBe(error);
  });

  it.each([
    ['Not Authorized', 'engine_auth'],
    ['something else', 'engine_unavailable'],
  ])('with an error that has a key but no type and no code, %s, is %s', async (error, expected) => {
    await start();
    const { log } = await running.open();
    running.say({ error });
    await within(3000, 'the end', log.ended);
    expect(log.events).toMatchObject([{ type: 'error', error: { code: expected } }]);
  });

  it('before it began, for its settings, is engine_settings', async () => {
    await start({ settings: { speechModel: 'universal-3-6-pro', furtherLanguages: ['xx'] } });
    expect(await codeOf(running.open())).toBe('engine_settings');
    expect(running.emulator.requests).toHaveLength(1);
    await eventually(() => running.emulator.connections === 0, { what: 'end', deadlineMs: 2000 });
  });

  it('by the provider at the longest it may last is told', async () => {
    await start({ emulator: { maxSessionSeconds: 10, secondMs: 10 } });
    const { log } = await running.open();
    await within(3000, 'the end', log.ended);
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_unavailable', retryable: true } }]);
  });

  it('for audio that comes faster than it is spoken is told', async () => {
    await start({ emulator: { maxAheadMs: 1000 } });
    const { stream, log } = await running.open();
    stream.write(silence(5000));
    await within(3000, 'the end', log.ended);
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_input', retryable: true } }]);
  });

  it('is told when the connection takes no audio any more', async () => {
    await start();
    const { stream, log } = await running.open();
    running.sessions.at(-1)?.stall();
    let waitingMs = 0;
    for (let minute = 0; minute < 60 && log.events.length === 0; minute++) {
      waitingMs = stream.write(silence(60_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(waitingMs).toBeGreaterThan(30_000);
    await within(3000, 'the end', log.ended);
    expect(log.events).toMatchObject([{ type: 'error', error: { code: 'engine_unavailable', retryable: true } }]);
  });

  it('when there are as many as may be is engine_rate_limited, after one attempt', async () => {
    await start({ emulator: { maxSessions: 1 } });
    await running.open();
    expect(await codeOf(running.open())).toBe('engine_rate_limited');
    expect(running.emulator.requests).toHaveLength(2);
  });
});

describe('AssemblyAI, closing', () => {
  it('ends an attempt that is under way, and leaves nothing', async () => {
    await start();
    running.emulator.inject('timeout');
    const opening = codeOf(running.open());
    await eventually(() => running.emulator.requests.length === 1, { what: 'attempt', deadlineMs: 2000 });
    await within(2000, 'close', running.engine.close());
    expect(await opening).toBe('engine_closed');
    await eventually(() => running.emulator.connections === 0, { what: 'end', deadlineMs: 2000 });
  });

  it('ends an attempt whose session does not begin', async () => {
    await start({ engine: { connectTimeoutMs: 300 } });
    running.emulator.inject('timeout');
    expect(await codeOf(running.open())).toBe('engine_timeout');
    await eventually(() => running.emulator.connections === 0, { what: 'end', deadlineMs: 2000 });
  });

  it('does not wait for a provider that does not close', async () => {
    await start();
    running.emulator.inject('silent');
    const { stream } = await running.open();
    await within(3000, 'close', stream.close());
    await eventually(() => running.emulator.connections === 0, { what: 'end', deadlineMs: 2000 });
  });

  it('fails a stream whose connection was refused with engine_unavailable', async () => {
    await start();
    await running.emulator.stop();
    expect(await codeOf(running.open())).toBe('engine_unavailable');
  });
});
