// Holds a process to so much memory by a control group, where the machine lets us make one.

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const V1 = '/sys/fs/cgroup/memory';
const V2 = '/sys/fs/cgroup';

export interface MemoryJail {
  /** How the process is held, for reports. */
  readonly kind: 'control group' | 'none';
  /** Call when the process has ended. */
  remove(): void;
}

/**
 * Puts a process (with all its threads) into a group of its own: past `bytes` the kernel kills it. Where
 * that is not possible the answer's kind is `none`: watch its resident memory instead.
 */
export function jail(pid: number, bytes: number): MemoryJail {
  for (const [root, limit] of [
    [V1, 'memory.limit_in_bytes'],
    [V2, 'memory.max'],
  ] as const) {
    const group = join(root, `tidemark-hostile-${pid}`);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    try {
      if (!existsSync(join(group, limit))) throw new Error(`no ${limit}`);
      writeFileSync(join(group, limit), String(bytes));
      writeFileSync(join(group, 'cgroup.procs'), String(pid));
      return { kind: 'control group', remove: () => removeGroup(group) };
    } catch {
      removeGroup(group);
    }
  }
  return { kind: 'none', remove: () => {} };
}

function removeGroup(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // A process in it is still ending; an empty group costs nothing.
  }
}

/** Resident memory that is not of files, in bytes: what a control group cannot take back. */
export function anonymousBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024;
}
