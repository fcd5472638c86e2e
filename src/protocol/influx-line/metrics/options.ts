// How fields of line protocol become metrics, as VictoriaMetrics names them.

import type { SeriesTable } from '../../series-table.ts';
import type { Precision } from '../timestamp.ts';
import type { LineFields } from './line-fields.ts';

export interface FieldNaming {
  /** Between measurement and field. */
  readonly separator: string;
  /** The only field of a line is named by its measurement alone. */
  readonly skipsSingleField: boolean;
  /** Fields are named by themselves alone. */
  readonly skipsMeasurement: boolean;
}

export interface LineMetricsOptions {
  readonly naming: FieldNaming;
  /** What becomes of texts that are no numbers; `reject` refuses their lines. */
  readonly strings: 'drop' | 'reject' | 'zero';
  /** Of timestamps; undefined to tell by the number of their digits. */
  readonly precision: Precision | undefined;
  /** ms: of lines without a timestamp. */
  readonly now: () => number;
  /** Not to be shared between different namings. */
  readonly seriesTable: SeriesTable<LineFields>;
}

/** Metric name of a field. */
export function metricName(
  measurement: string,
  field: string,
  isSingle: boolean,
  { separator, skipsSingleField, skipsMeasurement }: FieldNaming,
): string {
  const prefix = skipsMeasurement ? '' : measurement;
  if (measurement !== '' && isSingle && skipsSingleField) return prefix;
  return prefix === '' ? field : `${prefix}${separator}${field}`;
}
