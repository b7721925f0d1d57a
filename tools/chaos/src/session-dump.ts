import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FinishedCall } from './call-record.js';
import { isHitBy } from './ownership.js';
import type { InjectedFault } from './fault-injector.js';

/**
 * Writes what is known of a call by time, one JSON object a line: the log's events, what the caller said and was told
 * (`from: 'caller'`), its phases, dry gaps, and the faults that hit it.
 * @returns the file
 */
export function dumpSession(dataDir: string, finished: FinishedCall, faults: readonly InjectedFault[]): string {
  const { record, log } = finished;
  const caller = (atMs: number, what: string, fields: object) => ({
    at: Math.round(atMs),
    from: 'caller',
    what,
    ...fields,
  });
  const lines = [
    ...log.map((event) => ({ ...event, from: 'log' })),
    ...record.told.map(({ atMs, event }) => caller(atMs, 'told', { event })),
    ...record.phases.map(({ fromMs, phase }) => caller(fromMs, 'phase', { phase })),
    ...record.gateways.map(({ fromMs, instance }) => caller(fromMs, 'connected', { instance })),
    ...record.gaps.map(({ fromMs, ...gap }) => caller(fromMs, 'dry', gap)),
    ...record.turns.flatMap(({ turn, words, saidFromMs, saidToMs }) => [
      caller(saidFromMs, 'says', { turn, words }),
      caller(saidToMs, 'said', { turn }),
    ]),
    ...faults
      .filter((fault) => isHitBy(finished, fault))
      .map(({ ordinal, kind, instance, replicaName, fromMs, toMs }) => ({
        at: Math.round(fromMs),
        from: 'fault',
        ordinal,
        kind,
        instance,
        replicaName,
        backAt: Math.round(toMs),
      })),
  ].sort((a, b) => a.at - b.at);
  const folder = join(dataDir, 'sessions');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `call-${record.call}-${record.sessionId}.jsonl`);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}
