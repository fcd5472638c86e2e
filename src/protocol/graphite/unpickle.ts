// Python's pickle, its data only: numbers, texts, lists and tuples. Whatever would make Python import, call or build
// something ends the reading.

import { isRoundedInteger } from '../decimal.ts';

/** A text, as the bytes that stand in the frame: most are paths that are known by their bytes. */
export class PickledText {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }
}

/** An integer that no double is. */
export class PickledBigInteger {
  /** The nearest double. */
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export type Pickled =
  | number
  | boolean
  | null
  | PickledText
  | PickledBigInteger
  | readonly Pickled[];

/** Bytes that are no pickle, or not one of data alone. */
export class PickleError extends Error {
  override readonly name: string = 'PickleError';
}

/** Highest version of the format whose data is known. */
const MAX_PROTOCOL = 5;
/** Of an integer, in bytes or decimal digits: a double has 309 digits. */
const MAX_INTEGER_LENGTH = 400;

const LINE_FEED = 0x0a;

/** Operations that make Python do more than put data together, by name. */
const ACTIVE: Readonly<Record<number, string>> = {
  99: 'GLOBAL',
  82: 'REDUCE',
  98: 'BUILD',
  105: 'INST',
  111: 'OBJ',
  80: 'PERSID',
  81: 'BINPERSID',
  129: 'NEWOBJ',
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
  146: 'NEWOBJ_EX',
  147: 'STACK_GLOBAL',
};

/** What a pickle holds. Texts in it are places in `bytes`. Throws {@link PickleError}. */
export function unpickle(bytes: Uint8Array): Pickled {
  return new Unpickler(bytes).load();
}

/** The machine that a pickle is a program for. */
class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  readonly #stack: Pickled[] = [];
  /** Depths of the stack at which a list or tuple was begun. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Pickled>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  load(): Pickled {
    for (;;) {
      const opcode = this.#byte();
      if (opcode === 0x2e) return this.#pop();
      if (!this.#number(opcode) && !this.#text(opcode) && !this.#collection(opcode)) {
        this.#machine(opcode);
      }
    }
  }

  /** INT, BININT…, LONG…, FLOAT, BINFLOAT, NONE and truth values. */
  #number(opcode: number): boolean {
    switch (opcode) {
      case 0x4a:
        return this.#push(this.#view.getInt32(this.#take(4), true));
      case 0x4b:
        return this.#push(this.#byte());
      case 0x4d:
        return this.#push(this.#view.getUint16(this.#take(2), true));
      case 0x47:
        return this.#push(this.#view.getFloat64(this.#take(8)));
      case 0x8a:
        return this.#push(this.#long(this.#byte()));
      case 0x8b:
        return this.#push(this.#long(this.#length()));
      case 0x49:
      case 0x4c:
        return this.#push(integerOf(this.#line()));
      case 0x46:
        return this.#push(floatOf(this.#line()));
      case 0x4e:
        return this.#push(null);
      case 0x88:
      case 0x89:
        return this.#push(opcode === 0x88);
      default:
        return false;
    }
  }

  /** STRING, UNICODE and those with a length before them. */
  #text(opcode: number): boolean {
    switch (opcode) {
      // BINUNICODE, BINSTRING, BINBYTES
      case 0x58:
      case 0x54:
      case 0x42:
        return this.#push(this.#textOf(this.#length()));
      // SHORT_BINUNICODE, SHORT_BINSTRING, SHORT_BINBYTES
      case 0x8c:
      case 0x55:
      case 0x43:
        return this.#push(this.#textOf(this.#byte()));
      // BINUNICODE8, BINBYTES8, BYTEARRAY8
      case 0x8d:
      case 0x8e:
      case 0x96:
        return this.#push(this.#textOf(this.#longLength()));
      case 0x53:
        return this.#push(quotedText(this.#line()));
      case 0x56:
        return this.#push(escapedText(this.#line()));
      default:
        return false;
    }
  }

  /** Lists and tuples. */
  #collection(opcode: number): boolean {
    switch (opcode) {
      case 0x5d:
      case 0x29:
        return this.#push([]);
      case 0x6c:
      case 0x74:
        return this.#push(this.#sinceMark());
      case 0x85:
      case 0x86:
      case 0x87:
        return this.#push(this.#last(opcode - 0x84));
      case 0x61:
        return this.#extend([this.#pop()]);
      case 0x65:
        return this.#extend(this.#sinceMark());
      default:
        return false;
    }
  }

  /** What works on the stack and the memo; anything else is refused. */
  #machine(opcode: number): void {
    switch (opcode) {
      case 0x80: {
        const protocol = this.#byte();
        if (protocol > MAX_PROTOCOL) throw new PickleError(`unknown pickle protocol ${protocol}`);
        return;
      }
      // FRAME says how much could be read at once.
      case 0x95:
        this.#take(8);
        return;
      case 0x28:
        this.#marks.push(this.#stack.length);
        return;
      case 0x30:
        this.#pop();
        return;
      case 0x31:
        this.#sinceMark();
        return;
      case 0x32:
        this.#push(this.#top());
        return;
      case 0x70:
        this.#memo.set(indexOf(this.#line()), this.#top());
        return;
      case 0x71:
        this.#memo.set(this.#byte(), this.#top());
        return;
      case 0x72:
        this.#memo.set(this.#length(), this.#top());
        return;
      case 0x94:
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case 0x67:
        this.#recall(indexOf(this.#line()));
        return;
      case 0x68:
        this.#recall(this.#byte());
        return;
      case 0x6a:
        this.#recall(this.#length());
        return;
      default: {
        const name = ACTIVE[opcode];
        if (name !== undefined) {
          throw new PickleError(
            `refused: ${name} would run code; send numbers, texts, lists and tuples`,
          );
        }
        throw new PickleError(
          `unsupported opcode 0x${opcode.toString(16)} at byte ${this.#at - 1}`,
        );
      }
    }
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new PickleError(`nothing is remembered as ${index}`);
    this.#push(value);
  }

  #push(value: Pickled): true {
    this.#stack.push(value);
    return true;
  }

  #top(): Pickled {
    const value = this.#stack.at(-1);
    if (value === undefined || this.#stack.length === this.#marks.at(-1)) {
      throw new PickleError('nothing on the stack');
    }
    return value;
  }

  #pop(): Pickled {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #last(count: number): Pickled[] {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) {
      throw new PickleError('nothing on the stack');
    }
    return this.#stack.splice(this.#stack.length - count);
  }

  #sinceMark(): Pickled[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new PickleError('no mark on the stack');
    return this.#stack.splice(mark);
  }

  #extend(items: readonly Pickled[]): true {
    const list = this.#top();
    if (!Array.isArray(list)) throw new PickleError('appends to what is no list');
    for (const item of items) list.push(item);
    return true;
  }

  #byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  /** Passes over so many bytes; answers where they begin. */
  #take(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new PickleError('cut short');
    this.#at = start + length;
    return start;
  }

  #length(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #longLength(): number {
    const at = this.#take(8);
    return this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 2 ** 32;
  }

  #textOf(length: number): PickledText {
    const start = this.#take(length);
    return new PickledText(this.#bytes, start, start + length);
  }

  /** An integer in so many bytes, two's complement, the lowest first. */
  #long(length: number): number | PickledBigInteger {
    if (length > MAX_INTEGER_LENGTH) throw new PickleError(`integer of ${length} bytes`);
    const start = this.#take(length);
    if (length === 0) return 0;
    const hex = Buffer.from(this.#bytes.subarray(start, start + length))
      .reverse()
      .toString('hex');
    return fromBigInt(BigInt.asIntN(length * 8, BigInt(`0x${hex}`)));
  }

  /** What stands before the next line feed. */
  #line(): string {
    const end = this.#bytes.indexOf(LINE_FEED, this.#at);
    if (end < 0) throw new PickleError('cut short');
    const text = Buffer.from(this.#bytes.subarray(this.#at, end)).toString('latin1');
    this.#at = end + 1;
    return text;
  }
}

