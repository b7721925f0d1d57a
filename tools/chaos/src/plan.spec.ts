import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS, FAULT_STAGES, planFaults, planHash, planRolling, type PlanOptions } from './plan.js';

const OPTIONS: PlanOptions = {
  seed: 7,
  durationMs: 300_000,
  everyMs: 1500,
  faults: FAULT_KINDS,
  stages: FAULT_STAGES,
  replicas: 2,
  leaseMs: 2000,
};

describe('the plan of faults', () => {
  it('is the same for the same seed, to the last field', () => {
    expect(planFaults(OPTIONS)).toEqual(planFaults({ ...OPTIONS }));
    expect(planHash(planFaults(OPTIONS))).toBe(planHash(planFaults({ ...OPTIONS })));
  });

  it('stays what a published seed drew', () => {
    expect(planHash(planFaults(OPTIONS))).toBe('3b1e846806d4');
  });

  it('is another for another seed', () => {
    expect(planHash(planFaults({ ...OPTIONS, seed: 8 }))).not.toBe(planHash(planFaults(OPTIONS)));
  });

  it('goes on in the same way when it is longer', () => {
    const short = planFaults({ ...OPTIONS, durationMs: 60_000 });
    expect(planFaults(OPTIONS).slice(0, short.length)).toEqual(short);
  });

  it('has every kind, stage and replica, about as often as asked for', () => {
    const plan = planFaults(OPTIONS);
    expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
    expect(new Set(plan.map(({ target, replica }) => `${target}${replica}`)).size).toBe(2 * FAULT_STAGES.length + 2);
    expect(plan.length).toBeGreaterThan(170);
    expect(plan.length).toBeLessThan(230);
  });

  it('begins with each kind once, however short it is', () => {
    const first = planFaults(OPTIONS).slice(0, FAULT_KINDS.length);
    expect(new Set(first.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
  });

  it('keeps to the kinds and stages asked for, and holds a replica for longer than a lease', () => {
    const plan = planFaults({ ...OPTIONS, faults: ['stop'], stages: ['tts'] });
    expect(plan.every(({ kind, target, awayMs }) => kind === 'stop' && target === 'tts' && awayMs > 2000)).toBe(true);
  });

  it('is empty without faults', () => {
    expect(planFaults({ ...OPTIONS, faults: [] })).toEqual([]);
  });
});

describe('a rolling restart', () => {
  it('restarts every replica once, stage by stage', () => {
    const plan = planRolling({ stages: ['stt', 'tts'], replicas: 2 });
    expect(plan.map(({ kind, target, replica }) => `${kind} ${target} ${replica}`)).toEqual([
      'term stt 0',
      'term stt 1',
      'term tts 0',
      'term tts 1',
    ]);
  });
});
