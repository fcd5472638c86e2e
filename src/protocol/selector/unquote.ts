// Quoted texts of PromQL: "…" and '…' with the escapes of Go, `…` without any.

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
};

/** What is wrong with a quoted text. */
export interface UnquoteError {
  readonly why: string;
}

/**
 * The text between the quotes of a complete quoted text. `\xHH` and octal escapes give bytes, which
 * must make valid UTF-8 together.
 */
export function unquote(quoted: string): string | UnquoteError {
  const quote = quoted[0]!;
  const inner = quoted.slice(1, -1);
  if (quote === '`' || !inner.includes('\\')) return inner;
  const bytes: number[] = [];
  let i = 0;
  while (i < inner.length) {
    const codePoint = inner.codePointAt(i)!;
    if (inner[i] !== '\\') {
      pushUtf8(bytes, codePoint);
      i += codePoint > 0xffff ? 2 : 1;
      continue;
    }
    const sequence = readEscape(inner, i, quote);
    if ('why' in sequence) return sequence;
    if (sequence.isByte) bytes.push(sequence.value);
    else pushUtf8(bytes, sequence.value);
    i += sequence.length;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(bytes),
    );
  } catch {
    return { why: 'invalid UTF-8 in quoted string' };
  }
}

interface Escape {
  readonly value: number;
  /** True: one raw byte; false: a code point. */
  readonly isByte: boolean;
  /** UTF-16 units taken, the backslash included. */
  readonly length: number;
}

function readEscape(text: string, at: number, quote: string): Escape | UnquoteError {
  const letter = text[at + 1];
  if (letter === undefined) return { why: 'escape sequence not terminated' };
  const simple = SIMPLE_ESCAPES[letter];
  if (simple !== undefined) return { value: simple, isByte: true, length: 2 };
  if (letter === quote) return { value: quote.charCodeAt(0), isByte: true, length: 2 };
  if (letter >= '0' && letter <= '7') return readDigits(text, at, at + 1, 3, 8, true, 255);
  if (letter === 'x') return readDigits(text, at, at + 2, 2, 16, true, 255);
  if (letter === 'u') return readDigits(text, at, at + 2, 4, 16, false, 0x10ffff);
  if (letter === 'U') return readDigits(text, at, at + 2, 8, 16, false, 0x10ffff);
  return { why: `unknown escape sequence ${describeCharacter(text, at + 1)}` };
}

function readDigits(
  text: string,
  at: number,
  from: number,
  count: number,
  base: 8 | 16,
  isByte: boolean,
  max: number,
): Escape | UnquoteError {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = text[i];
    if (digit === undefined) return { why: 'escape sequence not terminated' };
    if (!(base === 8 ? /[0-7]/ : /[0-9a-fA-F]/).test(digit)) {
      return { why: `illegal character ${describeCharacter(text, i)} in escape sequence` };
    }
    value = value * base + Number.parseInt(digit, base);
  }
  if (value > max || (!isByte && value >= 0xd800 && value <= 0xdfff)) {
    return { why: 'escape sequence is an invalid Unicode code point' };
  }
  return { value, isByte, length: from + count - at };
}

/** As Go's %#U prints it: `U+0071 'q'`. */
function describeCharacter(text: string, at: number): string {
  const codePoint = text.codePointAt(at)!;
  const hex = codePoint.toString(16).toUpperCase().padStart(4, '0');
  return `U+${hex} '${String.fromCodePoint(codePoint)}'`;
}

function pushUtf8(bytes: number[], codePoint: number): void {
  if (codePoint < 0x80) {
    bytes.push(codePoint);
    return;
  }
  const length = codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  const lead = (0xf00 >> length) & 0xff;
  bytes.push(lead | (codePoint >> (6 * (length - 1))));
  for (let i = length - 2; i >= 0; i--) bytes.push(0x80 | ((codePoint >> (6 * i)) & 0x3f));
}
