// How much single threads have worked, where the system tells.

import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Linux counts in hundredths of a second, whatever its own clock does. */
const MS_PER_TICK = 10;

/** The system's number of the thread that asks, for {@link threadCpuMs}; undefined except on Linux. */
export function threadNumber(): number | undefined {
  try {
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    return undefined;
  }
}

/** ms of processor time that a thread of this process has had, to about 10 ms; undefined if there is no such thread. */
export function threadCpuMs(number: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/self/task/${number}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name in parentheses may have anything in it; user and system time are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
