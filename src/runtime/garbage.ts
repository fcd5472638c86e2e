// Garbage collection on demand. The collector counts objects; large buffers behind small objects can
// wait for it long after nobody uses them.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Collects this thread's garbage now: some milliseconds, more with many live objects. */
export function collectGarbage(): void {
  if (collect === undefined) {
    // A context made after the flag is set has the function, also where the program was started without it.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
