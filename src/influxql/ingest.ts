// Points of line protocol as series of the store: one for each field, its type remembered, what does not fit
// said as InfluxDB says it.

import { type Label, METRIC_NAME } from '../model/labels.ts';
import {
  FieldKind,
  LineDecoder,
  type LinePoint,
  type Precision,
  reservedName,
} from '../protocol/influx-line/index.ts';
import { type Losses, RowCollector } from '../protocol/row-collector.ts';
import type { WriteBatch } from '../storage/interface.ts';
import type { RowSeries } from '../storage/rows.ts';
import type { Scope } from './catalog/catalog.ts';
import { type FieldOrigin, type FieldType, ORIGIN_LABEL } from './catalog/field-table.ts';
import { ExtraTags } from './extra-tags.ts';
import { ScopeFields, type SeriesFields } from './scope-fields.ts';

export interface DecodedPoints {
  readonly batch: WriteBatch;
  /** Points that could be read, dropped ones included. */
  readonly points: number;
  /** Lines that are no points: `unable to parse '…': …`. At most {@link MAX_LISTED_LINES}. */
  readonly badLines: readonly string[];
  readonly badLineCount: number;
  /** Points that cannot be stored, and why the last of them. */
  readonly dropped: number;
  readonly dropReason: string;
  /** Of the points that are stored. Booleans are none: their type is remembered. */
  readonly losses: Readonly<Losses>;
}

/** A body of nothing but bad lines is not repeated whole. */
export const MAX_LISTED_LINES = 1000;

const TYPES: Readonly<Record<FieldKind, FieldType>> = {
  [FieldKind.float]: 'float',
  [FieldKind.integer]: 'integer',
  [FieldKind.boolean]: 'boolean',
  [FieldKind.string]: 'string',
};

const decoder = new LineDecoder();

/** What becomes of a point with texts: it loses them, or is refused. */
export type StringHandling = 'drop' | 'reject';

export interface PointOptions {
  readonly precision: Precision;
  /** Of points without a time: nanoseconds since 1970. */
  readonly nowNs: bigint;
  readonly strings: StringHandling;
  /** Tags of every point, over what it says itself. */
  readonly extraLabels: readonly Label[];
}

/** Fields that are new are made known, durably, before this resolves. Throws INFLUXQL_TOO_MANY_FIELDS. */
export async function decodePoints(
  body: Uint8Array,
  scope: Scope,
  options: PointOptions,
): Promise<DecodedPoints> {
  for (;;) {
    const collector = new PointCollector(scope, options);
    decoder.decode(body, options.precision, options.nowNs, collector);
    if (collector.unknown.length === 0) return collector.result();
    await scope.fields.register(collector.unknown);
  }
}

class PointCollector {
  readonly unknown: Pick<FieldOrigin, 'measurement' | 'field' | 'type'>[] = [];
  readonly #unknownNames = new Set<string>();
  readonly #fields: ScopeFields;
  readonly #refusesStrings: boolean;
  readonly #extraTags: ExtraTags;
  readonly #rows = new RowCollector();
  /** Of the point at hand: where each of its fields goes. */
  readonly #targets: (RowSeries | undefined)[] = [];
  readonly #badLines: string[] = [];
  #badLineCount = 0;
  #points = 0;
  #dropped = 0;
  #dropReason = '';

  constructor(scope: Scope, { strings, extraLabels }: PointOptions) {
    this.#fields = ScopeFields.of(scope);
    this.#refusesStrings = strings === 'reject';
    this.#extraTags = new ExtraTags(extraLabels);
  }

  error(message: string): void {
    this.#badLineCount++;
    if (this.#badLines.length < MAX_LISTED_LINES) this.#badLines.push(message);
  }

  point(point: LinePoint): void {
    this.#points++;
    point.series = this.#extraTags.addTo(point.series);
    const fields = this.#fields.ofSeries(point.series);
    const reason =
      nameProblem(point, fields) ??
      (this.#refusesStrings ? stringField(point) : undefined) ??
      this.#resolve(point, fields);
    if (reason !== undefined) {
      this.#dropped++;
      this.#dropReason = reason;
      return;
    }
    if (this.unknown.length > 0) return;
    const { losses } = this.#rows;
    for (let i = 0; i < point.fieldCount; i++) {
      const series = this.#targets[i];
      if (series === undefined) {
        if (point.kinds[i] === FieldKind.string && point.names[i] !== 'time') {
          losses.string_dropped++;
        }
        continue;
      }
      const integer = point.integers[i];
      if (integer !== undefined && BigInt(point.values[i]!) !== integer) {
        losses.integer_rounded++;
      }
      if (point.restNs !== 0) losses.time_below_millisecond++;
      this.#rows.add(series, point.timeMs, point.values[i]!);
    }
  }

  result(): DecodedPoints {
    return {
      batch: this.#rows.take(),
      points: this.#points,
      badLines: this.#badLines,
      badLineCount: this.#badLineCount,
      dropped: this.#dropped,
      dropReason: this.#dropReason,
      losses: this.#rows.takeProblems().losses,
    };
  }

  /** Finds where each field goes, or why a point's types do not fit those known; fields that nobody knows are noted. */
  #resolve(point: LinePoint, known: SeriesFields): string | undefined {
    const { measurement } = point.series;
    for (let i = 0; i < point.fieldCount; i++) {
      const field = point.names[i]!;
      this.#targets[i] = undefined;
      if (field === 'time') continue;
      const place = known.placeOf(field, i);
      if (place < 0) {
        this.#noteUnknown(measurement, field, TYPES[point.kinds[i]!]);
        continue;
      }
      const type = TYPES[point.kinds[i]!];
      const knownType = known.typeAt(place);
      if (knownType !== type) {
        return `field type conflict: input field "${field}" on measurement "${measurement}" is type ${type}, already exists as type ${knownType}`;
      }
      if (type !== 'string') this.#targets[i] = known.seriesAt(place);
    }
    return undefined;
  }

  #noteUnknown(measurement: string, field: string, type: FieldType): void {
    const id = `${measurement}\0${field}`;
    if (this.#unknownNames.has(id)) return;
    this.#unknownNames.add(id);
    this.unknown.push({ measurement, field, type });
  }
}

/** Why a point cannot be stored for its names. Those of tags are the same for all points of a series. */
function nameProblem(point: LinePoint, { hasSpecialTag }: SeriesFields): string | undefined {
  if (hasSpecialTag) return reservedName(point) ?? unstorable(point);
  return point.names[0] === 'time' ? reservedName(point) : undefined;
}

/** Tags that the store needs for itself. */
function unstorable(point: LinePoint): string | undefined {
  const { measurement, tags } = point.series;
  for (const { key, value } of tags) {
    const isMetricName = key === METRIC_NAME;
    if (key !== ORIGIN_LABEL && !isMetricName) continue;
    if (isMetricName && value === measurement && hasOnlyValue(point)) continue;
    return `invalid tag key: input tag "${key}" on measurement "${measurement}" is invalid`;
  }
  return undefined;
}

/** Why a point with a text is refused. */
function stringField({ series, fieldCount, kinds, names }: LinePoint): string | undefined {
  for (let i = 0; i < fieldCount; i++) {
    if (kinds[i] !== FieldKind.string || names[i] === 'time') continue;
    return `strings are not stored (--influx.strings): input field "${names[i]}" on measurement "${series.measurement}" is type string`;
  }
  return undefined;
}

function hasOnlyValue(point: LinePoint): boolean {
  return point.fieldCount === 1 && point.names[0] === 'value';
}
