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
  return bytesOf(status, 'VmHWM');
}

export interface MemoryUse {
  /** Everything that is resident. */
  readonly residentBytes: number;
  /** Without the pages of mapped files, which the system can take back at any time. */
  readonly ownBytes: number;
}

export function memoryOf(pid: number): MemoryUse {
  return parseMemory(readFileSync(`/proc/${pid}/status`, 'latin1'));
}

export function parseMemory(status: string): MemoryUse {
  const residentBytes = bytesOf(status, 'VmRSS');
  return { residentBytes, ownBytes: residentBytes - bytesOf(status, 'RssFile') };
}

function bytesOf(status: string, field: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status);
  if (line === null) throw new Error(`no ${field} in /proc/PID/status`);
  return Number(line[1]) * 1024;
}

/** How often the sampler looks; a peak between two looks is not seen. */
const SAMPLE_MS = 100;

/** Largest memory without file pages of a process while `work` goes on: the kernel keeps no such mark itself. */
export async function withOwnPeak<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly ownPeakBytes: number }> {
  let ownPeakBytes = 0;
  const look = (): void => {
    try {
      ownPeakBytes = Math.max(ownPeakBytes, memoryOf(pid).ownBytes);
    } catch {
      // The process has ended; whoever works with it will say so.
    }
  };
  look();
  const timer = setInterval(look, SAMPLE_MS);
  try {
    const result = await work();
    look();
    return { result, ownPeakBytes };
  } finally {
    clearInterval(timer);
  }
}
