// One file of the faulty file system: what the running system sees, what is on disk, and the
// changes in between that a power cut may keep, drop or tear.

/** Numbers in [0, 1), decided by a seed. */
export type Random = () => number;

/** A small generator (mulberry32): good enough to place faults, the same on every machine. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Change =
  | { readonly kind: 'write'; readonly bytes: Uint8Array; readonly position: number }
  | {
      readonly kind: 'truncate';
      readonly size: number;
    };

/** What disks write in one piece; a power cut keeps or loses each on its own. */
const SECTOR_BYTES = 512;

export class FileImage {
  #now = new Content();
  #disk = new Content();
  #pending: Change[] = [];

  get size(): number {
    return this.#now.size;
  }

  /** What readers see; valid until the next change. */
  bytes(): Uint8Array {
    return this.#now.bytes();
  }

  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    this.#apply({ kind: 'write', bytes: bytes.slice(), position });
  }

  truncate(size: number): void {
    this.#apply({ kind: 'truncate', size });
  }

  #apply(change: Change): void {
    this.#now.apply(change);
    this.#pending.push(change);
  }

  sync(): void {
    for (const change of this.#pending) this.#disk.apply(change);
    this.#pending = [];
  }

  /** Each unsynced change reached the disk or is lost for good; readers still see it in the cache. */
  syncFailed(random: Random): void {
    for (const change of this.#pending) if (random() < 0.5) this.#disk.apply(change);
    this.#pending = [];
  }

  flipBit(bit: number): void {
    this.#now.flipBit(bit);
    this.#disk.flipBit(bit);
  }

  /** The file as a power cut may leave it, all of it durable. */
  afterCut(random: Random): FileImage {
    const disk = this.#disk.copy();
    const fate = Math.floor(random() * 5);
    // 0: nothing more reached the disk.
    if (fate === 1) for (const change of this.#pending) disk.apply(change);
    if (fate === 2) applyPrefix(disk, this.#pending, random);
    if (fate === 3) applySectors(disk, this.#pending, random);
    // The length reached the disk before the data: a tail of zeros.
    if (fate === 4 || (fate > 1 && random() < 0.3)) disk.grow(this.#now.size);
    const image = new FileImage();
    image.#now = disk;
    image.#disk = disk.copy();
    return image;
  }
}

// The first changes as they came, the next one torn at any byte.
function applyPrefix(disk: Content, changes: readonly Change[], random: Random): void {
  const whole = Math.floor(random() * changes.length);
  for (const change of changes.slice(0, whole)) disk.apply(change);
  const torn = changes[whole];
  if (torn?.kind !== 'write') return;
  const bytes = torn.bytes.subarray(0, Math.floor(random() * (torn.bytes.length + 1)));
  disk.apply({ kind: 'write', bytes, position: torn.position });
}

// Any sectors of any changes, in any order that the disk liked.
function applySectors(disk: Content, changes: readonly Change[], random: Random): void {
  const odds = random();
  for (const change of changes) {
    if (change.kind === 'truncate') {
      if (random() < odds) disk.apply(change);
      continue;
    }
    for (let from = 0; from < change.bytes.length; ) {
      const position = change.position + from;
      const sectorEnd = position - (position % SECTOR_BYTES) + SECTOR_BYTES;
      const to = Math.min(change.bytes.length, from + sectorEnd - position);
      if (random() < odds) {
        disk.apply({ kind: 'write', bytes: change.bytes.subarray(from, to), position });
      }
      from = to;
    }
  }
}

/** Bytes that can grow. */
class Content {
  #buffer = new Uint8Array(0);
  size = 0;

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.size);
  }

  copy(): Content {
    const copy = new Content();
    copy.#buffer = this.bytes().slice();
    copy.size = this.size;
    return copy;
  }

  apply(change: Change): void {
    if (change.kind === 'truncate') {
      if (change.size < this.size) this.#buffer.fill(0, change.size, this.size);
      this.#reserve(change.size);
      this.size = change.size;
    } else {
      this.grow(change.position + change.bytes.length);
      this.#buffer.set(change.bytes, change.position);
    }
  }

  /** Lengthens with zeros; never shortens. */
  grow(size: number): void {
    this.#reserve(size);
    if (size > this.size) this.size = size;
  }

  flipBit(bit: number): void {
    const at = Math.floor(bit / 8);
    if (at < this.size) this.#buffer[at]! ^= 1 << (bit % 8);
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const buffer = new Uint8Array(Math.max(size, 2 * this.#buffer.length, 256));
    buffer.set(this.bytes());
    this.#buffer = buffer;
  }
}
