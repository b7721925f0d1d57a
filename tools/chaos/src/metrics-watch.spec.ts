import { describe, expect, it } from '@jest/globals';
import { replicaNameIn } from './fault-injector.js';
import { countersIn } from './metrics-watch.js';

describe('what services say of themselves', () => {
  it('is summed over labels, for the counters that are wanted', () => {
    const text = [
      '# HELP parley_bus_fenced_total x',
      'parley_bus_fenced_total{kind="reply"} 2',
      'parley_bus_fenced_total{kind="audio"} 3',
      'process_cpu_seconds_total 12',
    ].join('\n');
    expect([...countersIn(text)]).toEqual([['parley_bus_fenced_total', 5]]);
  });

  it('has the name on the bus from the last time it was ready', () => {
    const line = (replica: string, msg: string) => JSON.stringify({ level: 'info', replica, msg });
    const log = [line('stt-a', 'ready'), line('stt-b', 'ready'), line('stt-c', 'draining')].join('\n');
    expect(replicaNameIn(log)).toBe('stt-b');
    expect(replicaNameIn('')).toBeUndefined();
  });
});
