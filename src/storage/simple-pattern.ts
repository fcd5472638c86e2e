// The part of RE2's language that people write most, matched without a regular expression engine:
// literals, groups, alternations, `.*` and `.+`. Anything else is left to re2js.

/**
 * Literal pieces with a gap between each two: `a.+b.*` is pieces `a`, `b`, `` and gaps 1, 0. A gap is
 * the least number of characters in it. Pieces between two gaps are never empty.
 */
export interface Glob {
  readonly pieces: readonly string[];
  readonly gaps: readonly number[];
}

/** Groups nested deeper are left to re2js, which has a limit of its own. */
const MAX_DEPTH = 20;
/** `(a|b)(c|d)…` is multiplied out up to so many globs. */
const MAX_PRODUCT = 1000;

const ESCAPABLE = new Set('\\.+*?()|[]{}^$-/:, "\'=&%#@!~<>;');
/** Characters that stand for themselves. */
const LITERAL = /[^\\.+*?()|[\]{}^$]+/y;
const QUANTIFIERS = new Set('*+?{');

const NOTHING: Glob = { pieces: [''], gaps: [] };

/** Globs of which a whole value must match one; undefined if the pattern needs more than globs. */
export function parseSimplePattern(pattern: string): readonly Glob[] | undefined {
  if (/\p{Surrogate}/u.test(pattern)) return undefined;
  const parser = new Parser(pattern);
  const globs = parser.alternation(0);
  return parser.isAtEnd() ? globs : undefined;
}

/** True if the whole value matches. Both must be well-formed UTF-16. */
export function matchesGlob(glob: Glob, value: string): boolean {
  const { pieces, gaps } = glob;
  const first = pieces[0]!;
  if (gaps.length === 0) return value === first;
  const last = pieces[gaps.length]!;
  const end = value.length - last.length;
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  // The earliest place for each piece leaves most room for the rest.
  let at = first.length;
  for (let i = 1; i < gaps.length; i++) {
    const piece = pieces[i]!;
    const found = value.indexOf(piece, at + gaps[i - 1]!);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at + gaps[gaps.length - 1]! <= end;
}

/** Recursive descent; every method returns undefined as soon as it meets something that is not simple. */
class Parser {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  isAtEnd(): boolean {
    return this.#at === this.#pattern.length;
  }

  alternation(depth: number): Glob[] | undefined {
    if (depth > MAX_DEPTH) return undefined;
    const globs: Glob[] = [];
    for (;;) {
      const alternative = this.#concatenation(depth);
      if (alternative === undefined) return undefined;
      for (const glob of alternative) globs.push(glob);
      if (this.#peek() !== '|') return globs;
      this.#at++;
    }
  }

  #concatenation(depth: number): Glob[] | undefined {
    let globs: Glob[] | undefined;
    for (let next = this.#peek(); next !== '' && next !== '|' && next !== ')'; ) {
      const item = this.#item(next, depth);
      if (item === undefined || QUANTIFIERS.has(this.#peek())) return undefined;
      const joined = globs === undefined ? item : multiply(globs, item);
      if (joined === undefined) return undefined;
      globs = joined;
      next = this.#peek();
    }
    return globs ?? [NOTHING];
  }

  #item(next: string, depth: number): Glob[] | undefined {
    if (next === '(') return this.#group(depth);
    if (next === '.') return this.#gap();
    const text = this.#text();
    return text === undefined ? undefined : [{ pieces: [text], gaps: [] }];
  }

  #group(depth: number): Glob[] | undefined {
    this.#at++;
    if (this.#pattern.startsWith('?:', this.#at)) this.#at += 2;
    const globs = this.alternation(depth + 1);
    if (this.#peek() !== ')') return undefined;
    this.#at++;
    return globs;
  }

  #gap(): Glob[] | undefined {
    const quantifier = this.#pattern[this.#at + 1];
    if (quantifier !== '*' && quantifier !== '+') return undefined;
    this.#at += 2;
    // Lazy or greedy makes no difference to whether the whole matches.
    if (this.#peek() === '?') this.#at++;
    return [{ pieces: ['', ''], gaps: [quantifier === '*' ? 0 : 1] }];
  }

  /** Literal and escaped characters up to what is neither. */
  #text(): string | undefined {
    let text = '';
    for (;;) {
      LITERAL.lastIndex = this.#at;
      if (LITERAL.test(this.#pattern)) {
        text += this.#pattern.slice(this.#at, LITERAL.lastIndex);
        this.#at = LITERAL.lastIndex;
      }
      if (this.#peek() !== '\\') return text === '' ? undefined : text;
      const escaped = this.#pattern[this.#at + 1];
      if (escaped === undefined || !ESCAPABLE.has(escaped)) return undefined;
      text += escaped;
      this.#at += 2;
    }
  }

  #peek(): string {
    return this.#pattern[this.#at] ?? '';
  }
}

/** Every glob of `left` followed by every glob of `right`. */
function multiply(left: readonly Glob[], right: readonly Glob[]): Glob[] | undefined {
  if (left.length > 1 && left.length * right.length > MAX_PRODUCT) return undefined;
  const product: Glob[] = [];
  for (const a of left) {
    for (const b of right) {
      const joined = join(a, b);
      if (joined === undefined) return undefined;
      product.push(joined);
    }
  }
  return product;
}

function join(a: Glob, b: Glob): Glob | undefined {
  const seam = a.pieces[a.gaps.length]! + b.pieces[0]!;
  const before = a.pieces.slice(0, -1);
  const after = b.pieces.slice(1);
  if (seam !== '' || a.gaps.length === 0 || b.gaps.length === 0) {
    return { pieces: [...before, seam, ...after], gaps: [...a.gaps, ...b.gaps] };
  }
  // Two gaps meet. Of two characters we could not tell whether they are one surrogate pair.
  const gap = a.gaps[a.gaps.length - 1]! + b.gaps[0]!;
  if (gap > 1) return undefined;
  return {
    pieces: [...before, ...after],
    gaps: [...a.gaps.slice(0, -1), gap, ...b.gaps.slice(1)],
  };
}
