// Texts and characters quoted as Go's fmt does (%q, %#U): messages and printed expressions show them so.

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** `"…"`, as `strconv.Quote` writes it. */
export function quote(text: string): string {
  let out = '"';
  for (const character of text) out += escaped(character, '"');
  return `${out}"`;
}

/** `'…'` around one character. */
export function quoteCharacter(character: string): string {
  return `'${escaped(character, "'")}'`;
}

/** `U+0071 'q'`; without the second part if it cannot be shown. */
export function describeCharacter(character: string): string {
  const hex = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return PRINTABLE.test(character) ? `U+${hex} '${character}'` : `U+${hex}`;
}

function escaped(character: string, delimiter: string): string {
  if (character === delimiter) return `\\${character}`;
  const sequence = ESCAPES[character];
  if (sequence !== undefined) return sequence;
  if (PRINTABLE.test(character)) return character;
  const code = character.codePointAt(0)!;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
