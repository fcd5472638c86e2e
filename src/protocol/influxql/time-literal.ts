// Strings that mean a time: RFC 3339, `2006-01-02 15:04:05.999999`, `2006-01-02`. Without a zone of their
// own they are of the statement's zone. Nanoseconds since 1970 as bigints.

const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MS = 1_000_000n;

/** True if a string where a time may stand has to be one. */
export function looksLikeTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(?:$|.)/.test(text);
}

/** Undefined if it is no time, such as the 30th of February. `timeZone` undefined: UTC. */
export function parseTime(text: string, timeZone: string | undefined): bigint | undefined {
  const match =
    /^(\d{4})-(\d{2})-(\d{2})(?:([ T])(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})?)?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, year, month, day, separator, hour = '0', minute = '0', second = '0', fraction, zone] =
    match;
  // A space goes without a zone, a T with one.
  if (separator === ' ' && zone !== undefined) return undefined;
  if (separator === 'T' && zone === undefined) return undefined;
  const wall = wallTime([year, month, day, hour, minute, second].map(Number));
  if (wall === undefined) return undefined;
  const offset = zone === undefined ? zoneOffsetMs(wall, timeZone) : parseOffset(zone);
  if (offset === undefined) return undefined;
  const fractionNs = BigInt((fraction ?? '').slice(0, 9).padEnd(9, '0'));
  return BigInt(wall - offset) * NS_PER_MS + fractionNs;
}

/** RFC 3339 in UTC with as many decimals as it needs: `2023-11-14T22:13:20.5Z`. */
export function printTime(ns: bigint): string {
  const seconds = (ns - mod(ns, NS_PER_SECOND)) / NS_PER_SECOND;
  const fraction = mod(ns, NS_PER_SECOND).toString().padStart(9, '0').replace(/0+$/, '');
  const date = new Date(Number(seconds) * 1000);
  const whole = Number.isNaN(date.getTime()) ? seconds.toString() : date.toISOString().slice(0, -5);
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`;
}

function mod(value: bigint, size: bigint): bigint {
  const rest = value % size;
  return rest < 0n ? rest + size : rest;
}

/** Milliseconds of a wall clock in UTC; undefined if no calendar has it. */
function wallTime(parts: readonly number[]): number | undefined {
  const [year, month, day, hour, minute, second] = parts as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second);
  return date.getTime();
}

/** `+02:00` in milliseconds. */
function parseOffset(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 24 || minutes > 60) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** What a zone's clocks are ahead of UTC by when they show `wall`. */
function zoneOffsetMs(wall: number, timeZone: string | undefined): number {
  if (timeZone === undefined || timeZone === 'UTC') return 0;
  // Guess with the offset of about that time, then with the offset at the guess.
  const first = wall - offsetAt(wall, timeZone);
  return offsetAt(first, timeZone);
}

/** What a zone's clocks are ahead of UTC by at an instant. */
export function offsetAt(ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  }).formatToParts(ms);
  const value = (type: string): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  const isBefore = parts.some((part) => part.type === 'era' && part.value.startsWith('B'));
  const date = new Date(0);
  date.setUTCFullYear(
    isBefore ? 1 - value('year') : value('year'),
    value('month') - 1,
    value('day'),
  );
  date.setUTCHours(value('hour'), value('minute'), value('second'));
  return date.getTime() - Math.floor(ms / 1000) * 1000;
}
