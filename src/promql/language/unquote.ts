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
 * The text of a string token that the lexer let pass. `\xHH` and octal escapes are bytes; one that does
 * not belong to valid UTF-8 becomes the lone surrogate U+DC00 + byte: such a text is not well-formed,
 * equals no label and is printed as it was written.
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
  return decode(Buffer.concat(parts));
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

function decode(bytes: Buffer): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const length = validLength(bytes, i);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + bytes[i]!)
        : bytes.toString('utf8', i, i + length);
    i += Math.max(length, 1);
  }
  return text;
}

const STRICT_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes of the character at `i`; 0 if they are not UTF-8. */
function validLength(bytes: Buffer, i: number): number {
  const lead = bytes[i]!;
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (length < 2) return length;
  const character = bytes.subarray(i, i + length);
  try {
    STRICT_DECODER.decode(character);
    return length;
  } catch {
    return 0;
  }
}
