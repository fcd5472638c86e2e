// Cuts a line of CSV into cells. A cell may be quoted, doubly or singly; a quote in it is written twice. Lines end at
// line feeds, quoted or not.

const COMMA = 0x2c;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;

/** Contents of a cell: bytes [start, end). */
export interface Cell {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export class CellScanner {
  readonly #max: number;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  /** Overwritten by every {@link at}. */
  readonly #cell: { bytes: Uint8Array; start: number; end: number } = {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
  };
  #count = 0;

  /** Cells past `max` are not looked at. */
  constructor(max: number) {
    this.#max = max;
    this.#starts = new Uint32Array(max);
    this.#ends = new Uint32Array(max);
  }

  /** Cells that were found, up to `max`. */
  get count(): number {
    return this.#count;
  }

  /** Finds the cells of the line [start, end); answers what is wrong with them. */
  scan(bytes: Uint8Array, start: number, end: number): string | undefined {
    this.#count = 0;
    let at = start;
    while (this.#count < this.#max) {
      const cellEnd =
        isQuote(bytes[at]) && at < end ? quotedEnd(bytes, at, end) : plainEnd(bytes, at, end);
      if (cellEnd < 0) return `quotes of cell ${this.#count + 1} are not closed`;
      if (cellEnd < end && bytes[cellEnd] !== COMMA) {
        return `no comma behind the quotes of cell ${this.#count + 1}`;
      }
      this.#starts[this.#count] = at;
      this.#ends[this.#count++] = cellEnd;
      if (cellEnd === end) break;
      at = cellEnd + 1;
    }
    if (this.#count === this.#max) return undefined;
    return `${this.#count} cells, want at least ${this.#max}`;
  }

  /** Where a cell begins and ends as written, its quotes included. */
  rawStart(position: number): number {
    return this.#starts[position]!;
  }

  rawEnd(position: number): number {
    return this.#ends[position]!;
  }

  /** What a cell of the line scanned last says; valid until the next call. */
  at(bytes: Uint8Array, position: number): Cell {
    const start = this.#starts[position]!;
    const end = this.#ends[position]!;
    const cell = this.#cell;
    if (start < end && isQuote(bytes[start])) return unquote(bytes, start, end);
    cell.bytes = bytes;
    cell.start = start;
    cell.end = end;
    return cell;
  }
}

function isQuote(byte: number | undefined): boolean {
  return byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE;
}

function plainEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== COMMA) i++;
  return i;
}

/** Behind the quote that closes the cell, or -1. */
function quotedEnd(bytes: Uint8Array, start: number, end: number): number {
  const quote = bytes[start];
  for (let i = start + 1; i < end; i++) {
    if (bytes[i] !== quote) continue;
    if (i + 1 < end && bytes[i + 1] === quote) i++;
    else return i + 1;
  }
  return -1;
}

function unquote(bytes: Uint8Array, start: number, end: number): Cell {
  const quote = bytes[start]!;
  const inner = bytes.subarray(start + 1, end - 1);
  if (!inner.includes(quote)) return { bytes, start: start + 1, end: end - 1 };
  const plain: number[] = [];
  for (let i = 0; i < inner.length; i++) {
    plain.push(inner[i]!);
    if (inner[i] === quote) i++;
  }
  return { bytes: Uint8Array.from(plain), start: 0, end: plain.length };
}
