// Errors of series selectors. Texts are those of Prometheus, which people know and tests compare.

import { AppError } from '../../runtime/error.ts';

const encoder = new TextEncoder();

/** `offset` counts UTF-16 units of `text`; the message gives line and column in bytes, from 1. */
export function selectorMalformed(text: string, offset: number, why: string): AppError {
  return new AppError(
    'bad_data',
    'SELECTOR_PARSE',
    `${placeOf(text, offset)}: parse error: ${why}`,
  );
}

function placeOf(text: string, offset: number): string {
  if (text === '') return 'unknown position';
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(0, lineStart).split('\n').length;
  const column = encoder.encode(text.slice(lineStart, offset)).length + 1;
  return `${line}:${column}`;
}
