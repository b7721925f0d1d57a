import { describe, expect, it } from '@jest/globals';
import { chartSvg } from './chart.js';
import { compareText, reportMarkdown, stepText } from './report-text.js';
import { medianStep, type BenchReport } from './report.js';
import type { StepReport } from './step-report.js';

const step = (p50: number, over: Partial<StepReport> = {}): StepReport => ({
  calls: 25,
  frameMs: 20,
  seconds: 20,
  profile: 'instant',
  turns: 80,
  added: { p50, p95: 2 * p50, p99: 3 * p50, p999: 4 * p50 },
  plumbing: { p50: p50 / 2, p95: p50, p99: p50, p999: p50 },
  hops: { hearing: undefined, toAgent: undefined, agent: undefined, toGateway: undefined, toClient: undefined },
  firstAudio: undefined,
  interruption: { count: 0, unheeded: 0, fromSound: undefined, fromSpeechStarted: undefined },
  frames: { received: 1000, late: 0, jitterMs: undefined },
  processes: { gateway: { cpuPercent: 10, idleRssMiB: 100, idlePssMiB: 70, rssMiB: 120, handles: 40 } },
  system: { cpuPercent: 50, cpuPercentPerCall: 2, cpuSecondsPerCallMinute: 1.2, idleRssMiB: 400, idlePssMiB: 290, rssMiB: 425, rssMiBPerCall: 1 }, // prettier-ignore
  broker: { inPerSecond: 1, outPerSecond: 1, inMiBPerSecond: 1, outMiBPerSecond: 1, slowConsumers: 0 },
  load: { cpuPercent: 10, latenessMs: { p50: 1, p95: 2, p99: 3, p999: 4 }, sentFrames: 9, dueFrames: 9 },
  openMs: undefined,
  machineBusyPercent: 30,
  losses: {},
  failures: [],
  unanswered: 0,
  isOnSchedule: true,
  isHeld: true,
  ...over,
});
const report = (steps: StepReport[]): BenchReport => ({
  atIso: '2026-11-22T00:00:00.000Z',
  machine: { processor: 'x', cores: 2, memoryGiB: 8, node: 'v20' },
  steps: steps.map((each) => medianStep([each], [20])),
});

describe('a report', () => {
  it('has the median of every number, and the spread of the tail', () => {
    const median = medianStep([step(10), step(30, { isHeld: false }), step(20)], [20, 22, 21]);
    expect(median).toMatchObject({ repeats: 3, fixedWorkMs: 21, isHeld: false, calls: 25, profile: 'instant' });
    expect(median.added).toEqual({ p50: 20, p95: 40, p99: 60, p999: 80 });
    expect(median.addedP99).toEqual({ min: 30, max: 90 });
    expect(median.hops.agent).toBeUndefined();
  });

  it('is a table, and a chart with a point for each step', () => {
    const whole = report([step(10), step(20, { calls: 50 })]);
    expect(reportMarkdown(whole)).toContain('| 25 | 20 | yes | 10.0 / 30.0 | 5.0 / 10.0 |');
    expect(chartSvg(whole).match(/<circle/g)).toHaveLength(6);
  });

  it('says nothing of the system when the callers could not keep their time', () => {
    const late = medianStep([step(10, { isOnSchedule: false, isHeld: false })], [20]);
    expect(stepText(late)).toMatch(/^25 calls: the callers could not keep their own time/);
    expect(stepText(late)).not.toContain('added');
    expect(chartSvg({ ...report([]), steps: [late] })).not.toContain('<circle');
  });

  it('gives the ratios to another', () => {
    const ratios = compareText(report([step(10)]), report([step(5), step(5, { calls: 400 })]));
    expect(ratios.split('\n')[2]).toBe('| 25 | 20 | 0.50 | 0.50 | 0.50 | 0.50 | 1.00 | 1.00 | 1.00 |');
    expect(ratios).not.toContain('400');
  });
});
