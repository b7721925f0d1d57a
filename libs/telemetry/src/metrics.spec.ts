import { describe, expect, it } from '@jest/globals';
import { createMetrics, type MetricLabel } from './metrics.js';

const metrics = () => createMetrics('stt', { processMetrics: false });

describe('createMetrics', () => {
  it('exposes what was counted, with the service as a label', async () => {
    const own = metrics();
    own.counter({ name: 'parley_frames_total', help: 'Frames', labels: ['direction'] }).inc({ direction: 'in' }, 2);
    own
      .histogram({ name: 'parley_ttfb_seconds', help: 'First byte', labels: ['provider'] })
      .observe({ provider: 'x' }, 0.2);
    own.gauge({ name: 'parley_sessions', help: 'Held', collect: (gauge) => gauge.set(7) });
    const text = await own.text();
    expect(text).toContain('parley_frames_total{direction="in",service="stt"} 2');
    expect(text).toContain('parley_ttfb_seconds_bucket{le="0.2",service="stt",provider="x"} 1');
    expect(text).toContain('parley_sessions{service="stt"} 7');
  });

  it("has Node's own metrics unless told otherwise", async () => {
    const text = await createMetrics('tts').text();
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it.each([
    ['a counter without _total', (m: ReturnType<typeof metrics>) => m.counter({ name: 'parley_frames', help: 'x' })],
    ['a gauge with _total', (m: ReturnType<typeof metrics>) => m.gauge({ name: 'parley_frames_total', help: 'x' })],
    ['a name without the prefix', (m: ReturnType<typeof metrics>) => m.gauge({ name: 'sessions', help: 'x' })],
    ['a name in capitals', (m: ReturnType<typeof metrics>) => m.gauge({ name: 'parley_Sessions', help: 'x' })],
    ['an empty help text', (m: ReturnType<typeof metrics>) => m.gauge({ name: 'parley_sessions', help: ' ' })],
    [
      'milliseconds',
      (m: ReturnType<typeof metrics>) => m.histogram({ name: 'parley_wait_ms', help: 'x', buckets: [1] }),
    ],
    ['a histogram without a unit', (m: ReturnType<typeof metrics>) => m.histogram({ name: 'parley_wait', help: 'x' })],
    ['bytes without buckets', (m: ReturnType<typeof metrics>) => m.histogram({ name: 'parley_x_bytes', help: 'x' })],
    [
      'a session as a label',
      (m: ReturnType<typeof metrics>) =>
        m.gauge({ name: 'parley_sessions', help: 'x', labels: ['sessionId' as MetricLabel] }),
    ],
  ])('refuses %s', (_, make) => {
    expect(() => make(metrics())).toThrow(expect.objectContaining({ code: 'metric_invalid' }));
  });

  it('refuses a second metric of the same name', () => {
    const own = metrics();
    own.gauge({ name: 'parley_sessions', help: 'x' });
    expect(() => own.gauge({ name: 'parley_sessions', help: 'x' })).toThrow(
      expect.objectContaining({ code: 'metric_exists' }),
    );
  });
});
