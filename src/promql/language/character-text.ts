// Single characters as Go's fmt prints them in messages.

import { quote } from '../../model/go-text.ts';

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** `%q` of a character: `'a'`, `'\n'`, `'\''`. */
export function quoteCharacter(character: string): string {
  if (character === '"') return `'"'`;
  return character === "'" ? `'\\''` : `'${quote(character).slice(1, -1)}'`;
}

/** `%#U`: `U+0071 'q'`; without the second part if it cannot be shown. */
export function describeCharacter(character: string): string {
  const hex = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return PRINTABLE.test(character) ? `U+${hex} '${character}'` : `U+${hex}`;
}
