// The words that random queries are made of, each with the version of Prometheus that knows it first.

/** `major.minor` of the Prometheus that is asked. */
export type Version = `${number}.${number}`;

/** By the first version that has them. */
type Words = Readonly<Record<Version, readonly string[]>>;

/** Compares the numbers of two versions; `3.14.0` may stand for `3.14`. */
export function isAtLeast(version: string, least: string): boolean {
  const [major, minor] = numbersOf(version);
  const [leastMajor, leastMinor] = numbersOf(least);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function numbersOf(version: string): [number, number] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [major, minor];
}

const COUNTERS: Words = {
  '3.0': ['requests_total', 'cpu_seconds_total', 'latency_seconds_bucket', 'latency_seconds_count'],
};
const GAUGES: Words = {
  '3.0': [
    'temperature',
    'memory_bytes',
    'limit',
    'up',
    'lonely',
    'odd',
    'sparse',
    'large',
    'mixed_sign',
  ],
};
const HISTOGRAMS: Words = {
  '3.0': ['sizes', 'sizes_gauge', 'custom', 'turncoat', 'two_sided', 'flaky', 'both'],
  // Before, bounds that differ were an error.
  '3.8': ['bounds', 'shifting'],
};
const MATH: Words = {
  '3.0': [
    'abs',
    'ceil',
    'floor',
    'exp',
    'ln',
    'log2',
    'log10',
    'sqrt',
    'sgn',
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
    'sinh',
    'cosh',
    'tanh',
    'asinh',
    'acosh',
    'atanh',
    'deg',
    'rad',
    'minute',
    'hour',
    'day_of_week',
    'day_of_month',
    'day_of_year',
    'days_in_month',
    'month',
    'year',
  ],
};
const RANGE_FUNCTIONS: Words = {
  '3.0': [
    'rate',
    'increase',
    'delta',
    'irate',
    'idelta',
    'resets',
    'changes',
    'deriv',
    'sum_over_time',
    'avg_over_time',
    'min_over_time',
    'max_over_time',
    'count_over_time',
    'last_over_time',
    'present_over_time',
    'stddev_over_time',
    'stdvar_over_time',
    'absent_over_time',
  ],
};
const EXPERIMENTAL_RANGE_FUNCTIONS: Words = {
  '3.5': ['ts_of_min_over_time', 'ts_of_max_over_time', 'ts_of_last_over_time'],
  '3.7': ['first_over_time', 'ts_of_first_over_time'],
  // Before, it ignored NaN.
  '3.14': ['mad_over_time'],
};
const HISTOGRAM_FUNCTIONS: Words = {
  '3.0': [
    'histogram_avg',
    'histogram_count',
    'histogram_sum',
    'histogram_stddev',
    'histogram_stdvar',
  ],
};
const SCALARS: Words = {
  '3.0': ['time()', 'pi()'],
  '3.12': ['start()', 'end()', 'step()', 'range()'],
};
const AGGREGATORS: Words = {
  '3.0': ['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar'],
};
const NUMBERS: Words = {
  '3.0': [
    '0',
    '1',
    '2',
    '0.5',
    '-1',
    '3.25',
    '100',
    '1e9',
    '.25',
    '1_000',
    '2E-3',
    'NaN',
    'Inf',
    '-Inf',
    '+Inf',
    '-0',
    '5m',
    '1h30m',
    '0x1F',
    '010',
  ],
};
const DURATIONS: Words = {
  '3.0': ['15s', '30s', '1m', '90s', '5m', '7m13s', '20m', '1h', '300', '0x3C', '1500ms', '.5e2'],
};
const DURATION_EXPRESSIONS: Words = {
  '3.5': [
    '(1m + 30s)',
    '(2 * 45s)',
    '(10m / 3)',
    '(1h - 50m)',
    '(2 ^ 6)',
    '(400 % 7m)',
    '(-1m + 5m)',
  ],
  '3.13': [
    'step()',
    'range()',
    '(step() + 30s)',
    'min_of(step() + 1m, 5m)',
    'max_of(1m, range() / 4)',
  ],
};

/** What a Prometheus of some version understands. */
export class Vocabulary {
  readonly counters: readonly string[];
  readonly gauges: readonly string[];
  readonly histograms: readonly string[];
  readonly math: readonly string[];
  readonly rangeFunctions: readonly string[];
  readonly experimentalRangeFunctions: readonly string[];
  readonly histogramFunctions: readonly string[];
  readonly aggregators: readonly string[];
  readonly scalars: readonly string[];
  readonly numbers: readonly string[];
  readonly durations: readonly string[];
  readonly durationExpressions: readonly string[];
  readonly #version: string;

  constructor(version: string) {
    this.#version = version;
    this.counters = this.#known(COUNTERS);
    this.gauges = this.#known(GAUGES);
    this.histograms = this.#known(HISTOGRAMS);
    this.math = this.#known(MATH);
    this.rangeFunctions = this.#known(RANGE_FUNCTIONS);
    this.experimentalRangeFunctions = this.#known(EXPERIMENTAL_RANGE_FUNCTIONS);
    this.histogramFunctions = this.#known(HISTOGRAM_FUNCTIONS);
    this.aggregators = this.#known(AGGREGATORS);
    this.scalars = this.#known(SCALARS);
    this.numbers = this.#known(NUMBERS);
    this.durations = this.#known(DURATIONS);
    this.durationExpressions = this.#known(DURATION_EXPRESSIONS);
  }

  /** Whether the version is this one or later. */
  has(since: Version): boolean {
    return isAtLeast(this.#version, since);
  }

  #known(words: Words): string[] {
    return Object.entries(words).flatMap(([since, some]) =>
      this.has(since as Version) ? some : [],
    );
  }
}
