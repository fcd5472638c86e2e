// Expensive work one piece at a time, with a bounded queue and a rest where somebody may be wasting our time.

/** A rest, by the time that the task before it has taken: such tasks take a quarter of a core at most. */
const REST = 3;

/** Runs tasks one after another; refuses what would make the queue longer than it may be. */
export class SingleFile {
  readonly #maxWaiting: number;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /**
   * The task's result, or undefined at once if too many are waiting. After a result that `needsRest`, the next task
   * begins only when {@link REST} times as much time has passed as this one took.
   */
  run<T>(task: () => Promise<T>, needsRest: (result: T) => boolean): Promise<T> | undefined {
    if (this.#waiting > this.#maxWaiting) return undefined;
    this.#waiting++;
    let begun = 0;
    const result = this.#last.then(() => {
      begun = performance.now();
      return task();
    });
    // Whoever is next waits for the end, whatever it was.
    this.#last = result
      .then(
        (value) => (needsRest(value) ? sleep(REST * (performance.now() - begun)) : undefined),
        () => {},
      )
      .finally(() => {
        this.#waiting--;
      });
    return result;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
