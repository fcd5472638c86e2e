// Series of paths, parsed once.

import type { RowSeries } from '../../storage/rows.ts';
import type { RowCollector } from '../row-collector.ts';
import { hashKey, viewOf } from '../series-table.ts';
import { decodeUtf8 } from '../string-cache.ts';
import type { GraphiteOptions } from './options.ts';
import { parsePath } from './path.ts';

/** The series of the path in bytes [start, end); a text says what is wrong with it. */
export function seriesOfPath(
  bytes: Uint8Array,
  start: number,
  end: number,
  collector: RowCollector,
  { seriesTable, isSanitized }: GraphiteOptions,
): RowSeries | string {
  const view = viewOf(bytes);
  const hash = hashKey(view, start, end);
  const known = seriesTable.find(view, start, end, hash);
  if (known !== undefined) return known;
  const path = decodeUtf8(bytes, start, end);
  if (path === undefined) return 'not valid UTF-8';
  const labels = parsePath(path, isSanitized);
  if (typeof labels === 'string') return labels;
  const series = collector.seriesOf(labels);
  seriesTable.add(view, start, end, hash, series);
  return series;
}
