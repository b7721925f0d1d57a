import { readFileSync, readdirSync } from 'node:fs';

/** What a process has used, by Linux's /proc. */
export interface ProcessReading {
  /** Processor time since it began. */
  cpuMs: number;
  /** Resident memory, with what it shares with other processes. */
  rssMiB: number;
  /** The same, with its part of what is shared: sums of it count nothing twice. */
  pssMiB: number;
  /** Open files and sockets. */
  handles: number;
}

/** A clock tick of /proc: `getconf CLK_TCK` is 100 on every Linux that Node.js runs on. */
const TICK_MS = 10;
const MIB = 1024 * 1024;
const PAGE_BYTES = 4096;

/** Reads one process. Every thread of it counts. */
export function readProcess(pid: number): ProcessReading {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number) as [number, number, number];
  return {
    cpuMs: (user + system) * TICK_MS,
    rssMiB: (pages * PAGE_BYTES) / MIB,
    pssMiB: Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024,
    handles: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** Reads processes by name. */
export function readProcesses(pids: Readonly<Record<string, number>>): Record<string, ProcessReading> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, readProcess(pid)]));
}
