// How much a pattern will cost to compile, told from its text alone: counted repetitions multiply what
// they repeat, and classes of Unicode properties are long lists of ranges.

export interface PatternSize {
  /**
   * About how many instructions it compiles to, with the work of building classes in the same measure.
   * Grows with the time that compiling takes: some microseconds each.
   */
  readonly size: number;
  /** It closes a group that it has not opened. */
  readonly isUnbalanced: boolean;
}

/** A class of a Unicode property: hundreds of ranges, to be built once and copied by repetitions. */
const PROPERTY_BUILD = 75;
const PROPERTY_COPY = 5;
/** Class members per unit in copies, and characters of a range whose other cases are looked for. */
const MEMBERS_PER_UNIT = 60;
const FOLDED_PER_UNIT = 45;
/** Past this there are no other cases. */
const LAST_CASED = 0x1e943;

const GROUP_START = /\?(?:P?<[^>]*>|([a-zA-Z-]*)([:)]))/y;
const REPETITION = /\{(\d+)(?:,(\d*))?\}/y;
const PROPERTY = /\\[pP](?:\{[^}]*\}|.)/suy;
const ESCAPE = /\\(?:x\{([0-9a-fA-F]+)\}|.)/suy;
const NAMED_CLASS = /\[:[^:\]]*:\]/y;

export function patternSize(pattern: string): PatternSize {
  return new SizeWalk(pattern).walk();
}

/** One walk over the text. What is no valid pattern gets some size; the compiler will refuse it. */
class SizeWalk {
  readonly #pattern: string;
  #at = 0;
  /** Of the groups around, before the one that is open. */
  readonly #outer: number[] = [];
  /** Of the open group so far, without the last item, which a repetition may follow. */
  #before = 0;
  #item = 0;
  /** What repetitions do not multiply. */
  #once = 0;
  #foldsCase = false;
  #isUnbalanced = false;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  walk(): PatternSize {
    while (this.#at < this.#pattern.length) this.#step();
    let size = this.#once + this.#before + this.#item;
    for (const outer of this.#outer) size += outer;
    return { size, isUnbalanced: this.#isUnbalanced };
  }

  #step(): void {
    switch (this.#pattern[this.#at]) {
      case '(':
        this.#open();
        return;
      case ')':
        this.#close();
        return;
      case '[':
        this.#next(this.#class());
        return;
      case '\\':
        this.#escape();
        return;
      case '*':
      case '+':
      case '?':
        this.#at++;
        this.#item++;
        return;
      case '{':
        this.#repeat();
        return;
      default:
        this.#at++;
        this.#next(1);
    }
  }

  #next(size: number): void {
    this.#before += this.#item;
    this.#item = size;
  }

  #open(): void {
    this.#at++;
    const start = this.#take(GROUP_START);
    // Flags are taken to hold to the end, which is not less than they do.
    if (start?.[1] !== undefined && /^[a-zA-Z]*i/.test(start[1])) this.#foldsCase = true;
    if (start?.[2] === ')') return;
    this.#outer.push(this.#before + this.#item);
    this.#before = 0;
    this.#item = 0;
  }

  #close(): void {
    this.#at++;
    const outer = this.#outer.pop();
    if (outer === undefined) this.#isUnbalanced = true;
    const group = this.#before + this.#item + 1;
    this.#before = outer ?? 0;
    this.#item = group;
  }

  #repeat(): void {
    const repetition = this.#take(REPETITION);
    if (repetition === undefined) {
      this.#at++;
      this.#next(1);
      return;
    }
    const [, least, most] = repetition;
    this.#item *= Math.max(1, Number(least), Number(most ?? 0));
  }

  #escape(): void {
    if (this.#pattern.startsWith('\\Q', this.#at)) {
      const end = this.#pattern.indexOf('\\E', this.#at);
      const after = end === -1 ? this.#pattern.length : end;
      this.#next(after - this.#at);
      this.#at = end === -1 ? after : end + 2;
    } else if (this.#take(PROPERTY) !== undefined) {
      this.#once += PROPERTY_BUILD;
      this.#next(PROPERTY_COPY);
    } else {
      if (this.#take(ESCAPE) === undefined) this.#at++;
      this.#next(1);
    }
  }

  /** Reads a class and gives the size of a copy of it. */
  #class(): number {
    this.#at++;
    if (this.#pattern[this.#at] === '^') this.#at++;
    let copy = 1;
    let isFirst = true;
    while (this.#at < this.#pattern.length) {
      if (this.#pattern[this.#at] === ']' && !isFirst) {
        this.#at++;
        break;
      }
      isFirst = false;
      copy += this.#member();
    }
    return copy;
  }

  #member(): number {
    if (this.#take(PROPERTY) !== undefined) {
      this.#once += PROPERTY_BUILD;
      return PROPERTY_COPY;
    }
    if (this.#take(NAMED_CLASS) !== undefined) return 4 / MEMBERS_PER_UNIT;
    const low = this.#character();
    if (this.#pattern[this.#at] === '-' && this.#pattern[this.#at + 1] !== ']') {
      this.#at++;
      const high = this.#character();
      if (this.#foldsCase && high > low) {
        this.#once += (Math.min(high, LAST_CASED) - Math.min(low, LAST_CASED)) / FOLDED_PER_UNIT;
      }
    }
    return 1 / MEMBERS_PER_UNIT;
  }

  /** Code point of a member of a class. */
  #character(): number {
    const escaped = this.#take(ESCAPE);
    if (escaped?.[1] !== undefined) return Number.parseInt(escaped[1], 16);
    if (escaped !== undefined) return escaped[0].codePointAt(1)!;
    const character = this.#pattern.codePointAt(this.#at) ?? 0;
    this.#at += character > 0xffff ? 2 : 1;
    return character;
  }

  /** What is at the current place, if it is of that form. */
  #take(form: RegExp): RegExpExecArray | undefined {
    form.lastIndex = this.#at;
    const found = form.exec(this.#pattern) ?? undefined;
    if (found !== undefined) this.#at = form.lastIndex;
    return found;
  }
}
