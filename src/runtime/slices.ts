// Long work on the main thread, cut into slices, so that nobody waits long for it.

/** Length of a slice, ms. */
const SLICE_MS = 8;

export class Slices {
  #end = performance.now() + SLICE_MS;

  /** The slice is used up. */
  get isOver(): boolean {
    return performance.now() > this.#end;
  }

  /** Lets others work if the slice is used up, and begins the next. */
  async breathe(): Promise<void> {
    if (!this.isOver) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#end = performance.now() + SLICE_MS;
  }
}