function integerOf(line: string): number | boolean | PickledBigInteger {
  if (line === '00' || line === '01') return line === '01';
  const match = /^([+-]?\d+)L?$/.exec(line);
  if (match === null || line.length > MAX_INTEGER_LENGTH) throw new PickleError('bad integer');
  const value = Number(match[1]);
  return isRoundedInteger(match[1]!, value) ? new PickledBigInteger(value) : value;
}

function fromBigInt(integer: bigint): number | PickledBigInteger {
  const value = Number(integer);
  const isExact = Number.isFinite(value) && BigInt(value) === integer;
  return isExact ? value : new PickledBigInteger(value);
}

function floatOf(line: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line)) return Number(line);
  if (line === 'nan' || line === '-nan') return Number.NaN;
  if (line === 'inf' || line === '-inf') return line === 'inf' ? Infinity : -Infinity;
  throw new PickleError('bad float');
}

function indexOf(line: string): number {
  if (!/^\d{1,9}$/.test(line)) throw new PickleError('bad memo index');
  return Number(line);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** A text of Python 2 as its source would have it. */
function quotedText(line: string): PickledText {
  const text = line.trim();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) {
    throw new PickleError('bad string');
  }
  const plain = text
    .slice(1, -1)
    .replaceAll(/\\(?:x([0-9a-f]{2})|([\\'"nrt]))/gi, (_, hex: string | undefined, char: string) =>
      hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return wholeText(Buffer.from(plain, 'latin1'));
}

/** Latin 1 with escapes for what it lacks. */
function escapedText(line: string): PickledText {
  const plain = line.replaceAll(
    /\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))/g,
    (written, short: string | undefined, long: string | undefined) => {
      const code = Number.parseInt(short ?? long!, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : written;
    },
  );
  return wholeText(Buffer.from(plain, 'utf8'));
}

function wholeText(bytes: Uint8Array): PickledText {
  return new PickledText(bytes, 0, bytes.length);
}
