// A binary heap. Which of two equal items comes first is part of InfluxDB's answers, so its shape is the
// textbook's: an array, sifting up at the end and down from the root.

export class Heap<T> {
  readonly #items: T[];
  readonly #isBefore: (a: T, b: T) => boolean;

  /** Takes the items over. */
  constructor(items: T[], isBefore: (a: T, b: T) => boolean) {
    this.#items = items;
    this.#isBefore = isBefore;
    for (let i = (items.length >> 1) - 1; i >= 0; i--) this.#sink(i, items.length);
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** Any order. */
  get items(): readonly T[] {
    return this.#items;
  }

  pop(): T | undefined {
    const last = this.#items.length - 1;
    if (last < 0) return undefined;
    this.#swap(0, last);
    this.#sink(0, last);
    return this.#items.pop();
  }

  push(item: T): void {
    this.#items.push(item);
    let i = this.#items.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(this.#items[i]!, this.#items[parent]!)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Puts another item in the place of the first. */
  replaceFirst(item: T): void {
    this.#items[0] = item;
    this.#sink(0, this.#items.length);
  }

  #sink(from: number, length: number): void {
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) return;
      const right = child + 1;
      if (right < length && this.#isBefore(this.#items[right]!, this.#items[child]!)) child = right;
      if (!this.#isBefore(this.#items[child]!, this.#items[i]!)) return;
      this.#swap(i, child);
      i = child;
    }
  }

  #swap(i: number, j: number): void {
    const item = this.#items[i]!;
    this.#items[i] = this.#items[j]!;
    this.#items[j] = item;
  }
}
