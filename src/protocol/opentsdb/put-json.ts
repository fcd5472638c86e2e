// Bodies of /api/put: a point, or a list of them.

import type { Label } from '../../model/labels.ts';
import type { RowSeries } from '../../storage/rows.ts';
import { opentsdbRequest } from '../errors.ts';
import { JsonReader } from '../json-reader.ts';
import { numberOf, readText } from '../json-scalar.ts';
import { type JsonTemplate, JsonTemplates, NumberPlaces } from '../json-templates.ts';
import { NamedSeries } from '../named-series.ts';
import type { RowCollector } from '../row-collector.ts';
import { type SeriesTable, viewOf } from '../series-table.ts';
import type { StreamDecoder } from '../stream-decoder.ts';
import { UnixTimeReader } from '../unix-time.ts';
import { labelsOf, MS_FROM, type PointRules, strictProblem, type Tags } from './rules.ts';

/** Errors that `details` lists. */
const MAX_LISTED = 1000;

/** Places of a point's numbers. */
const Slot = { time: 0, value: 1 } as const;

/** What earlier bodies have taught, for one set of {@link PointRules} and of extra labels. */
export interface PutTables {
  readonly names: SeriesTable;
  readonly templates: SeriesTable<JsonTemplate>;
}

/** A point as it came, as far as it could be read. */
export interface PutPoint {
  readonly metric: string | undefined;
  readonly timestamp: string | undefined;
  readonly value: string | undefined;
  readonly tags: Tags | undefined;
}

export interface PutError {
  readonly error: string;
  /** Null where there was something else in its place. */
  readonly datapoint: PutPoint | null;
}

/** Decodes one body, which is pushed whole. Throws JSON_MALFORMED and OPENTSDB_REQUEST for one that is no list of points. */
export class OpentsdbPutDecoder implements StreamDecoder {
  /** What was wrong with the first of the points that were refused. */
  readonly errors: PutError[] = [];
  /** All points, refused ones included. */
  points = 0;
  failed = 0;
  readonly #collector: RowCollector;
  readonly #rules: PointRules;
  readonly #series: NamedSeries;
  readonly #templates: JsonTemplates;
  readonly #places = new NumberPlaces();
  readonly #time = new UnixTimeReader();
  #hasBody = false;

  constructor(collector: RowCollector, rules: PointRules, { names, templates }: PutTables) {
    this.#collector = collector;
    this.#rules = rules;
    this.#series = new NamedSeries(names, collector);
    this.#templates = new JsonTemplates(templates);
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#hasBody = true;
    const reader = new JsonReader(bytes);
    const view = viewOf(bytes);
    switch (reader.kind()) {
      case 'object':
        this.#nextPoint(reader, bytes, view);
        break;
      case 'array':
        reader.beginArray();
        while (reader.nextItem()) this.#nextPoint(reader, bytes, view);
        break;
      default:
        throw opentsdbRequest('The JSON must start as an object or an array');
    }
    reader.end();
    if (this.points === 0) throw opentsdbRequest('No datapoints found in content');
  }

  end(): void {
    if (!this.#hasBody) throw opentsdbRequest('Missing request content');
  }

  #nextPoint(reader: JsonReader, bytes: Uint8Array, view: DataView): void {
    this.points++;
    const end = this.#templates.read(bytes, view, reader.position);
    if (end >= 0 && this.#addKnown(this.#templates)) reader.seekBehind(end);
    else this.#point(reader);
  }

  /** Adds a point that is known but for its numbers; false if there is anything wrong with them. */
  #addKnown({ template, values, areRounded }: JsonTemplates): boolean {
    const value = values[Slot.value]!;
    if (!this.#time.set(values[Slot.time]!, MS_FROM) || this.#time.t <= 0) return false;
    if (!Number.isFinite(value)) return false;
    this.#addSample(template.series, value, areRounded[Slot.value] === 1);
    return true;
  }

  #point(reader: JsonReader): void {
    if (reader.kind() !== 'object') {
      const what = reader.kind() === 'null' ? 'null ' : '';
      reader.skip();
      this.#refuse(`Unexpected ${what}datapoint encountered in set.`, null);
      return;
    }
    this.#places.clear();
    const point = readPoint(reader, this.#places);
    const problem = this.#add(point);
    if (problem !== undefined) this.#refuse(problem, point);
  }

  #refuse(error: string, datapoint: PutPoint | null): void {
    this.failed++;
    this.#collector.refuse(this.points, error);
    if (this.errors.length < MAX_LISTED) this.errors.push({ error, datapoint });
  }

  #add({ metric, timestamp, value, tags }: PutPoint): string | undefined {
    if (metric === undefined || metric === '') return 'Metric name was empty';
    const time = timestamp === undefined ? undefined : numberOf(timestamp);
    if (time === undefined || !this.#time.set(time.value, MS_FROM) || this.#time.t <= 0) {
      return 'Invalid timestamp';
    }
    if (value === undefined || value === '') return 'Empty value';
    if (tags === undefined) return 'Missing tags';
    const number = numberOf(value);
    if (number === undefined) return 'Unable to parse value to a number';
    if (!Number.isFinite(number.value)) return `value is NaN or Infinite: ${value}`;
    const series = this.#seriesOf(metric, tags);
    if (typeof series === 'string') return series;
    this.#templates.learn(series, this.#places);
    this.#addSample(series, number.value, number.isRounded);
    return undefined;
  }

  #addSample(series: RowSeries, value: number, isRounded: boolean): void {
    const { losses } = this.#collector;
    if (isRounded) losses.integer_rounded++;
    if (this.#time.isCut) losses.time_below_millisecond++;
    this.#collector.add(series, this.#time.t, value);
  }

  #seriesOf(metric: string, tags: Tags): RowSeries | string {
    if (this.#rules.isStrict && tags.size === 0) return 'Missing tags';
    const parts = [metric];
    for (const [key, text] of tags) parts.push(key, text);
    const make = (): Label[] | string => {
      const problem = this.#rules.isStrict ? strictProblem(metric, tags) : undefined;
      return problem ?? labelsOf(metric, withoutEmpty(tags));
    };
    return this.#series.get(parts, make, !this.#templates.canLearn(this.#places));
  }
}

/** An empty value is no tag. */
function withoutEmpty(tags: Tags): Tags {
  return new Map([...tags].filter(([key, value]) => key !== '' && value !== ''));
}

/** Notes in `places` where its numbers are. */
function readPoint(reader: JsonReader, places: NumberPlaces): PutPoint {
  let metric: string | undefined;
  let timestamp: string | undefined;
  let value: string | undefined;
  // As with no tags at all.
  let tags: Tags | undefined = NO_TAGS;
  reader.beginObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === 'metric') metric = readText(reader);
    else if (key === 'timestamp') {
      places.note(reader, Slot.time);
      timestamp = readText(reader);
    } else if (key === 'value') {
      places.note(reader, Slot.value);
      value = readText(reader);
    } else if (key === 'tags') tags = readTags(reader);
    else places.skip(reader);
  }
  return { metric, timestamp, value, tags };
}

const NO_TAGS: Tags = new Map();

/** Undefined if they are no object of texts. */
function readTags(reader: JsonReader): Tags | undefined {
  if (reader.takeNull()) return NO_TAGS;
  if (reader.kind() !== 'object') {
    reader.skip();
    return undefined;
  }
  const tags = new Map<string, string>();
  let areTexts = true;
  reader.beginObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    const isNull = reader.takeNull();
    const text = isNull ? '' : readText(reader);
    if (text === undefined) areTexts = false;
    else tags.set(key, text);
  }
  return areTexts ? tags : undefined;
}
