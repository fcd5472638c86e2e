// Lists of label names: `by (…)`, `on (…)`, `group_left (…)` and their like.

import { quote } from '../../model/go-text.ts';
import { canNameLabel } from './token.ts';
import type { Place, TokenStream } from './token-stream.ts';
import { unquote } from './unquote.ts';

const START: Place = { context: 'grouping opts', expected: '"("' };
const LABEL: Place = { context: 'grouping opts', expected: 'label' };
const END: Place = { context: 'grouping opts', expected: '"," or ")"' };

/** Takes `(a, "b", …)`; it may be empty and may have a comma at its end. */
export function parseGrouping(stream: TokenStream): string[] {
  stream.expect('(', START);
  const labels: string[] = [];
  while (!stream.is(')')) {
    labels.push(parseName(stream));
    if (stream.accept(',') === undefined && !stream.is(')')) throw stream.unexpected(END);
  }
  stream.next();
  return labels;
}

function parseName(stream: TokenStream): string {
  const token = stream.peek();
  if (canNameLabel(token)) return stream.next().text;
  const name = unquote(stream.expect('string', LABEL).text);
  if (name === '') throw stream.error(token.start, `invalid label name for grouping: ${quote('')}`);
  return name;
}
