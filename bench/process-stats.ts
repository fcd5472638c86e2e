// What Linux says about another process: CPU time and memory.

import { readFileSync } from 'node:fs';

/** /proc counts CPU time in these on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** User and system time of all threads, finished ones included. */
export function cpuSecondsOf(pid: number): number {
  return parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** Largest resident memory so far, in bytes. Pages of mapped files count while they are mapped. */
export function peakMemoryOf(pid: number): number {
  return parsePeakMemory(readFileSync(`/proc/${pid}/status`, 'latin1'));
}

/** proc(5): the command's name stands in parentheses and may hold anything; utime is field 14. */
export function parseCpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function parsePeakMemory(status: string): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  if (line === null) throw new Error('no VmHWM in /proc/PID/status');
  return Number(line[1]) * 1024;
}
