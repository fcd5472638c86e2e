// Random valid queries over the data of data.ts, by a grammar of types: what is asked for a vector is
// one. Names, labels and numbers are drawn so that most queries find something.

import type { Random } from '../support/random.ts';

export interface GeneratorOptions {
  /** Nesting of the expressions. */
  readonly maxDepth: number;
  /** Functions and syntax that the oracle has only behind flags. */
  readonly experimental: boolean;
}

const COUNTERS = [
  'requests_total',
  'cpu_seconds_total',
  'latency_seconds_bucket',
  'latency_seconds_count',
];
const GAUGES = [
  'temperature',
  'memory_bytes',
  'limit',
  'up',
  'lonely',
  'odd',
  'sparse',
  'large',
  'mixed_sign',
];
const HISTOGRAMS = ['sizes', 'sizes_gauge', 'custom', 'turncoat'];
const LABELS = ['job', 'instance', 'code', 'zone', 'kind', 'le', 'nothing'];
const MATCHERS = [
  'job="api"',
  'job!="api"',
  'job=~"a.*|db"',
  'job!~"w.+"',
  'instance="a:1"',
  'instance=~"[ab]:1"',
  'code=~"2..|404"',
  'kind!=""',
  'nothing=""',
  'le="+Inf"',
];
const RANGES = ['30s', '1m', '90s', '5m', '7m13s', '20m', '1h'];
const OFFSETS = ['15s', '1m', '10m', '-1m', '-5m'];
const NUMBERS = [
  '0',
  '1',
  '2',
  '0.5',
  '-1',
  '3.25',
  '100',
  '1e9',
  'NaN',
  'Inf',
  '-Inf',
  '5m',
  '0x1F',
];

const MATH = [
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
];
const DATES = [
  'minute',
  'hour',
  'day_of_week',
  'day_of_month',
  'day_of_year',
  'days_in_month',
  'month',
  'year',
];
const RANGE_FUNCTIONS = [
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
];
const EXPERIMENTAL_RANGE_FUNCTIONS = [
  'mad_over_time',
  'ts_of_min_over_time',
  'ts_of_max_over_time',
  'ts_of_last_over_time',
];
const HISTOGRAM_FUNCTIONS = [
  'histogram_avg',
  'histogram_count',
  'histogram_sum',
  'histogram_stddev',
  'histogram_stdvar',
];
const AGGREGATORS = ['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar'];
const ARITHMETIC = ['+', '-', '*', '/', '%', '^', 'atan2'];
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];

export class QueryGenerator {
  readonly #random: Random;
  readonly #options: GeneratorOptions;

  constructor(random: Random, options: GeneratorOptions) {
    this.#random = random;
    this.#options = options;
  }

  /** An expression of a type that a range query may have. */
  query(): string {
    return this.#random.oneIn(12) ? this.#scalar(2) : this.#vector(this.#options.maxDepth);
  }

