// Units: UCUM's short forms become the words that Prometheus has in metric names.

const MAIN_UNITS: ReadonlyMap<string, string> = new Map([
  ['d', 'days'],
  ['h', 'hours'],
  ['min', 'minutes'],
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['GiBy', 'gibibytes'],
  ['TiBy', 'tibibytes'],
  ['KBy', 'kilobytes'],
  ['MBy', 'megabytes'],
  ['GBy', 'gigabytes'],
  ['TBy', 'terabytes'],
  ['m', 'meters'],
  ['V', 'volts'],
  ['A', 'amperes'],
  ['J', 'joules'],
  ['W', 'watts'],
  ['g', 'grams'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['1', ''],
  ['%', 'percent'],
]);

const PER_UNITS: ReadonlyMap<string, string> = new Map([
  ['s', 'second'],
  ['m', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['mo', 'month'],
  ['y', 'year'],
]);

/** The two parts that a unit adds to a metric name, '' where it adds none. */
export interface UnitParts {
  readonly main: string;
  /** Starts with `per_`. */
  readonly per: string;
}

/** `By/s` → `bytes` and `per_second`, in whatever characters the unit has. What is in braces says nothing. */
export function unitParts(unit: string): UnitParts {
  const slash = unit.indexOf('/');
  const main = wordOf(slash < 0 ? unit : unit.slice(0, slash), MAIN_UNITS);
  const per = slash < 0 ? '' : wordOf(unit.slice(slash + 1), PER_UNITS);
  return { main, per: per === '' ? '' : `per_${per}` };
}

function wordOf(unit: string, words: ReadonlyMap<string, string>): string {
  const trimmed = unit.trim();
  return /[{}]/.test(trimmed) ? '' : (words.get(trimmed) ?? trimmed);
}

/** The same in the characters of a metric name. */
export function plainUnitParts(unit: string): UnitParts {
  const { main, per } = unitParts(unit);
  return { main: plain(main), per: plain(per) };
}

function plain(part: string): string {
  return part
    .replace(/[^A-Za-z0-9:]/gu, '_')
    .replace(/_+/g, '_')
    .replace(/^_/, '');
}

/** The unit as metadata and the label `__unit__` have it: `bytes_per_second`. */
export function unitName(unit: string): string {
  const { main, per } = plainUnitParts(unit);
  const joined = main !== '' && per !== '' ? `${main}_${per}` : main || per;
  return joined.replace(/^_/, '').replace(/_$/, '');
}
