// What `format=` of a CSV export says: the cells of a line, in VictoriaMetrics' words.

import { type LayoutPart, parseLayout, printTime } from './time-layout.ts';

const VALUE = '__value__';
const TIMESTAMP = '__timestamp__';
const CUSTOM = 'custom:';
const RFC3339 = parseLayout('2006-01-02T15:04:05.999Z07:00');

/** Plain data. */
export type CsvField = { readonly header: string } & (
  | { readonly kind: 'label'; readonly name: string }
  | { readonly kind: 'value' }
  | { readonly kind: 'time'; readonly format: TimeFormat }
);

export type TimeFormat =
  | 'unix_s'
  | 'unix_ms'
  | 'unix_ns'
  | { readonly layout: readonly LayoutPart[] };

/** Fields of a comma-separated list; a string says what is wrong with it. */
export function parseCsvFields(format: string): CsvField[] | string {
  const fields: CsvField[] = [];
  for (const header of format.split(',').map((part) => part.trim())) {
    if (header === '')
      return 'a field is empty; write label names, __name__, __value__ and __timestamp__:FORMAT with commas between them';
    if (header === VALUE) fields.push({ header, kind: 'value' });
    else if (header === TIMESTAMP || header.startsWith(`${TIMESTAMP}:`)) {
      const time = parseTimeFormat(header.slice(TIMESTAMP.length + 1));
      if (time === undefined) {
        return `${JSON.stringify(header)}: the format of a time is unix_s, unix_ms, unix_ns, rfc3339 or custom:LAYOUT`;
      }
      fields.push({ header, kind: 'time', format: time });
    } else fields.push({ header, kind: 'label', name: header });
  }
  return fields;
}

/** Undefined for what is none; nothing said is `unix_ms`. */
function parseTimeFormat(text: string): TimeFormat | undefined {
  switch (text) {
    case '':
    case 'unix_ms':
      return 'unix_ms';
    case 'unix_s':
    case 'unix_ns':
      return text;
    case 'rfc3339':
      return { layout: RFC3339 };
    default:
      return text.startsWith(CUSTOM)
        ? { layout: parseLayout(text.slice(CUSTOM.length)) }
        : undefined;
  }
}

export function printTimeAs(format: TimeFormat, t: number): string {
  switch (format) {
    case 'unix_ms':
      return String(t + 0);
    case 'unix_s':
      return String(Math.floor(t / 1000) + 0);
    case 'unix_ns':
      return t === 0 ? '0' : `${t}000000`;
    default:
      return printTime(format.layout, t);
  }
}