  #vector(depth: number): string {
    const random = this.#random;
    if (depth <= 0) return this.#selector();
    switch (random.below(14)) {
      case 0:
      case 1:
        return this.#selector();
      case 2:
      case 3:
        return this.#rangeCall(depth);
      case 4:
      case 5:
        return this.#aggregation(depth);
      case 6:
      case 7:
        return this.#binary(depth);
      case 8:
        return this.#elementwise(depth);
      case 9:
        return this.#labelCall(depth);
      case 10:
        return this.#histogramCall(depth);
      case 11:
        return `(${this.#vector(depth - 1)})`;
      case 12:
        return `${random.pick(['-', '+'])}${this.#vector(depth - 1)}`;
      default:
        return random.pick([
          () => `absent(${this.#vector(depth - 1)})`,
          () => `vector(${this.#scalar(depth - 1)})`,
          () => `timestamp(${this.#vector(depth - 1)})`,
          () => `sort(${this.#vector(depth - 1)})`,
          () => `sort_desc(${this.#vector(depth - 1)})`,
        ])();
    }
  }

  #selector(): string {
    return `${this.#bareSelector()}${this.#modifiers()}`;
  }

  #bareSelector(): string {
    const random = this.#random;
    if (random.oneIn(30)) return '{"my.dotted gauge"}';
    if (random.oneIn(25)) return '{__name__=~"temperature|limit|cpu_.+"}';
    const name = random.pick(random.pick([COUNTERS, GAUGES, GAUGES, HISTOGRAMS]));
    if (random.oneIn(2)) return name;
    const matchers = [random.pick(MATCHERS)];
    if (random.oneIn(3)) matchers.push(random.pick(MATCHERS));
    return `${name}{${matchers.join(', ')}}`;
  }

  #modifiers(): string {
    const random = this.#random;
    const offset = random.oneIn(6) ? ` offset ${random.pick(OFFSETS)}` : '';
    const at = random.oneIn(14) ? ` @ ${random.pick(['start()', 'end()'])}` : '';
    return random.oneIn(2) ? `${offset}${at}` : `${at}${offset}`;
  }

  #matrix(depth: number): string {
    const random = this.#random;
    if (depth > 1 && random.oneIn(4)) {
      const step = random.pick(['', '15s', '1m', '37s']);
      return `(${this.#vector(depth - 1)})[${random.pick(RANGES)}:${step}]${this.#modifiers()}`;
    }
    return `${this.#bareSelector()}[${random.pick(RANGES)}]${this.#modifiers()}`;
  }

  #rangeCall(depth: number): string {
    const random = this.#random;
    const matrix = this.#matrix(depth);
    if (this.#options.experimental && random.oneIn(8)) {
      return `${random.pick(EXPERIMENTAL_RANGE_FUNCTIONS)}(${matrix})`;
    }
    switch (random.below(12)) {
      case 0:
        return `quantile_over_time(${this.#number()}, ${matrix})`;
      case 1:
        return `predict_linear(${matrix}, ${random.pick(['60', '600', '-300', '0'])})`;
      default:
        return `${random.pick(RANGE_FUNCTIONS)}(${matrix})`;
    }
  }

  #aggregation(depth: number): string {
    const random = this.#random;
    const vector = this.#vector(depth - 1);
    const clause = this.#grouping();
    switch (random.below(9)) {
      case 0:
        return `${random.pick(['topk', 'bottomk'])}${clause}(${random.pick(['1', '2', '5', '0'])}, ${vector})`;
      case 1:
        return `quantile${clause}(${random.pick(['0', '0.5', '0.9', '1', '-1', '2'])}, ${vector})`;
      case 2:
        return `count_values${clause}("value", ${vector})`;
      case 3:
        if (this.#options.experimental) {
          return `limitk${clause}(${random.pick(['0', '1', '3'])}, ${vector})`;
        }
        return `sum${clause}(${vector})`;
      default:
        return `${random.pick(AGGREGATORS)}${clause}(${vector})`;
    }
  }

  #grouping(): string {
    const random = this.#random;
    if (random.oneIn(3)) return '';
    const labels = [random.pick(LABELS)];
    if (random.oneIn(2)) labels.push(random.pick(LABELS));
    return ` ${random.pick(['by', 'by', 'without'])} (${[...new Set(labels)].join(', ')}) `;
  }

  #binary(depth: number): string {
    const random = this.#random;
    if (random.oneIn(3)) {
      const [a, b] = random.oneIn(2)
        ? [this.#vector(depth - 1), this.#scalar(depth - 1)]
        : [this.#scalar(depth - 1), this.#vector(depth - 1)];
      const op = random.oneIn(2) ? random.pick(ARITHMETIC) : this.#comparison();
      return `${operand(a)} ${op} ${operand(b)}`;
    }
    const lhs = operand(this.#vector(depth - 1));
    if (random.oneIn(4)) {
      const matching = random.oneIn(2) ? this.#matching() : '';
      return `${lhs} ${random.pick(['and', 'or', 'unless'])}${matching} ${operand(this.#vector(depth - 1))}`;
    }
    const op = random.oneIn(3) ? this.#comparison() : random.pick(ARITHMETIC);
    if (random.oneIn(4)) {
      // The "one" side must be unique, so that many of these give a result.
      const by = random.pick(['job', 'instance']);
      const one = `${random.pick(['sum', 'max', 'count'])} by (${by}) (${this.#vector(depth - 1)})`;
      return random.oneIn(2)
        ? `${lhs} ${op} on (${by}) group_left () ${one}`
        : `${one} ${op} on (${by}) group_right () ${lhs}`;
    }
    return `${lhs} ${op}${random.oneIn(2) ? this.#matching() : ''} ${operand(this.#vector(depth - 1))}`;
  }

  #comparison(): string {
    return `${this.#random.pick(COMPARISONS)}${this.#random.oneIn(2) ? ' bool' : ''}`;
  }

  #matching(): string {
    const random = this.#random;
    const labels = [...new Set([random.pick(LABELS), random.pick(LABELS)])];
    return ` ${random.pick(['on', 'ignoring'])} (${labels.join(', ')})`;
  }

  #elementwise(depth: number): string {
    const random = this.#random;
    const vector = this.#vector(depth - 1);
    switch (random.below(6)) {
      case 0:
        return `round(${vector}, ${random.pick(['0.1', '5', '1e3', '-1'])})`;
      case 1:
        return `clamp(${vector}, ${this.#number()}, ${this.#number()})`;
      case 2:
        return `${random.pick(['clamp_min', 'clamp_max'])}(${vector}, ${this.#number()})`;
      case 3:
        return `${random.pick(DATES)}(${vector})`;
      default:
        return `${random.pick(MATH)}(${vector})`;
    }
  }

  #labelCall(depth: number): string {
    const random = this.#random;
    const vector = this.#vector(depth - 1);
    if (random.oneIn(3)) {
      return `label_join(${vector}, "joined", "-", "job", "instance")`;
    }
    const [replacement, source, pattern] = random.pick([
      ['$1', 'instance', '(.*):.*'],
      ['x-$1', 'job', '(.).*'],
      ['', 'job', '.*'],
      ['fixed', 'nothing', ''],
    ]);
    const target = random.pick(['copied', 'job', 'code']);
    return `label_replace(${vector}, "${target}", "${replacement}", "${source}", "${pattern}")`;
  }

  #histogramCall(depth: number): string {
    const random = this.#random;
    const quantile = random.pick(['0', '0.5', '0.9', '0.99', '1', '1.5', 'NaN']);
    const inner = random.pick([
      () => 'sum by (le, job) (rate(latency_seconds_bucket[5m]))',
      () => 'latency_seconds_bucket',
      () => `rate(${random.pick(HISTOGRAMS)}[5m])`,
      () => random.pick(HISTOGRAMS),
      () => `sum (${random.pick(HISTOGRAMS)})`,
      () => this.#vector(depth - 1),
    ])();
    switch (random.below(3)) {
      case 0:
        return `histogram_quantile(${quantile}, ${inner})`;
      case 1:
        return `histogram_fraction(${random.pick(['0', '0.2', '-1', '-Inf'])}, ${random.pick(['1', '3', '+Inf', '0.2'])}, ${inner})`;
      default:
        return `${random.pick(HISTOGRAM_FUNCTIONS)}(${inner})`;
    }
  }

  #scalar(depth: number): string {
    const random = this.#random;
    if (depth <= 0) return this.#number();
    switch (random.below(6)) {
      case 0:
        return 'time()';
      case 1:
        return `scalar(${this.#vector(depth - 1)})`;
      case 2:
        return `(${this.#scalar(depth - 1)} ${random.pick(ARITHMETIC)} ${this.#scalar(depth - 1)})`;
      case 3:
        return `${operand(this.#scalar(depth - 1))} ${random.pick(COMPARISONS)} bool ${operand(this.#scalar(depth - 1))}`;
      default:
        return this.#number();
    }
  }

  #number(): string {
    return this.#random.pick(NUMBERS);
  }
}

/** Precedence must not change what was meant. */
function operand(expression: string): string {
  return /^[\w.:]+(\{[^{}]*\})?$/.test(expression) ? expression : `(${expression})`;
}
