// Metric and label names for readers that do not know UTF-8 names.

/** How a reader wants names that are not letters, digits, `_` and `:` only. */
export const ESCAPINGS = ['underscores', 'allow-utf-8', 'dots', 'values'] as const;
export type Escaping = (typeof ESCAPINGS)[number];

const PLAIN = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** True if every reader knows such a name. */
export function isPlainName(name: string): boolean {
  return PLAIN.test(name);
}

/** The name as the reader wants it: `my.name` becomes `my_name`, `my_dot_name` or `U__my_2e_name`. */
export function escapeName(name: string, escaping: Escaping): string {
  if (isPlainName(name)) return name;
  switch (escaping) {
    case 'allow-utf-8':
      return name;
    case 'underscores':
      return replaceOdd(name, () => '_');
    case 'dots':
      return replaceOdd(name, (character) => (character === '.' ? '_dot_' : '__'));
    case 'values':
      return `U__${replaceOdd(name, codePointOf)}`;
  }
}

/** Replaces underscores and whatever may not stand at its place in a plain name. */
function replaceOdd(name: string, replacement: (character: string) => string): string {
  return [...name]
    .map((character, i) => {
      const isKept = i === 0 ? /[a-zA-Z:]/.test(character) : /[a-zA-Z0-9:]/.test(character);
      return isKept ? character : replacement(character);
    })
    .join('');
}

function codePointOf(character: string): string {
  if (character === '_') return '__';
  const codePoint = character.codePointAt(0)!;
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return isSurrogate ? '_FFFD_' : `_${codePoint.toString(16)}_`;
}
