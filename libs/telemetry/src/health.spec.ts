import { describe, expect, it } from '@jest/globals';
import { HealthRegistry } from './health.js';

function running(): HealthRegistry {
  const health = new HealthRegistry();
  health.transition('starting');
  health.transition('running');
  return health;
}

describe('HealthRegistry', () => {
  it('is ready when running and every check passes', async () => {
    const health = running();
    health.add('bus', () => {});
    expect(await health.readiness()).toMatchObject({
      status: 'ok',
      state: 'running',
      checks: { bus: { status: 'ok' } },
    });
  });

  it('is not ready before it runs and while it drains, though checks pass', async () => {
    const health = new HealthRegistry();
    expect((await health.readiness()).status).toBe('unavailable');
    health.transition('starting');
    health.transition('draining');
    expect(await health.readiness()).toMatchObject({ status: 'unavailable', state: 'draining' });
  });

  it("shows a failed check's code", async () => {
    const health = running();
    health.add('bus', () => Promise.reject(Object.assign(new Error('down'), { code: 'unavailable' })));
    health.add('engine', () => {
      throw new Error('no model');
    });
    const { status, checks } = await health.readiness();
    expect(status).toBe('unavailable');
    expect(checks.bus).toMatchObject({ status: 'failed', code: 'unavailable', message: 'down' });
    expect(checks.engine).toMatchObject({ status: 'failed', code: 'check_failed', message: 'no model' });
  });

  it('fails a check that does not answer in time and aborts it', async () => {
    const health = running();
    let aborted = false;
    health.add('slow', (signal) => new Promise(() => signal.addEventListener('abort', () => (aborted = true))), {
      timeoutMs: 5,
    });
    expect((await health.readiness()).checks.slow).toMatchObject({ status: 'failed', code: 'check_timeout' });
    expect(aborted).toBe(true);
  });

  it('runs one round for callers at the same time and another one later', async () => {
    const health = running();
    let runs = 0;
    health.add('bus', () => void runs++);
    await Promise.all([health.readiness(), health.readiness()]);
    expect(runs).toBe(1);
    await health.readiness();
    expect(runs).toBe(2);
  });

  it('forgets a removed check and refuses a second one of the same name', async () => {
    const health = running();
    const remove = health.add('bus', () => {});
    expect(() => health.add('bus', () => {})).toThrow(expect.objectContaining({ code: 'check_exists' }));
    remove();
    expect((await health.readiness()).checks).toEqual({});
  });

  it('lives until it has failed, and cannot run again after it stopped', () => {
    const health = running();
    expect(health.liveness().status).toBe('ok');
    health.transition('failed');
    expect(health.liveness().status).toBe('unavailable');
    health.transition('stopped');
    expect(() => health.transition('running')).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });
});
