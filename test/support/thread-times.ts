// How much each thread of this process has worked, for tests that a busy machine must not break.

import { readdirSync, readFileSync } from 'node:fs';

const TASKS = '/proc/self/task';

/** ms of processor time by thread; where the system does not tell, of all threads together under one name. */
type Times = ReadonlyMap<string, number>;

/** What the threads of this process work from now on. */
export class ThreadTimes {
  readonly #start: Times = times();

  /** ms of processor time that the busiest thread has had, one that ended meanwhile left out. */
  get busiestMs(): number {
    let most = 0;
    for (const [thread, ms] of times()) {
      most = Math.max(most, ms - (this.#start.get(thread) ?? 0));
    }
    return most;
  }
}

function times(): Times {
  if (process.platform !== 'linux') {
    const { user, system } = process.cpuUsage();
    return new Map([['process', (user + system) / 1000]]);
  }
  const found = new Map<string, number>();
  for (const thread of readdirSync(TASKS)) {
    try {
      const [nanoseconds] = readFileSync(`${TASKS}/${thread}/schedstat`, 'latin1').split(' ');
      found.set(thread, Number(nanoseconds) / 1e6);
    } catch {
      // It has just ended.
    }
  }
  return found;
}
