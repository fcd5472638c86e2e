// Expensive work one piece at a time, with a bounded queue.

/** Runs tasks one after another; refuses what would make the queue longer than it may be. */
export class SingleFile {
  readonly #maxWaiting: number;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** The task's result, or undefined at once if too many are waiting. */
  run<T>(task: () => Promise<T>): Promise<T> | undefined {
    if (this.#waiting > this.#maxWaiting) return undefined;
    this.#waiting++;
    const result = this.#last.then(task).finally(() => {
      this.#waiting--;
    });
    // Whoever is next waits for the end, whatever it was.
    this.#last = result.catch(() => {});
    return result;
  }
}
