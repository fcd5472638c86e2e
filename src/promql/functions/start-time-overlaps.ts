// Start times that cannot be right: before the sample ahead of them, which started at another time.

import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import { startTimeOverlaps } from './counter-resets.ts';
import type { FunctionCall, RangeSeries, WindowFrame } from './interface.ts';
import { rangePosition } from './points.ts';
import type { TimeColumn, WindowRows } from './windows.ts';

/** One occurrence for each window that holds a start time before the sample ahead of it. */
export function noteStartTimeOverlaps(
  call: FunctionCall,
  frame: WindowFrame,
  input: RangeSeries,
  points: TimeColumn,
  startT: Float64Array,
  rows: WindowRows,
): void {
  const overlaps = startTimeOverlaps(points.t, startT, points.length);
  if (overlaps.length === 0) return;
  let occurrences = 0;
  let next = 0;
  for (let i = 0; i < frame.count; i++) {
    if (rows.from[i] === rows.to[i]) continue;
    while (next < overlaps.length && overlaps[next]! <= rows.from[i]!) next++;
    if (next < overlaps.length && overlaps[next]! < rows.to[i]!) occurrences++;
  }
  if (occurrences === 0) return;
  const metricName = labelValue(input.labels, METRIC_NAME);
  call.annotations.count(
    { kind: 'startTimeOverlap', metricName, occurrences },
    rangePosition(call),
  );
}
