// Places in a query text, as Prometheus prints them: counted in bytes of UTF-8.

import type { AppError } from '../../runtime/error.ts';
import { parseFailed } from '../errors.ts';

/**
 * `<line>:<column>` of a UTF-16 offset, both from 1, the column in bytes; `unknown position` in an
 * empty text.
 */
export function placeOf(text: string, offset: number): string {
  if (text === '') return 'unknown position';
  const lineStart = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < lineStart; i = text.indexOf('\n', i + 1)) line++;
  return `${line}:${byteOffset(text.slice(lineStart), offset - lineStart) + 1}`;
}

/** How many bytes of UTF-8 the first `offset` UTF-16 units take. */
export function byteOffset(text: string, offset: number): number {
  return Buffer.byteLength(text.slice(0, offset));
}

/** PROMQL_PARSE at a UTF-16 offset of `text`. */
export function parseError(text: string, offset: number, why: string): AppError {
  return parseFailed(placeOf(text, offset), why);
}
