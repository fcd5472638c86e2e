// The replacement text of label_replace: `$1`, `${1}`, `$name`, `${name}` stand for captured groups and
// `$$` for a dollar, with the exact rules of Go's Regexp.Expand.

/** Literal text, or the number of a group. */
export type TemplatePart = string | number;

/** A `$` that no name follows is just a dollar; `$1x` means the group called `1x`. */
const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/** Splits a template; `groups` has the numbers of named groups. References to no group become ''. */
export function parseTemplate(text: string, groups: ReadonlyMap<string, number>): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (const match of text.matchAll(REFERENCE)) {
    if (match.index > at) parts.push(text.slice(at, match.index));
    at = match.index + match[0].length;
    const name = match[1] ?? match[2];
    if (name === undefined) parts.push('$');
    else parts.push(groupNumber(name) ?? groups.get(name) ?? '');
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** Group 0 is the whole text. A leading zero makes it a name. */
function groupNumber(name: string): number | undefined {
  return /^(?:0|[1-9][0-9]{0,8})$/.test(name) ? Number(name) : undefined;
}

/** Length of what {@link expandTemplate} gives, in UTF-16 units. */
export function expandedLength(
  parts: readonly TemplatePart[],
  captures: readonly (string | undefined)[],
): number {
  let length = 0;
  for (const part of parts) {
    length += typeof part === 'string' ? part.length : (captures[part]?.length ?? 0);
  }
  return length;
}

/** Fills in what was captured; groups that are not there or took no part give ''. */
export function expandTemplate(
  parts: readonly TemplatePart[],
  captures: readonly (string | undefined)[],
): string {
  let result = '';
  for (const part of parts) result += typeof part === 'string' ? part : (captures[part] ?? '');
  return result;
}
