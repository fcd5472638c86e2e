// DataDog's series as JSON, in both versions. Fields that nobody knows are passed over.

import { JsonReader } from '../json-reader.ts';
import { readNumber, readText } from '../json-scalar.ts';
import { type JsonTemplate, JsonTemplates, NumberPlaces } from '../json-templates.ts';
import type { RowCollector } from '../row-collector.ts';
import { type SeriesTable, viewOf } from '../series-table.ts';
import type { StreamDecoder } from '../stream-decoder.ts';
import {
  type DatadogOptions,
  type DatadogPoint,
  type DatadogSeries,
  DatadogWriter,
} from './series.ts';

/** Reads one member of a series into it; false if it does not know it. */
type MemberReader = (reader: JsonReader, key: string, into: SeriesInProgress) => boolean;

/** `templates` are of series as sent, for what the other options say and one version. */
export interface DatadogJsonOptions extends DatadogOptions {
  readonly templates: SeriesTable<JsonTemplate>;
}

/** A series of which parts are wrong only if all of it has been read. */
interface SeriesInProgress extends DatadogSeries {
  problem: string | undefined;
}

abstract class DatadogJsonDecoder implements StreamDecoder {
  readonly #writer: DatadogWriter;
  readonly #readMember: MemberReader;
  readonly #templates: JsonTemplates;
  readonly #places = new NumberPlaces();

  protected constructor(
    collector: RowCollector,
    options: DatadogJsonOptions,
    readMember: MemberReader,
  ) {
    this.#writer = new DatadogWriter(collector, options);
    this.#readMember = readMember;
    this.#templates = new JsonTemplates(options.templates);
  }

  /** A whole body. Throws JSON_MALFORMED. */
  push(bytes: Uint8Array): void {
    const reader = new JsonReader(bytes);
    const view = viewOf(bytes);
    reader.beginObject();
    for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
      if (key !== 'series') reader.skip();
      else if (!reader.takeNull()) this.#list(reader, bytes, view);
    }
    reader.end();
  }

  end(): void {}

  #list(reader: JsonReader, bytes: Uint8Array, view: DataView): void {
    if (reader.kind() !== 'array') {
      reader.skip();
      this.#writer.skip('"series" is not a list');
      return;
    }
    reader.beginArray();
    while (reader.nextItem()) {
      const end = this.#templates.read(bytes, view, reader.position);
      if (end < 0) this.#series(reader);
      else {
        this.#writer.addKnown(this.#templates);
        reader.seekBehind(end);
      }
    }
  }

  #series(reader: JsonReader): void {
    if (reader.kind() !== 'object') {
      reader.skip();
      this.#writer.skip('not an object');
      return;
    }
    const series: SeriesInProgress = {
      metric: '',
      resources: [],
      tags: [],
      sourceTypeName: '',
      points: [],
      problem: undefined,
    };
    const places = this.#places;
    places.clear();
    reader.beginObject();
    for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
      if (key === 'metric') series.metric = readText(reader) ?? '';
      else if (key === 'tags') readTags(reader, series);
      else if (key === 'points') {
        eachItem(reader, series, 'points', () => {
          series.points.push(this.#point(reader, 2 * series.points.length));
        });
      } else if (!this.#readMember(reader, key, series)) places.skip(reader);
    }
    if (series.problem !== undefined) {
      this.#writer.skip(series.problem);
      return;
    }
    const named = this.#writer.add(series, !this.#templates.canLearn(places));
    if (named !== undefined) this.#templates.learn(named, places);
  }

  /** Notes its time and its value as numbers of `slot` and the next one. */
  #point(reader: JsonReader, slot: number): DatadogPoint {
    const places = this.#places;
    // Where one of them is missing there is nothing to learn.
    places.slots.push(-1, -1);
    const kind = reader.kind();
    if (kind === 'array') return pairPoint(reader, places, slot);
    if (kind === 'object') return objectPoint(reader, places, slot);
    reader.skip();
    return NO_POINT;
  }
}

/** `{"series":[{"metric","points":[[seconds,value]],"host","device","tags":["name:value"]}]}` */
export class DatadogV1JsonDecoder extends DatadogJsonDecoder {
  constructor(collector: RowCollector, options: DatadogJsonOptions) {
    super(collector, options, (reader, key, { resources }) => {
      if (key !== 'host' && key !== 'device') return false;
      const value = reader.takeNull() ? '' : readText(reader);
      if (value !== undefined && value !== '') resources.push(key, value);
      return true;
    });
  }
}

/** `{"series":[{"metric","points":[{"timestamp","value"}],"resources":[{"name","type"}],"tags":["name:value"]}]}` */
export class DatadogV2JsonDecoder extends DatadogJsonDecoder {
  constructor(collector: RowCollector, options: DatadogJsonOptions) {
    super(collector, options, (reader, key, series) => {
      if (key === 'source_type_name') {
        series.sourceTypeName = (reader.takeNull() ? '' : readText(reader)) ?? '';
        return true;
      }
      if (key !== 'resources') return false;
      eachItem(reader, series, key, () => readResource(reader, series.resources));
      return true;
    });
  }
}

const NO_POINT: DatadogPoint = { seconds: undefined, value: undefined };

function pairPoint(reader: JsonReader, places: NumberPlaces, slot: number): DatadogPoint {
  let seconds: number | undefined;
  let value: DatadogPoint['value'];
  let count = 0;
  reader.beginArray();
  for (; reader.nextItem(); count++) {
    if (count < 2) places.note(reader, slot + count);
    if (count === 0) seconds = readSeconds(reader);
    else value = readNumber(reader);
  }
  return count === 2 ? { seconds, value } : NO_POINT;
}

function objectPoint(reader: JsonReader, places: NumberPlaces, slot: number): DatadogPoint {
  let seconds: number | undefined;
  let value: DatadogPoint['value'];
  reader.beginObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === 'timestamp') {
      places.note(reader, slot);
      seconds = readSeconds(reader);
    } else if (key === 'value') {
      places.note(reader, slot + 1);
      value = readNumber(reader);
    } else places.skip(reader);
  }
  return { seconds, value };
}

/** Undefined for null; NaN for what is no number. */
function readSeconds(reader: JsonReader): number | undefined {
  return reader.takeNull() ? undefined : (readNumber(reader)?.value ?? Number.NaN);
}

function readTags(reader: JsonReader, series: SeriesInProgress): void {
  eachItem(reader, series, 'tags', () => {
    const tag = readText(reader);
    if (tag === undefined) series.problem ??= '"tags" is not a list of texts';
    else series.tags.push(tag);
  });
}

function readResource(reader: JsonReader, resources: string[]): void {
  if (reader.kind() !== 'object') {
    reader.skip();
    return;
  }
  let type = '';
  let name = '';
  reader.beginObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === 'type') type = readText(reader) ?? '';
    else if (key === 'name') name = readText(reader) ?? '';
    else reader.skip();
  }
  if (type !== '' && name !== '') resources.push(type, name);
}

/** Calls back before each item of a list; null is an empty one. */
function eachItem(
  reader: JsonReader,
  series: SeriesInProgress,
  key: string,
  read: () => void,
): void {
  if (reader.takeNull()) return;
  if (reader.kind() !== 'array') {
    reader.skip();
    series.problem ??= `"${key}" is not a list`;
    return;
  }
  reader.beginArray();
  while (reader.nextItem()) read();
}
