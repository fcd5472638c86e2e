// Texts of string tokens: "…" and '…' with the escapes of Go, `…` without any.

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

const ESCAPE = /\\(?:([0-7]{3})|x(..)|u(.{4})|U(.{8})|(.))/su;

/**
 * The text of a string token that the lexer let pass. `\xHH` and octal escapes are bytes; where bytes
 * do not make valid UTF-8 together, U+FFFD stands for them, as in the API's JSON.
 */
export function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (quoted[0] === '`' || !inner.includes('\\')) return inner;
  const parts: Buffer[] = [];
  let rest = inner;
  for (;;) {
    const match = ESCAPE.exec(rest);
    if (match === null) break;
    parts.push(Buffer.from(rest.slice(0, match.index)), escapeBytes(match));
    rest = rest.slice(match.index + match[0].length);
  }
  parts.push(Buffer.from(rest));
  return Buffer.concat(parts).toString('utf8');
}

function escapeBytes([, octal, hex, u, U, letter]: RegExpExecArray): Buffer {
  if (octal !== undefined) return Buffer.of(Number.parseInt(octal, 8));
  if (hex !== undefined) return Buffer.of(Number.parseInt(hex, 16));
  const codePoint = u ?? U;
  if (codePoint !== undefined) {
    return Buffer.from(String.fromCodePoint(Number.parseInt(codePoint, 16)));
  }
  const simple = SIMPLE_ESCAPES[letter!];
  return simple === undefined ? Buffer.from(letter!) : Buffer.of(simple);
}
