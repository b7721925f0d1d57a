import { describe, expect, it } from '@jest/globals';
import { parseOptions, planHash, planOf, reportText, runChaos } from '@parley/chaos';
import { startSystem } from '../tools/system.mjs';

const FAULTS = ['kill', 'term', 'stop', 'broker', 'socket'];

describe('calls on a system whose processes, broker and sockets are taken away', () => {
  it('lose nothing, hear nothing twice, and do nothing twice', async () => {
    // The broker comes first with this seed: later it might have to wait too long for holders of voice to be back.
    const options = parseOptions(['--calls', '6', '--minutes', '0.6', '--seed', '4', '--fault-every', '3s']);
    const report = await runChaos(options, startSystem);
    const { faults, calls, takeovers } = report;
    if (!report.ok) throw new Error(reportText(report));
    expect(report.planHash).toBe(planHash(planOf(options)));
    expect(new Set(faults.list.flatMap(({ kind, skipped }) => (skipped ? [] : [kind])))).toEqual(new Set(FAULTS));
    expect(Object.keys(faults.callsHitByPhase).length).toBeGreaterThan(0);
    expect(takeovers).toBeGreaterThan(0);
    expect(calls.completed).toBeGreaterThanOrEqual(6);
    expect(calls.notes).toBeGreaterThan(0);
  }, 180_000);
});
