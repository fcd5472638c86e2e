// How much of the processors a thread gets when there are not enough for all.

import { getPriority, setPriority } from 'node:os';

/** A third of the share of a thread that has not stepped back. */
const STEP_BACK = 5;
/** The lowest of all priorities. */
const LOWEST = 19;

/**
 * Lets the process' other threads go first from now on, where processors are short. Does nothing on systems where a
 * priority belongs to the whole process: only Linux gives each thread its own.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return;
  setPriority(Math.min(getPriority() + STEP_BACK, LOWEST));
}
