// What `format=` of a CSV import says: which column is what, in VictoriaMetrics' words:
// `<position>:<type>:<context>` with commas between them.

import type { LayoutPart } from './time-layout.ts';
import { parseLayout } from './time-layout.ts';

/** Columns further right cannot be named. */
const MAX_POSITION = 65_536;
const CUSTOM = 'custom:';
const RFC3339 = parseLayout('2006-01-02T15:04:05Z07:00');

export type CsvTimeFormat = 'unix_s' | 'unix_ms' | 'unix_ns' | readonly LayoutPart[];

export interface CsvColumns {
  /** Cells that a line must have. */
  readonly count: number;
  /** Ascending by position, which counts from 0. */
  readonly metrics: readonly { readonly position: number; readonly name: string }[];
  readonly labels: readonly { readonly position: number; readonly name: string }[];
  readonly time: { readonly position: number; readonly format: CsvTimeFormat } | undefined;
}

/** The columns that a format names; a text says what is wrong with it. */
export function parseCsvColumns(format: string): CsvColumns | string {
  const metrics: { position: number; name: string }[] = [];
  const labels: { position: number; name: string }[] = [];
  let time: CsvColumns['time'];
  const positions = new Set<number>();
  for (const [i, entry] of splitEntries(format).entries()) {
    const where = `entry ${i + 1}, ${JSON.stringify(entry.slice(0, 100))}`;
    const match = /^([^:]*):([^:]*):(.*)$/s.exec(entry);
    if (match === null) return `${where}: expected <column>:<type>:<context>`;
    const [, column = '', type, context = ''] = match;
    const position = Number(column) - 1;
    if (!/^\d+$/.test(column) || position < 0 || position >= MAX_POSITION) {
      return `${where}: the column must be a number from 1 to ${MAX_POSITION}`;
    }
    if (positions.has(position)) return `${where}: column ${column} is named twice`;
    positions.add(position);
    if (type === 'time') {
      if (time !== undefined) return `${where}: there can be only one column of time`;
      const parsed = parseTimeFormat(context);
      if (parsed === undefined) {
        return `${where}: the format of a time is unix_s, unix_ms, unix_ns, rfc3339 or custom:LAYOUT`;
      }
      time = { position, format: parsed };
    } else if (type === 'metric' || type === 'label') {
      if (context === '') return `${where}: the name is missing`;
      (type === 'metric' ? metrics : labels).push({ position, name: context });
    } else return `${where}: the type must be time, metric or label`;
  }
  if (metrics.length === 0) return 'no column is a metric';
  const byPosition = (a: { position: number }, b: { position: number }): number =>
    a.position - b.position;
  return {
    count: Math.max(...positions) + 1,
    metrics: metrics.sort(byPosition),
    labels: labels.sort(byPosition),
    time,
  };
}

/** A comma inside a layout, before anything that is no entry, belongs to it. */
function splitEntries(format: string): string[] {
  const entries: string[] = [];
  for (const part of format.split(',')) {
    const isLayout = entries.at(-1)?.includes(`:time:${CUSTOM}`) === true;
    if (isLayout && !/^\d+:(time|metric|label):/.test(part)) {
      entries.push(`${entries.pop()},${part}`);
    } else entries.push(part);
  }
  return entries;
}

function parseTimeFormat(text: string): CsvTimeFormat | undefined {
  if (text === 'unix_s' || text === 'unix_ms' || text === 'unix_ns') return text;
  if (text === 'rfc3339') return RFC3339;
  return text.startsWith(CUSTOM) ? parseLayout(text.slice(CUSTOM.length)) : undefined;
}
