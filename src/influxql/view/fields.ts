// Which measurements and fields a scope has, and where their samples are: a metric of Prometheus is a
// measurement with the field `value` whose labels, name included, are its tags; a field written by line
// protocol is where the registry says.

import { compareStrings, type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Querier } from '../../storage/interface.ts';
import {
  type FieldOrigin,
  type FieldTable,
  metricsOf,
  ORIGIN_LABEL,
} from '../catalog/field-table.ts';

/** Types that can be read. */
export type StoredType = 'float' | 'integer' | 'boolean';

/** Series of one metric that hold values of one field. */
export interface FieldSource {
  readonly field: string;
  readonly type: StoredType;
  readonly matchers: readonly Matcher[];
  /** The metric's name is a tag as well. */
  readonly isPrometheus: boolean;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

const PROMETHEUS_FIELD = 'value';

/** Names that a tag cannot have, and what such labels are called instead. */
const TIME = 'time';
const TIME_TAG = 'time_1';

/** All that one measurement may have; whether there are samples is another question. */
export function fieldSources(table: FieldTable, measurement: string): FieldSource[] {
  const sources: FieldSource[] = [];
  for (const origin of table.ofMeasurement(measurement)) {
    if (origin.type === 'string') continue;
    sources.push({
      field: origin.field,
      type: origin.type,
      matchers: originMatchers(origin),
      isPrometheus: false,
    });
  }
  const owners = table.ofMetric(measurement);
  if (owners.every(({ marker }) => marker !== '')) {
    sources.push({
      field: PROMETHEUS_FIELD,
      type: 'float',
      matchers:
        owners.length === 0
          ? [{ type: '=', name: METRIC_NAME, value: measurement }]
          : originMatchers({ metric: measurement, marker: '' }),
      isPrometheus: true,
    });
  }
  return sources;
}

/** Series of one origin. */
function originMatchers({ metric, marker }: Pick<FieldOrigin, 'metric' | 'marker'>): Matcher[] {
  return [
    { type: '=', name: METRIC_NAME, value: metric },
    { type: '=', name: ORIGIN_LABEL, value: marker },
  ];
}

/** Metrics that are looked at between two pauses. */
const METRICS_PER_PAUSE = 1000;

/**
 * Fields of every measurement that has samples in the querier's range, sorted by measurement. With `measurement`,
 * those of that one are found, and perhaps some of others. `breathe` is called now and then.
 */
export async function existingFields(
  querier: Querier,
  table: FieldTable,
  breathe: () => Promise<void>,
  measurement?: string,
): Promise<Map<string, FieldSource[]>> {
  const found = new Map<string, FieldSource[]>();
  const add = (name: string, source: FieldSource): void => {
    const sources = found.get(name);
    if (sources === undefined) found.set(name, [source]);
    else sources.push(source);
  };
  const selectors = measurement === undefined ? [] : metricSelectors(table, measurement);
  let count = 0;
  for (const metric of await querier.labelValues(METRIC_NAME, selectors)) {
    if (++count % METRICS_PER_PAUSE === 0) await breathe();
    const owners = table.ofMetric(metric);
    if (owners.length === 0) {
      for (const source of fieldSources(table, metric)) {
        if (source.isPrometheus) add(metric, source);
      }
      continue;
    }
    const markers = await existingMarkers(querier, metric, owners);
    for (const owner of owners) {
      if (!markers.has(owner.marker)) continue;
      const source = fieldSources(table, owner.measurement).find(
        (one) => one.field === owner.field && !one.isPrometheus,
      );
      if (source !== undefined) add(owner.measurement, source);
    }
    if (markers.has('') && owners.every(({ marker }) => marker !== '')) {
      const source = fieldSources(table, metric).find(({ isPrometheus }) => isPrometheus);
      if (source !== undefined) add(metric, source);
    }
  }
  return new Map([...found].sort(([a], [b]) => compareStrings(a, b)));
}

/** Of all metrics that the measurement's fields can have. */
function metricSelectors(table: FieldTable, measurement: string): Matcher[][] {
  const metrics = metricsOf(measurement, table.ofMeasurement(measurement));
  return [...metrics].map((value) => [{ type: '=', name: METRIC_NAME, value }]);
}

/** Markers that series of a metric have, '' for those without. */
async function existingMarkers(
  querier: Querier,
  metric: string,
  owners: readonly FieldOrigin[],
): Promise<Set<string>> {
  const named: Matcher = { type: '=', name: METRIC_NAME, value: metric };
  if (owners.every(({ marker }) => marker === '')) return new Set(['']);
  const markers = new Set(await querier.labelValues(ORIGIN_LABEL, [[named]]));
  const plain: Matcher = { type: '=', name: ORIGIN_LABEL, value: '' };
  if ((await querier.series([[named, plain]], 1)).length > 0) markers.add('');
  return markers;
}

/** The tags of a series, sorted by key. */
export function tagsOf(labels: Labels, { isPrometheus }: FieldSource): Tag[] {
  const tags: Tag[] = [];
  let isSorted = true;
  for (const { name, value } of labels) {
    if (name === ORIGIN_LABEL || (name === METRIC_NAME && !isPrometheus)) continue;
    if (name === TIME) isSorted = false;
    tags.push({ key: name === TIME ? TIME_TAG : name, value });
  }
  return isSorted ? tags : tags.sort((a, b) => compareStrings(a.key, b.key));
}

/** Value of one tag, '' if there is none. */
export function tagValue(tags: readonly Tag[], key: string): string {
  for (const tag of tags) if (tag.key === key) return tag.value;
  return '';
}

/** The label that a tag is, or undefined if matchers cannot ask for it. */
export function labelOfTag(key: string, { isPrometheus }: FieldSource): string | undefined {
  if (key === ORIGIN_LABEL || key === TIME || key === TIME_TAG) return undefined;
  if (key === METRIC_NAME && !isPrometheus) return undefined;
  return key;
}
