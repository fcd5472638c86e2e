// Progress of long work on the terminal: at most one line a second, and always the last one.

export interface Progress {
  /** Says how far the work is. */
  report(text: string): void;
  /** Writes what has not been written yet. */
  finish(): void;
}

const INTERVAL_MS = 1000;

/** `write` gets whole lines; `now` is a monotonic clock in ms. */
export function createProgress(
  write: (line: string) => void,
  now: () => number = () => performance.now(),
): Progress {
  let last = now();
  let pending: string | undefined;
  const flush = (): void => {
    if (pending !== undefined) write(`${pending}\n`);
    pending = undefined;
    last = now();
  };
  return {
    report(text) {
      pending = text;
      if (now() - last >= INTERVAL_MS) flush();
    },
    finish: flush,
  };
}
