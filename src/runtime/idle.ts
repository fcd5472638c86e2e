// Work that can wait until the program has nothing better to do.

/** Share of one processor that the program uses at most while it counts as idle. */
const IDLE_SHARE = 0.25;
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 60_000;

export interface IdleOptions {
  /** ms of processor time that the program, all its threads, has had so far. */
  readonly cpuMs: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * Calls `work` when the program has been idle for a while, and again after a longer one, until it says that it is done.
 * Rejects as `work` does.
 */
export async function doWhenIdle(
  work: () => Promise<boolean>,
  { cpuMs, sleep }: IdleOptions,
): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    const before = cpuMs();
    await sleep(waitMs);
    const isIdle = cpuMs() - before < waitMs * IDLE_SHARE;
    if (isIdle && (await work())) return;
  }
}
