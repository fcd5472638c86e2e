// Points as lines.

import { FieldKind, type LinePoint, timeNs } from './point.ts';
import { escapeTag, printSeriesKey } from './series-key.ts';

/** One line with its timestamp in nanoseconds, without a newline. NaN and infinities have no way to be written. */
export function encodeLine(point: LinePoint): string {
  const fields: string[] = [];
  for (let i = 0; i < point.fieldCount; i++) {
    fields.push(`${escapeTag(point.names[i]!)}=${printValue(point, i)}`);
  }
  return `${printSeriesKey(point.series)} ${fields.join(',')} ${timeNs(point)}`;
}

function printValue(point: LinePoint, i: number): string {
  const value = point.values[i]!;
  switch (point.kinds[i]) {
    case FieldKind.integer:
      return `${point.integers[i] ?? value}i`;
    case FieldKind.boolean:
      return value === 0 ? 'false' : 'true';
    case FieldKind.string:
      return `"${point.texts[i]!.replaceAll(/["\\]/g, '\\$&')}"`;
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}
