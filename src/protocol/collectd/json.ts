// What collectd's plugin write_http sends in its format JSON: a list of values with what they are values of.
// Names and labels are those of Prometheus' collectd_exporter and of collectd's own write_prometheus.

import { type Label, METRIC_NAME } from '../../model/labels.ts';
import { JsonReader } from '../json-reader.ts';
import { readNumber, readText, type WrittenNumber } from '../json-scalar.ts';
import { NamedSeries } from '../named-series.ts';
import type { RowCollector } from '../row-collector.ts';
import type { SeriesTable } from '../series-table.ts';
import type { StreamDecoder } from '../stream-decoder.ts';
import { UnixTimeReader } from '../unix-time.ts';

/** A value list as it is sent: one or more values of one thing at one time. */
interface ValueList {
  readonly values: (WrittenNumber | undefined)[];
  /** Of each value: `gauge`, `derive`, `counter` or `absolute`, and its name. */
  types: string[];
  names: string[];
  seconds: number | undefined;
  host: string;
  plugin: string;
  pluginInstance: string;
  type: string;
  typeInstance: string;
}

/** Decodes one body, which is pushed whole. Throws JSON_MALFORMED. */
export class CollectdJsonDecoder implements StreamDecoder {
  readonly #collector: RowCollector;
  readonly #series: NamedSeries;
  readonly #time = new UnixTimeReader();
  /** Number of the list at hand, from 1. */
  #list = 0;

  /** `seriesTable` is for one set of extra labels. */
  constructor(collector: RowCollector, seriesTable: SeriesTable) {
    this.#collector = collector;
    this.#series = new NamedSeries(seriesTable, collector);
  }

  push(bytes: Uint8Array): void {
    const reader = new JsonReader(bytes);
    reader.beginArray();
    while (reader.nextItem()) {
      this.#list++;
      const problem = this.#valueList(reader);
      if (problem !== undefined) this.#collector.refuse(this.#list, problem);
    }
    reader.end();
  }

  end(): void {}

  #valueList(reader: JsonReader): string | undefined {
    if (reader.kind() !== 'object') {
      reader.skip();
      return 'not an object';
    }
    const list = readValueList(reader);
    const { values, types, names, plugin, type } = list;
    if (plugin === '' || type === '') return '"plugin" or "type" is missing';
    if (types.length !== values.length || names.length !== values.length) {
      return `${values.length} "values", but ${types.length} "dstypes" and ${names.length} "dsnames"`;
    }
    // Never milliseconds: collectd has one form.
    if (list.seconds === undefined || !this.#time.set(list.seconds, Number.POSITIVE_INFINITY)) {
      return 'bad "time"';
    }
    let problem: string | undefined;
    for (const [i, value] of values.entries()) {
      problem = this.#value(list, i, value) ?? problem;
    }
    return problem;
  }

  #value(list: ValueList, i: number, value: WrittenNumber | undefined): string | undefined {
    if (value === undefined) return `"values"[${i}] is no number`;
    const { losses } = this.#collector;
    // Null, where a gauge has no value now.
    if (Number.isNaN(value.value)) {
      losses.nan_dropped++;
      return undefined;
    }
    const { host, plugin, pluginInstance, type, typeInstance } = list;
    const parts = [
      list.names[i]!,
      list.types[i]!,
      host,
      plugin,
      pluginInstance,
      type,
      typeInstance,
    ];
    const series = this.#series.get(parts, () => labelsOf(list, i));
    if (typeof series === 'string') return series;
    if (value.isRounded) losses.integer_rounded++;
    if (this.#time.isCut) losses.time_below_millisecond++;
    this.#collector.add(series, this.#time.t, value.value);
    return undefined;
  }
}

function labelsOf(list: ValueList, i: number): Label[] {
  const { plugin, pluginInstance, typeInstance } = list;
  const labels = new Map<string, string>();
  const pluginLabel = classicName(plugin);
  if (pluginInstance !== '') labels.set(pluginLabel, pluginInstance);
  if (typeInstance !== '') labels.set(pluginInstance === '' ? pluginLabel : 'type', typeInstance);
  labels.set('instance', list.host);
  labels.set(METRIC_NAME, metricName(list, i));
  return [...labels].map(([name, value]) => ({ name, value }));
}

/** `collectd_<plugin>_<type>[_<name of the value>][_total]`; the plugin only where the type does not begin with it. */
function metricName({ plugin, type, names, types }: ValueList, i: number): string {
  const isInType = type === plugin || type.startsWith(`${plugin}_`);
  const parts = isInType ? ['collectd', type] : ['collectd', plugin, type];
  if (names[i] !== 'value') parts.push(names[i]!);
  if (types[i] === 'counter' || types[i] === 'derive') parts.push('total');
  return classicName(parts.join('_'));
}

function classicName(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9_:]/g, '_');
}

function readValueList(reader: JsonReader): ValueList {
  const list: ValueList = {
    values: [],
    types: [],
    names: [],
    seconds: undefined,
    host: '',
    plugin: '',
    pluginInstance: '',
    type: '',
    typeInstance: '',
  };
  reader.beginObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    readMember(reader, key, list);
  }
  return list;
}

function readMember(reader: JsonReader, key: string, list: ValueList): void {
  switch (key) {
    case 'values':
      eachItem(reader, () => list.values.push(readNumber(reader)));
      return;
    case 'dstypes':
      eachItem(reader, () => list.types.push(readText(reader) ?? ''));
      return;
    case 'dsnames':
      eachItem(reader, () => list.names.push(readText(reader) ?? ''));
      return;
    case 'time':
      list.seconds = readNumber(reader)?.value;
      return;
    case 'host':
      list.host = readText(reader) ?? '';
      return;
    case 'plugin':
      list.plugin = readText(reader) ?? '';
      return;
    case 'plugin_instance':
      list.pluginInstance = readText(reader) ?? '';
      return;
    case 'type':
      list.type = readText(reader) ?? '';
      return;
    case 'type_instance':
      list.typeInstance = readText(reader) ?? '';
      return;
    default:
      reader.skip();
  }
}

/** Calls back before each item of a list; anything else has none. */
function eachItem(reader: JsonReader, read: () => void): void {
  if (reader.kind() !== 'array') {
    reader.skip();
    return;
  }
  reader.beginArray();
  while (reader.nextItem()) read();
}
