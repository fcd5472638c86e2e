// Labels: the identity of a series. A well-formed label set is sorted by name in UTF-8 byte order,
// has no duplicate names and no empty values (an empty value means the label is absent).

/** The label that holds the metric name. */
export const METRIC_NAME = '__name__';

export interface Label {
  readonly name: string;
  readonly value: string;
}

/** A well-formed label set, unless the place says "unchecked". */
export type Labels = readonly Label[];

/**
 * Orders two strings as their UTF-8 bytes would be ordered (= by code point). Negative, zero or
 * positive. Differs from `<` only where surrogate pairs meet U+E000…U+FFFF.
 */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // UTF-16 order is code-point order except that surrogates sort below U+E000…U+FFFF.
    if (x >= 0xd800 && y >= 0xd800) return fixUpSurrogate(x) - fixUpSurrogate(y);
    return x - y;
  }
  return a.length - b.length;
}

function fixUpSurrogate(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Orders label sets as Prometheus does: name, then value, label by label; a prefix sorts first. */
export function compareLabels(a: Labels, b: Labels): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a[i]!;
    const y = b[i]!;
    const order = compareStrings(x.name, y.name) || compareStrings(x.value, y.value);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Value of one label, '' where absent. */
export function labelValue(labels: Labels, name: string): string {
  for (const label of labels) if (label.name === name) return label.value;
  return '';
}

/** Sorted copy without empty values. Duplicate names stay, side by side, for the caller to refuse. */
export function normalizeLabels(labels: readonly Label[]): Labels {
  return labels
    .filter((label) => label.value !== '')
    .sort((a, b) => compareStrings(a.name, b.name));
}

/** Well-formed labels of a plain object. */
export function labelsFromObject(object: Readonly<Record<string, string>>): Labels {
  return normalizeLabels(Object.entries(object).map(([name, value]) => ({ name, value })));
}

/** Plain object (null prototype, so that a label called `__proto__` is just a label). */
export function labelsToObject(labels: Labels): Record<string, string> {
  const object: Record<string, string> = Object.create(null);
  for (const { name, value } of labels) object[name] = value;
  return object;
}

const LEGACY_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const LEGACY_METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** As people write a series: `up{job="a"}`; UTF-8 names are quoted (`{"my.metric",job="a"}`). */
export function printLabels(labels: Labels): string {
  const metric = labelValue(labels, METRIC_NAME);
  const plainMetric = LEGACY_METRIC_NAME.test(metric);
  const parts: string[] = metric !== '' && !plainMetric ? [JSON.stringify(metric)] : [];
  for (const { name, value } of labels) {
    if (name === METRIC_NAME) continue;
    parts.push(`${LEGACY_NAME.test(name) ? name : JSON.stringify(name)}=${JSON.stringify(value)}`);
  }
  if (plainMetric) return parts.length === 0 ? metric : `${metric}{${parts.join(', ')}}`;
  return `{${parts.join(', ')}}`;
}
