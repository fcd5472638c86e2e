// What one line of the line protocol holds.

/** Measurement and tags. Immutable; the decoder gives the same object for the same bytes again and again. */
export interface LineSeries {
  readonly measurement: string;
  /** Sorted by key as `compareStrings` does; no key twice, no empty value. */
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

export const FieldKind = { float: 0, integer: 1, boolean: 2, string: 3 } as const;
export type FieldKind = (typeof FieldKind)[keyof typeof FieldKind];

const NO_SERIES: LineSeries = { measurement: '', tags: [] };

/** From here on a name is looked up in a map: a line can have a million fields. */
const MANY_FIELDS = 32;

/** One point, overwritten by the next: valid only while the sink is called. */
export class LinePoint {
  series: LineSeries = NO_SERIES;
  /** How many of the columns' entries are this point's. At least 1, no name twice. */
  fieldCount = 0;
  readonly names: string[] = [];
  readonly kinds: FieldKind[] = [];
  /** Floats; integers, rounded if they exceed 2^53; booleans as 1 and 0; 0 for strings. */
  readonly values: number[] = [];
  /** The exact integer where `values` has a rounded one. */
  readonly integers: (bigint | undefined)[] = [];
  /** Strings; '' for other kinds. */
  readonly texts: string[] = [];
  /** Milliseconds since 1970, rounded down. */
  timeMs = 0;
  /** Nanoseconds past `timeMs`, 0…999999. */
  restNs = 0;
  /** So many of the first `names` differ, be they this point's or those of one before. */
  #distinct = 0;
  /** Where names are, once there are many. */
  readonly #places = new Map<string, number>();

  /** For the decoder: begins another point. */
  begin(series: LineSeries): void {
    this.series = series;
    this.fieldCount = 0;
    if (this.#places.size > 0) this.#places.clear();
  }

  /** For the decoder: adds a field or, if its name is there already, replaces it. */
  setField(
    name: string,
    kind: FieldKind,
    value: number,
    integer: bigint | undefined,
    text: string,
  ): void {
    const next = this.fieldCount;
    // Most points have the fields of the one before.
    const isAsBefore = next < this.#distinct && next < MANY_FIELDS && this.names[next] === name;
    const at = isAsBefore ? next : this.#placeOf(name);
    if (at === next) {
      this.fieldCount++;
      if (!isAsBefore) this.#distinct = this.fieldCount;
    }
    this.names[at] = name;
    this.kinds[at] = kind;
    this.values[at] = value;
    this.integers[at] = integer;
    this.texts[at] = text;
  }

  /** Where the name is, or the next free place. */
  #placeOf(name: string): number {
    const count = this.fieldCount;
    if (count < MANY_FIELDS) {
      for (let i = 0; i < count; i++) if (this.names[i] === name) return i;
      return count;
    }
    const places = this.#places;
    if (places.size === 0) for (let i = 0; i < count; i++) places.set(this.names[i]!, i);
    const at = places.get(name) ?? count;
    places.set(name, at);
    return at;
  }
}

/** Nanoseconds since 1970. For slow paths: BigInt. */
export function timeNs(point: LinePoint): bigint {
  return BigInt(point.timeMs) * 1_000_000n + BigInt(point.restNs);
}

/**
 * Why InfluxDB drops a point that parses: `time` is no name for a tag or for the only field. Undefined if
 * it does not. A field called `time` beside others is left out silently; the caller skips it.
 */
export function reservedName(point: LinePoint): string | undefined {
  const { measurement, tags } = point.series;
  if (tags.some(({ key }) => key === 'time')) {
    return `invalid tag key: input tag "time" on measurement "${measurement}" is invalid`;
  }
  for (let i = 0; i < point.fieldCount; i++) if (point.names[i] !== 'time') return undefined;
  return `invalid field name: input field "time" on measurement "${measurement}" is invalid`;
}
