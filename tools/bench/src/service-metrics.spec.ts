import { describe, expect, it } from '@jest/globals';
import { lossesBetween, readingIn } from './service-metrics.js';

const text = (dropped: number, refused: number) => `
# HELP nodejs_eventloop_lag_p50_seconds x
nodejs_eventloop_lag_p50_seconds{service="gateway"} 0.0101
nodejs_eventloop_lag_p99_seconds{service="gateway"} 0.014
parley_gateway_caller_frames_dropped_total{reason="audio_too_fast",service="gateway"} ${dropped}
parley_gateway_caller_frames_dropped_total{reason="bus_unavailable",service="gateway"} 1
parley_gateway_voice_dropped_seconds_total{reason="flushed",service="gateway"} ${dropped * 9}
parley_bus_publish_refused_total{kind="frame",service="gateway"} ${refused}
parley_gateway_caller_frames_total{service="gateway"} 5000
`;

describe('what is read of a service', () => {
  it('is its event loop, and what it lost, whatever the labels, but nothing that was to be thrown away', () => {
    expect(readingIn(text(2, 0))).toEqual({
      loopDelayMs: { p50: 10.1, p99: 14 },
      losses: { parley_gateway_caller_frames_dropped_total: 3, parley_bus_publish_refused_total: 0 },
    });
  });

  it('is compared with what was read before', () => {
    expect(lossesBetween(readingIn(text(2, 0)), readingIn(text(2, 4)))).toEqual({
      parley_bus_publish_refused_total: 4,
    });
  });
});
