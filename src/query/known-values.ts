// Descriptions of views are mostly what they were query after query: views of shared memory, files that are there for
// days. Sending one to a thread costs as much as a small query does, so each memory and each object that is frozen is
// sent once and named by number afterwards.

/** Larger ones belong to heads, which come and go: no table keeps them. */
const MAX_MEMORY_BYTES = 2 ** 26;
/** Past either, both sides forget all: replaced memories must not be kept for ever. */
const MAX_KNOWN = 2000;
const MAX_KEPT_BYTES = 2 ** 29;

type SharedColumn = Uint8Array<SharedArrayBuffer> | Uint32Array<SharedArrayBuffer>;

/** Stands for a column of a memory that the other side knows. */
interface ColumnRef {
  readonly sharedColumn: number;
  readonly isBytes: boolean;
  readonly byteOffset: number;
  readonly length: number;
}

/** Stands for a frozen object that the other side knows, or for a list of such. */
interface KnownRef {
  readonly known: number | readonly number[];
}

/** A value as it is sent. */
export interface PackedValue {
  readonly value: unknown;
  /** Memories and objects that are new to the receiver: their numbers follow each other from `firstNew` on. */
  readonly news: readonly object[];
  /** 0: what the receiver had is void. */
  readonly firstNew: number;
}

/** The sender's table of one receiver. */
export class ValueSender {
  #numbers = new Map<object, number>();
  #keptBytes = 0;
  #news: object[] = [];

  /**
   * Packs plain data: objects, lists, and columns of bytes or 32-bit numbers over shared memory. Frozen objects have
   * no such columns in them, and neither they nor what is in them ever changes.
   */
  pack(value: unknown): PackedValue {
    if (this.#numbers.size > MAX_KNOWN || this.#keptBytes > MAX_KEPT_BYTES) {
      this.#numbers = new Map();
      this.#keptBytes = 0;
    }
    const firstNew = this.#numbers.size;
    this.#news = [];
    return { value: this.#packed(value), news: this.#news, firstNew };
  }

  #packed(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return this.#packedList(value);
    if (isSmallSharedColumn(value)) return this.#column(value);
    if (!isPlain(value)) return value;
    if (Object.isFrozen(value)) return { known: this.#number(value) } satisfies KnownRef;
    const packed: Record<string, unknown> = {};
    for (const key in value) packed[key] = this.#packed((value as Record<string, unknown>)[key]);
    return packed;
  }

  #packedList(list: readonly unknown[]): unknown {
    if (list.length === 0 || !list.every(isFrozenObject)) {
      return list.map((item) => this.#packed(item));
    }
    return { known: list.map((item) => this.#number(item)) } satisfies KnownRef;
  }

  #column(column: SharedColumn): ColumnRef {
    const { buffer, byteOffset, length } = column;
    if (!this.#numbers.has(buffer)) this.#keptBytes += buffer.byteLength;
    const sharedColumn = this.#number(buffer);
    return { sharedColumn, isBytes: column instanceof Uint8Array, byteOffset, length };
  }

  #number(item: object): number {
    const known = this.#numbers.get(item);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(item, number);
    this.#news.push(item);
    return number;
  }
}

/** The receiver's table. */
export class ValueReceiver {
  #known: object[] = [];

  /** Values must be unpacked in the order in which they were packed. */
  unpack({ value, news, firstNew }: PackedValue): unknown {
    this.#known.length = firstNew;
    this.#known.push(...news);
    return this.#unpacked(value);
  }

  #unpacked(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#unpacked(item));
    if ('sharedColumn' in value) return this.#column(value as ColumnRef);
    if ('known' in value) {
      const { known } = value as KnownRef;
      return typeof known === 'number' ? this.#known[known] : known.map((i) => this.#known[i]);
    }
    if (!isPlain(value)) return value;
    const unpacked: Record<string, unknown> = {};
    for (const key in value) {
      unpacked[key] = this.#unpacked((value as Record<string, unknown>)[key]);
    }
    return unpacked;
  }

  #column({ sharedColumn, isBytes, byteOffset, length }: ColumnRef): SharedColumn {
    const memory = this.#known[sharedColumn] as SharedArrayBuffer;
    return isBytes
      ? new Uint8Array(memory, byteOffset, length)
      : new Uint32Array(memory, byteOffset, length);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isFrozenObject(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    isPlain(value) &&
    Object.isFrozen(value)
  );
}

function isSmallSharedColumn(value: object): value is SharedColumn {
  if (!(value instanceof Uint8Array || value instanceof Uint32Array)) return false;
  const { buffer } = value;
  return buffer instanceof SharedArrayBuffer && buffer.byteLength <= MAX_MEMORY_BYTES;
}
