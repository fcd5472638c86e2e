// Numbers ids from 0 in the order in which they appear, again and again, without clearing anything between.

/** Past this the marks are cleared, long before they leave 32 bits. */
const MAX_BASE = 2 ** 30;

/** Ids are small numbers: memory is in proportion to the largest. */
export class Numbering {
  /** By number; only the first {@link count} mean anything. */
  ids: Uint32Array = new Uint32Array(1024);
  #count = 0;
  /** By id: its number + the base of the round that gave it. What lies below the present base is from earlier rounds. */
  #marks = new Uint32Array(1024);
  #base = 1;
  readonly #maxBase: number;

  /** `maxBase` is for tests. */
  constructor(maxBase: number = MAX_BASE) {
    this.#maxBase = maxBase;
  }

  /** How many different ids this round has had. */
  get count(): number {
    return this.#count;
  }

  /** Begins another round. */
  begin(): void {
    this.#base += this.#count;
    this.#count = 0;
    if (this.#base < this.#maxBase) return;
    this.#marks.fill(0);
    this.#base = 1;
  }

  /** Writes the numbers of ids [start, end) to `out` from `at` on. */
  numberAll(ids: Uint32Array, start: number, end: number, out: Uint32Array, at: number): void {
    const base = this.#base;
    let marks = this.#marks;
    for (let i = start, o = at; i < end; i++, o++) {
      const id = ids[i]!;
      const mark = id < marks.length ? marks[id]! : 0;
      if (mark >= base) out[o] = mark - base;
      else {
        out[o] = this.numberOf(id);
        marks = this.#marks;
      }
    }
  }

  /** The number of an id in this round, the next one if it is new. */
  numberOf(id: number): number {
    if (id >= this.#marks.length) this.#marks = grown(this.#marks, id + 1);
    const mark = this.#marks[id]!;
    if (mark >= this.#base) return mark - this.#base;
    const number = this.#count++;
    if (number === this.ids.length) this.ids = grown(this.ids, number + 1);
    this.ids[number] = id;
    this.#marks[id] = this.#base + number;
    return number;
  }
}

function grown(old: Uint32Array, need: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(need, old.length * 2));
  larger.set(old);
  return larger;
}
