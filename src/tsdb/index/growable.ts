// Append-only arrays outside the V8 heap that other threads may read. Small ones grow by copying to a new
// buffer, large ones mostly in place; readers keep the view they have, whose filled part never changes.

/**
 * Bytes from which buffers grow in place. Shared memory is freed by the collector alone, which nothing tells of it: what
 * is left behind by copying would stay for long, twice as much of it as there is in use.
 */
const IN_PLACE_BYTES = 1 << 20;
/** How far they can grow, times their size. That much of the address space is reserved, and no memory. */
const RESERVE = 256;
/** No view is larger. */
const MAX_RESERVED_BYTES = 2 ** 32;

/** Doubles small buffers and grows large ones by half, so that slack stays bounded. */
function nextCapacity(capacity: number, need: number): number {
  const LARGE = 1 << 20;
  const grown = capacity < LARGE ? capacity * 2 : Math.ceil(capacity * 1.5);
  return Math.max(grown, need);
}

/** A growing column of u32. */
export class GrowableU32 {
  /** Present view; only [0, length) means anything. Replaced on growth: never keep it over an append. */
  data: Uint32Array<SharedArrayBuffer>;
  length = 0;

  constructor(capacity: number) {
    this.data = new Uint32Array(new SharedArrayBuffer(capacity * 4));
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
    const capacity = nextCapacity(this.data.length, need);
    this.data = new Uint32Array(enlarged(this.data, capacity * 4), 0, capacity);
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
  data: Uint8Array<SharedArrayBuffer>;
  length = 0;

  constructor(capacity: number) {
    this.data = new Uint8Array(new SharedArrayBuffer(capacity));
  }

  /** Makes room for `more` bytes without changing the length. Throws past {@link MAX_BYTES}. */
  reserve(more: number): void {
    const need = this.length + more;
    if (need <= this.data.length) return;
    if (need > MAX_BYTES) throw new RangeError(`${need} bytes of label text, at most ${MAX_BYTES}`);
    const capacity = nextCapacity(this.data.length, need);
    this.data = new Uint8Array(enlarged(this.data, capacity), 0, capacity);
  }

  get bytes(): number {
    return this.data.byteLength;
  }
}

/** The buffer of `data` with `bytes` bytes, or a copy where it cannot grow. */
function enlarged(
  { buffer }: Uint8Array<SharedArrayBuffer> | Uint32Array<SharedArrayBuffer>,
  bytes: number,
): SharedArrayBuffer {
  if (buffer.growable && bytes <= buffer.maxByteLength) {
    buffer.grow(bytes);
    return buffer;
  }
  // A buffer that can grow has pages of its own: too much for the many small ones of thousands of databases.
  const isLarge = bytes >= IN_PLACE_BYTES && bytes <= MAX_RESERVED_BYTES;
  const maxByteLength = Math.min(bytes * RESERVE, MAX_RESERVED_BYTES);
  const copy = new SharedArrayBuffer(bytes, isLarge ? { maxByteLength } : undefined);
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}
