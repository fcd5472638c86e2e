// Descriptions of views are mostly views of shared memory, the same ones query after query. Sending one to a
// thread costs as much as a small query does, so each memory is sent once and named by number afterwards.

/** Larger ones belong to heads, which come and go: no table keeps them. */
const MAX_MEMORY_BYTES = 2 ** 26;
/** Past either, both sides forget all: replaced memories must not be kept for ever. */
const MAX_MEMORIES = 1000;
const MAX_KEPT_BYTES = 2 ** 29;

type SharedColumn = Uint8Array<SharedArrayBuffer> | Uint32Array<SharedArrayBuffer>;

/** Stands for a column of a memory that the other side knows. */
interface ColumnRef {
  readonly sharedColumn: number;
  readonly isBytes: boolean;
  readonly byteOffset: number;
  readonly length: number;
}

/** A value as it is sent. */
export interface PackedValue {
  readonly value: unknown;
  /** Memories that are new to the receiver: their numbers follow each other from `firstNew` on. */
  readonly memories: readonly SharedArrayBuffer[];
  /** 0: what the receiver had is void. */
  readonly firstNew: number;
}

/** The sender's table of one receiver. */
export class MemorySender {
  #numbers = new Map<SharedArrayBuffer, number>();
  #keptBytes = 0;
  #new: SharedArrayBuffer[] = [];

  /** Packs plain data: objects, lists, and columns of bytes or 32-bit numbers over shared memory. */
  pack(value: unknown): PackedValue {
    if (this.#numbers.size > MAX_MEMORIES || this.#keptBytes > MAX_KEPT_BYTES) {
      this.#numbers = new Map();
      this.#keptBytes = 0;
    }
    const firstNew = this.#numbers.size;
    this.#new = [];
    return { value: this.#packed(value), memories: this.#new, firstNew };
  }

  #packed(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#packed(item));
    if (isSmallSharedColumn(value)) return this.#reference(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    const packed: Record<string, unknown> = {};
    for (const key in value) packed[key] = this.#packed((value as Record<string, unknown>)[key]);
    return packed;
  }

  #reference(column: SharedColumn): ColumnRef {
    const { buffer, byteOffset, length } = column;
    let number = this.#numbers.get(buffer);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(buffer, number);
      this.#keptBytes += buffer.byteLength;
      this.#new.push(buffer);
    }
    return { sharedColumn: number, isBytes: column instanceof Uint8Array, byteOffset, length };
  }
}

/** The receiver's table. */
export class MemoryReceiver {
  #memories: SharedArrayBuffer[] = [];

  /** Values must be unpacked in the order in which they were packed. */
  unpack({ value, memories, firstNew }: PackedValue): unknown {
    this.#memories.length = firstNew;
    this.#memories.push(...memories);
    return this.#unpacked(value);
  }

  #unpacked(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#unpacked(item));
    if ('sharedColumn' in value) return this.#column(value as ColumnRef);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    const unpacked: Record<string, unknown> = {};
    for (const key in value) {
      unpacked[key] = this.#unpacked((value as Record<string, unknown>)[key]);
    }
    return unpacked;
  }

  #column({ sharedColumn, isBytes, byteOffset, length }: ColumnRef): SharedColumn {
    const memory = this.#memories[sharedColumn]!;
    return isBytes
      ? new Uint8Array(memory, byteOffset, length)
      : new Uint32Array(memory, byteOffset, length);
  }
}

function isSmallSharedColumn(value: object): value is SharedColumn {
  if (!(value instanceof Uint8Array || value instanceof Uint32Array)) return false;
  const { buffer } = value;
  return buffer instanceof SharedArrayBuffer && buffer.byteLength <= MAX_MEMORY_BYTES;
}
