// Append-only arrays outside the V8 heap that other threads may read. Growing copies to a new buffer;
// readers keep the old one, whose filled part never changes.

/** Doubles small buffers and grows large ones by half, so that slack stays bounded. */
function nextCapacity(capacity: number, need: number): number {
  const LARGE = 1 << 20;
  const grown = capacity < LARGE ? capacity * 2 : Math.ceil(capacity * 1.5);
  return Math.max(grown, need);
}

/** A growing column of u32. */
export class GrowableU32 {
  /** Present buffer; only [0, length) means anything. Replaced on growth: never keep it over an append. */
  data: Uint32Array;
  length = 0;

  constructor(capacity: number) {
    this.data = sharedU32(capacity);
  }

  push(value: number): void {
    if (this.length === this.data.length) this.reserve(1);
    this.data[this.length++] = value;
  }

  /** Appends `count` zeros and returns the index of the first. */
  extend(count: number): number {
    if (this.length + count > this.data.length) this.reserve(count);
    const start = this.length;
    this.length += count;
    return start;
  }

  /** Makes room for `more` elements without changing the length. */
  reserve(more: number): void {
    const need = this.length + more;
    if (need <= this.data.length) return;
    const grown = sharedU32(nextCapacity(this.data.length, need));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }

  get bytes(): number {
    return this.data.byteLength;
  }
}

/** Positions in a {@link GrowableBytes} are kept as u32. */
const MAX_BYTES = 0xffff_ffff;

/** A growing string of bytes. */
export class GrowableBytes {
  /** As {@link GrowableU32.data}. */
  data: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.data = new Uint8Array(new SharedArrayBuffer(capacity));
  }

  /** Makes room for `more` bytes without changing the length. Throws past {@link MAX_BYTES}. */
  reserve(more: number): void {
    const need = this.length + more;
    if (need <= this.data.length) return;
    if (need > MAX_BYTES) throw new RangeError(`${need} bytes of label text, at most ${MAX_BYTES}`);
    const grown = new Uint8Array(new SharedArrayBuffer(nextCapacity(this.data.length, need)));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }

  get bytes(): number {
    return this.data.byteLength;
  }
}

function sharedU32(capacity: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(capacity * 4));
}
