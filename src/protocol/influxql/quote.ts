// How names and strings are written in InfluxQL.

import { keywordOf } from './token.ts';

/** A name: bare if it can be, else in double quotes. */
export function printIdentifier(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && keywordOf(name) === undefined) return name;
  return `"${escapeWith(name, '"')}"`;
}

/** A string literal. */
export function printString(text: string): string {
  return `'${escapeWith(text, "'")}'`;
}

function escapeWith(text: string, quote: string): string {
  return text.replaceAll(/[\n\\"']/g, (character) => {
    if (character === '\n') return '\\n';
    return character === '\\' || character === quote ? `\\${character}` : character;
  });
}
