// Layouts of times as Go has them: a layout is how the moment 2006-01-02 15:04:05 would be written.

/** What of a time stands in a layout; anything else is text that stands for itself. */
const ELEMENTS: readonly string[] = [
  'January Jan Monday Mon MST 2006 06 01 1 002 __2 02 _2 2 15 03 3 04 4 05 5 PM pm',
  'Z070000 Z07:00:00 Z0700 Z07:00 Z07 -070000 -07:00:00 -0700 -07:00 -07',
].flatMap((line) => line.split(' '));

export type LayoutPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'element'; readonly element: string }
  /** A fraction of seconds behind a point or comma; one that is trimmed ends before its last zeros. */
  | {
      readonly kind: 'fraction';
      readonly separator: string;
      readonly digits: number;
      readonly isTrimmed: boolean;
    };

const FRACTION = /^[.,](0+|9+)(?!\d)/;

/** Longer elements first, so that `2006` is not taken for a day. */
const BY_LENGTH = ELEMENTS.toSorted((a, b) => b.length - a.length);

export function parseLayout(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
  };
  for (let at = 0; at < layout.length; ) {
    const rest = layout.slice(at);
    const fraction = FRACTION.exec(rest);
    const element = elementAt(rest);
    if (fraction === null && element === undefined) {
      text += layout[at++]!;
      continue;
    }
    flush();
    if (fraction !== null) {
      const digits = fraction[1]!;
      const isTrimmed = digits.startsWith('9');
      parts.push({ kind: 'fraction', separator: rest[0]!, digits: digits.length, isTrimmed });
      at += fraction[0].length;
    } else {
      parts.push({ kind: 'element', element: element! });
      at += element!.length;
    }
  }
  flush();
  return parts;
}

function elementAt(text: string): string | undefined {
  // An underscore before a year is one.
  if (text.startsWith('_2006')) return undefined;
  const element = BY_LENGTH.find((one) => text.startsWith(one));
  // `Month` is a word.
  const isWord = /^(Jan|Mon)$/.test(element ?? '') && /^.{3}[a-z]/.test(text);
  return isWord ? undefined : element;
}

export const MONTHS: readonly string[] = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August'],
  ...['September', 'October', 'November', 'December'],
];
export const WEEKDAYS: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];

/** A time in ms in such a layout, in UTC. */
export function printTime(layout: readonly LayoutPart[], t: number): string {
  const date = new Date(t);
  return layout.map((part) => printPart(part, date)).join('');
}

function printPart(part: LayoutPart, date: Date): string {
  if (part.kind === 'text') return part.text;
  if (part.kind === 'element') return printElement(part.element, date);
  const digits = String(date.getUTCMilliseconds()).padStart(3, '0').padEnd(part.digits, '0');
  const shown = digits.slice(0, part.digits);
  if (!part.isTrimmed) return part.separator + shown;
  const trimmed = shown.replace(/0+$/, '');
  return trimmed === '' ? '' : part.separator + trimmed;
}

function printElement(element: string, date: Date): string {
  const padded = (value: number, width: number, fill = '0'): string =>
    String(value).padStart(width, fill);
  const hour = date.getUTCHours();
  const hour12 = hour % 12 === 0 ? 12 : hour % 12;
  switch (element) {
    case 'January':
      return MONTHS[date.getUTCMonth()]!;
    case 'Jan':
      return MONTHS[date.getUTCMonth()]!.slice(0, 3);
    case 'Monday':
      return WEEKDAYS[date.getUTCDay()]!;
    case 'Mon':
      return WEEKDAYS[date.getUTCDay()]!.slice(0, 3);
    case 'MST':
      return 'UTC';
    case '2006':
      return printYear(date.getUTCFullYear());
    case '06':
      return padded(Math.abs(date.getUTCFullYear()) % 100, 2);
    case '01':
      return padded(date.getUTCMonth() + 1, 2);
    case '1':
      return String(date.getUTCMonth() + 1);
    case '02':
      return padded(date.getUTCDate(), 2);
    case '_2':
      return padded(date.getUTCDate(), 2, ' ');
    case '2':
      return String(date.getUTCDate());
    case '002':
      return padded(dayOfYear(date), 3);
    case '__2':
      return padded(dayOfYear(date), 3, ' ');
    case '15':
      return padded(hour, 2);
    case '03':
      return padded(hour12, 2);
    case '3':
      return String(hour12);
    case '04':
      return padded(date.getUTCMinutes(), 2);
    case '4':
      return String(date.getUTCMinutes());
    case '05':
      return padded(date.getUTCSeconds(), 2);
    case '5':
      return String(date.getUTCSeconds());
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return hour >= 12 ? 'pm' : 'am';
    default:
      return printZone(element);
  }
}

function printYear(year: number): string {
  return year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0');
}

function dayOfYear(date: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000) + 1;
}

/** Of UTC. */
function printZone(element: string): string {
  return element.startsWith('Z') ? 'Z' : element.replace('-', '+').replaceAll('7', '0');
}
