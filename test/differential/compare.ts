// Whether two answers of the query API say the same.

/** An answer of /api/v1/query or /api/v1/query_range. */
export interface ApiAnswer {
  readonly httpStatus: number;
  readonly status: 'success' | 'error';
  readonly errorType?: string;
  readonly error?: string;
  readonly data?: QueryData;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

type Point = readonly [t: number, value: string];
type HistogramPoint = readonly [t: number, histogram: HistogramJson];

export interface HistogramJson {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [number, string, string, string])[];
}

export interface Element {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Point;
  readonly histogram?: HistogramPoint;
  readonly values?: readonly Point[];
  readonly histograms?: readonly HistogramPoint[];
}

type QueryData =
  | { readonly resultType: 'vector' | 'matrix'; readonly result: readonly Element[] }
  | { readonly resultType: 'scalar' | 'string'; readonly result: Point };

/**
 * Relative: both add with compensation, but not everything in the same order, and a library's `sin` may
 * differ from another's in the last bits.
 */
const TOLERANCE = 1e-9;

/** The first difference in words; undefined if the answers say the same. `ordered`: values in order too. */
export function differenceOf(
  own: ApiAnswer,
  theirs: ApiAnswer,
  ordered: boolean,
): string | undefined {
  if (own.httpStatus !== theirs.httpStatus) {
    return `status ${own.httpStatus} (${own.error ?? 'success'}), not ${theirs.httpStatus} (${theirs.error ?? 'success'})`;
  }
  if (own.errorType !== theirs.errorType) return `${own.errorType}, not ${theirs.errorType}`;
  if (own.error !== theirs.error) return `error ${own.error}, not ${theirs.error}`;
  return (
    dataDifference(own.data, theirs.data, ordered) ??
    listDifference('warnings', own.warnings, theirs.warnings) ??
    listDifference('infos', own.infos, theirs.infos)
  );
}

export function areSame(own: ApiAnswer, theirs: ApiAnswer): boolean {
  return differenceOf(own, theirs, false) === undefined;
}

function listDifference(
  what: string,
  own: readonly string[] = [],
  theirs: readonly string[] = [],
): string | undefined {
  const [a, b] = [own, theirs].map((list) => JSON.stringify(remarksToCompare(list).sort()));
  return a === b ? undefined : `${what} ${a}, not ${b}`;
}

/** Of more than ten remarks Prometheus shows any ten, so only how many there are is compared. */
function remarksToCompare(remarks: readonly string[]): string[] {
  const omitted = remarks.filter((remark) => /^\d+ more .* annotations omitted$/.test(remark));
  return omitted.length > 0 ? omitted : [...remarks];
}

function dataDifference(
  own: QueryData | undefined,
  theirs: QueryData | undefined,
  ordered: boolean,
): string | undefined {
  if (own === undefined || theirs === undefined) {
    return own === theirs ? undefined : 'data on one side only';
  }
  if (own.resultType !== theirs.resultType) return `${own.resultType}, not ${theirs.resultType}`;
  if (own.resultType === 'scalar' || own.resultType === 'string') {
    const [a, b] = [own.result, theirs.result as Point];
    return a[0] === b[0] && isSameValue(a[1], b[1]) ? undefined : `${a}, not ${b}`;
  }
  return seriesDifference(own.result as Element[], theirs.result as Element[], ordered);
}

function seriesDifference(
  own: readonly Element[],
  theirs: readonly Element[],
  ordered: boolean,
): string | undefined {
  if (own.length !== theirs.length) {
    return `${own.length} series, not ${theirs.length}: ${keys(own)} and ${keys(theirs)}`;
  }
  const exact = byKeyOf(own, keyOf);
  const rough = byKeyOf(own, roughKeyOf);
  for (const their of theirs) {
    const key = keyOf(their);
    const ours = exact.get(key) ?? rough.get(roughKeyOf(their));
    if (ours === undefined) return `no ${key}, but ${keys(own)}`;
    const difference = elementDifference(ours, their);
    if (difference !== undefined) return `${key}: ${difference}`;
  }
  return ordered ? orderDifference(own, theirs) : undefined;
}

/** Equal values may come in any order: Prometheus does not sort stably. */
function orderDifference(own: readonly Element[], theirs: readonly Element[]): string | undefined {
  const at = theirs.findIndex((their, i) => elementDifference(own[i]!, their) !== undefined);
  return at === -1 ? undefined : `${keyOf(own[at]!)} in place ${at}, not ${keyOf(theirs[at]!)}`;
}

function elementDifference(own: Element, theirs: Element): string | undefined {
  return (
    pointsDifference(
      pointsOf(own.value, own.values),
      pointsOf(theirs.value, theirs.values),
      isSameValue,
    ) ??
    pointsDifference(
      pointsOf(own.histogram, own.histograms),
      pointsOf(theirs.histogram, theirs.histograms),
      isSameHistogram,
    )
  );
}

function pointsOf<P>(single: P | undefined, many: readonly P[] | undefined): readonly P[] {
  return many ?? (single === undefined ? [] : [single]);
}

function pointsDifference<V>(
  own: readonly (readonly [number, V])[],
  theirs: readonly (readonly [number, V])[],
  isSame: (a: V, b: V) => boolean,
): string | undefined {
  if (own.length !== theirs.length) return `${own.length} points, not ${theirs.length}`;
  for (const [i, [t, value]] of theirs.entries()) {
    const [ourT, ours] = own[i]!;
    if (ourT !== t || !isSame(ours, value)) {
      return `${JSON.stringify(ours)} at ${ourT}, not ${JSON.stringify(value)} at ${t}`;
    }
  }
  return undefined;
}

function isSameHistogram(own: HistogramJson, theirs: HistogramJson): boolean {
  const [a, b] = [own.buckets ?? [], theirs.buckets ?? []];
  return (
    isSameValue(own.count, theirs.count) &&
    isSameValue(own.sum, theirs.sum) &&
    a.length === b.length &&
    a.every((bucket, i) => bucket.every((part, j) => isSameValue(String(part), String(b[i]![j]))))
  );
}

function isSameValue(own: string, theirs: string): boolean {
  if (own === theirs) return true;
  const [a, b] = [own, theirs].map(toNumber) as [number, number];
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

function toNumber(text: string): number {
  return text.endsWith('Inf') ? Number.NaN : Number(text);
}

function byKeyOf(
  elements: readonly Element[],
  key: (element: Element) => string,
): Map<string, Element> {
  return new Map(elements.map((element) => [key(element), element]));
}

/** The labels of a series as a text that no other has. */
export function keyOf({ metric }: Element): string {
  return JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Numbers that count_values made labels of differ in their last digits like any others. */
function roughKeyOf({ metric }: Element): string {
  const labels = Object.entries(metric).map(([name, value]) => [name, roughly(value)] as const);
  return JSON.stringify(labels.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Values that became labels, histograms among them: what the last digits of floats say does not count. */
function roughly(value: string): string {
  if (!/\d\.\d{3}/.test(value) && !/\d{15}/.test(value)) return value;
  return value.replace(/-?\d+(\.\d+)?(e[+-]\d+)?/g, (number) =>
    String(+Number(number).toPrecision(12)),
  );
}

function keys(elements: readonly Element[]): string {
  return elements.slice(0, 5).map(keyOf).join(' ');
}
