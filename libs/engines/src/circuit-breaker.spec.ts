import { describe, expect, it } from '@jest/globals';
import { EngineError, type EngineErrorCode } from '@parley/ports';
import { CircuitBreaker } from './circuit-breaker.js';

function start() {
  const changes: boolean[] = [];
  const time = { ms: 0 };
  const breaker = new CircuitBreaker({ now: () => time.ms, random: () => 0.5, onChange: (open) => changes.push(open) });
  const fail = (code: EngineErrorCode = 'engine_unavailable', retryAfterMs?: number) =>
    breaker.failed(new EngineError(code, 'of the test', true, { retryAfterMs }));
  return { breaker, changes, time, fail };
}

describe('a circuit breaker', () => {
  it('opens after three failures in a row, and not when there is a success between them', () => {
    const { breaker, fail, changes } = start();
    fail();
    fail();
    breaker.succeeded();
    fail();
    fail();
    expect(breaker.isOpen()).toBe(false);
    fail();
    expect(breaker.isOpen()).toBe(true);
    expect(changes).toEqual([true]);
  });

  it.each<EngineErrorCode>(['engine_auth', 'engine_quota', 'engine_missing'])('opens at once for %s', (code) => {
    const { breaker, fail } = start();
    fail(code);
    expect(breaker.isOpen()).toBe(true);
  });

  it.each<EngineErrorCode>(['engine_aborted', 'engine_closed', 'engine_input', 'engine_settings'])(
    'takes %s for no fault of the provider',
    (code) => {
      const { breaker, fail } = start();
      for (let n = 0; n < 10; n++) fail(code);
      expect(breaker.isOpen()).toBe(false);
    },
  );

  it('is tried again when its time is over, and shuts when that succeeds', () => {
    const { breaker, fail, time, changes } = start();
    for (let n = 0; n < 3; n++) fail();
    time.ms = 4999;
    expect(breaker.isOpen()).toBe(true);
    time.ms = 5000;
    expect(breaker.isOpen()).toBe(false);
    breaker.succeeded();
    expect(breaker.isOpen()).toBe(false);
    expect(changes).toEqual([true, false]);
  });

  it('stays open twice as long each time that an attempt fails, up to a minute', () => {
    const { breaker, fail, time } = start();
    for (let n = 0; n < 3; n++) fail();
    const waits: number[] = [];
    for (let n = 0; n < 6; n++) {
      const from = time.ms;
      while (breaker.isOpen()) time.ms += 100;
      waits.push(time.ms - from);
      fail();
    }
    expect(waits).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('waits as long as the provider asks', () => {
    const { breaker, fail, time } = start();
    fail('engine_rate_limited', 30_000);
    time.ms = 29_999;
    expect(breaker.isOpen()).toBe(true);
    time.ms = 30_000;
    expect(breaker.isOpen()).toBe(false);
  });
});
