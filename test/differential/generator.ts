// Random valid queries over the data of data.ts, by a grammar of types: what is asked for a vector is
// one. Names, labels and numbers are drawn so that most queries find something.

import type { Random } from '../support/random.ts';
import { BASE_T, SPAN_MS } from './data.ts';
import { Vocabulary } from './vocabulary.ts';

export interface GeneratorOptions {
  /** Nesting of the expressions. */
  readonly maxDepth: number;
  /** Of the Prometheus that is asked. */
  readonly version: string;
}

export interface GeneratedQuery {
  readonly text: string;
  /** Strings and range vectors: a range query for them is an error. */
  readonly isInstantOnly: boolean;
}

const LABELS = [
  'job',
  'job',
  'instance',
  'instance',
  'code',
  'zone',
  'kind',
  'le',
  'nothing',
  '"label.with dots"',
];
const MATCHERS = [
  'job="api"',
  "job='api'",
  'job=`web`',
  '"job"="api"',
  'job="\\x61p\\u0069"',
  'job!="api"',
  'job=~"a.*|db"',
  'job!~"w.+"',
  'job=~"(?i)API|WEB"',
  'instance="a:1"',
  'instance=~"[ab]:1"',
  'code=~"2..|404"',
  'kind!=""',
  'nothing=""',
  'le="+Inf"',
];
const STRINGS = ['"a\\nb"', "'\\u00e9\\x41'", '`raw\\n`', '"\\t\\\\"', "'it\\'s'", '("")'];
const RANGES = ['30s', '1m', '90s', '5m', '5m', '7m13s', '20m', '1h'];
const OFFSETS = ['15s', '1m', '10m', '-1m', '-5m', '-90s', '0s'];
const ARITHMETIC = ['+', '-', '*', '/', '%', '^', 'atan2'];
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];

export class QueryGenerator {
  readonly #random: Random;
  readonly #maxDepth: number;
  readonly #words: Vocabulary;

  constructor(random: Random, { maxDepth, version }: GeneratorOptions) {
    this.#random = random;
    this.#maxDepth = maxDepth;
    this.#words = new Vocabulary(version);
  }

  query(): GeneratedQuery {
    const random = this.#random;
    const depth = random.between(1, this.#maxDepth);
    switch (random.below(24)) {
      case 0:
        return {
          text: random.pick(STRINGS),
          isInstantOnly: true,
        };
      case 1:
        return { text: this.#matrix(depth), isInstantOnly: true };
      case 2:
      case 3:
        return { text: this.#spaced(this.#scalar(depth)), isInstantOnly: false };
      default:
        return { text: this.#spaced(this.#vector(depth)), isInstantOnly: false };
    }
  }

  /** Sometimes on several lines: remarks name line and column. */
  #spaced(query: string): string {
    const random = this.#random;
    if (!random.oneIn(8)) return query;
    const lines = query.replaceAll(', ', random.oneIn(2) ? ',\n' : ' , ');
    return random.oneIn(4) ? `# a remark\n  ${lines} # "end"` : lines;
  }

  #vector(depth: number): string {
    const random = this.#random;
    if (depth <= 0) return this.#selector();
    switch (random.below(16)) {
      case 0:
      case 1:
        return this.#selector();
      case 2:
      case 3:
        return this.#rangeCall(depth);
      case 4:
      case 5:
      case 6:
        return this.#aggregation(depth);
      case 7:
      case 8:
      case 9:
        return this.#binary(depth);
      case 10:
        return this.#elementwise(depth);
      case 11:
        return this.#labelCall(depth);
      case 12:
        return this.#histogramCall(depth);
      case 13:
        return this.#timeCall(depth);
      case 14:
        return `${random.pick(['-', '-', '+', '--', '-+', '- '])}${this.#operand(this.#vector(depth - 1))}`;
      default:
        return this.#vectorCall(depth);
    }
  }

  #vectorCall(depth: number): string {
    const random = this.#random;
    const inner = this.#vector(depth - 1);
    switch (random.below(8)) {
      case 0:
        return `vector(${this.#scalar(depth - 1)})`;
      case 1:
        return `absent(${inner})`;
      case 2:
        return `sort_by_label${random.pick(['', '_desc'])}(${inner}, "job", "instance")`;
      case 3:
      case 4:
        return `${random.pick(['sort', 'sort_desc'])}(${inner})`;
      case 5:
        return this.#info(inner);
      default:
        return `(${inner})`;
    }
  }

  /** Of late fixed again and again, so it is compared with the newest only. */
  #info(inner: string): string {
    if (!this.#words.has('3.14')) return `(${inner})`;
    const selector = this.#random.pick([
      '',
      ', {version=~".+"}',
      ', {region="eu"}',
      ', {__name__="target_info"}',
      ', {__name__=~".+_info", nothing=""}',
      ', {version!="3.3"}',
    ]);
    return `info(${inner}${selector})`;
  }

  #timeCall(depth: number): string {
    const random = this.#random;
    if (random.oneIn(4)) {
      return `timestamp(${this.#vector(depth - 1)})`;
    }
    return `timestamp(${this.#selector()})`;
  }

  #selector(): string {
    return this.#bareSelector() + this.#modifiers();
  }

  #bareSelector(): string {
    const random = this.#random;
    const { counters, gauges, histograms } = this.#words;
    switch (random.below(30)) {
      case 0:
        return random.pick(['{"my.dotted gauge"}', '{"my.dotted gauge", "label.with dots"=~".+"}']);
      case 1:
        return random.pick([
          '{__name__=~"temperature|limit|cpu_.+"}',
          '{"up", job="api"}',
          '{job="db",}',
        ]);
      default: {
        const name = random.pick(random.pick([counters, gauges, gauges, histograms]));
        if (random.oneIn(2)) return name;
        const matchers = [random.pick(MATCHERS)];
        if (random.oneIn(3)) matchers.push(random.pick(MATCHERS));
        return `${name}{${matchers.join(', ')}}`;
      }
    }
  }

  #modifiers(): string {
    const random = this.#random;
    const offset = random.oneIn(6) ? ` offset ${this.#offset()}` : '';
    const at = random.oneIn(12) ? ` @ ${this.#time()}` : '';
    return random.oneIn(2) ? `${offset}${at}` : `${at}${offset}`;
  }

  #offset(): string {
    const random = this.#random;
    const { durationExpressions } = this.#words;
    return random.oneIn(8) ? random.pick(durationExpressions) : random.pick(OFFSETS);
  }

  #time(): string {
    const random = this.#random;
    if (random.oneIn(2)) return random.pick(['start()', 'end()']);
    return String((BASE_T + random.below(SPAN_MS)) / 1000);
  }

  /** A duration as a range. */
  #range(): string {
    const random = this.#random;
    const { durations, durationExpressions } = this.#words;
    if (random.oneIn(12)) return random.pick(durationExpressions);
    return random.pick(random.oneIn(4) ? durations : RANGES);
  }

  #matrix(depth: number): string {
    const random = this.#random;
    if (depth > 1 && random.oneIn(3)) {
      const inner = this.#vector(depth - 1);
      const step = random.pick(['', '15s', '1m', '37s', '60', '4m']);
      const modifiers = random.oneIn(3) ? this.#modifiers() : '';
      return `${random.oneIn(3) ? this.#operand(inner) : `(${inner})`}[${this.#range()}:${step}]${modifiers}`;
    }
    const extended =
      this.#words.has('3.14') && random.oneIn(12) ? random.pick([' anchored', ' smoothed']) : '';
    return `${this.#bareSelector()}[${this.#range()}]${extended}${this.#modifiers()}`;
  }

  #rangeCall(depth: number): string {
    const random = this.#random;
    const matrix = this.#matrix(depth);
    const { experimentalRangeFunctions, rangeFunctions } = this.#words;
    switch (random.below(16)) {
      case 0:
        return `quantile_over_time(${this.#parameter(depth)}, ${matrix})`;
      case 1:
        return `predict_linear(${matrix}, ${this.#parameter(depth)})`;
      case 2:
        return `double_exponential_smoothing(${matrix}, ${random.pick(['0.1', '0.9', '1'])}, ${random.pick(['0.5', '0.01'])})`;
      case 3:
      case 4:
        return `${random.pick(experimentalRangeFunctions)}(${matrix})`;
      default:
        return `${random.pick(rangeFunctions)}(${matrix})`;
    }
  }

  #aggregation(depth: number): string {
    const random = this.#random;
    const vector = this.#vector(depth - 1);
    const clause = this.#grouping();
    const call = (op: string, args: string): string =>
      random.oneIn(3) ? `${op}(${args})${clause}` : `${op}${clause}(${args})`;
    switch (random.below(10)) {
      case 0:
      case 1: {
        const k = random.oneIn(3)
          ? this.#parameter(depth)
          : random.pick(['1', '2', '5', '0', '2.7', '-1']);
        return call(random.pick(['topk', 'bottomk', 'limitk']), `${k}, ${vector}`);
      }
      case 2: {
        const q = random.oneIn(3)
          ? this.#parameter(depth)
          : random.pick(['0', '.5', '0.9', '1', '-1', '2']);
        return call('quantile', `${q}, ${vector}`);
      }
      case 3:
        return call('count_values', `"${random.pick(['value', 'job', 'value.of'])}", ${vector}`);
      case 4:
        return random.oneIn(2)
          ? call('limit_ratio', `${random.pick(['0.5', '-0.3', '1', '0', '2'])}, ${vector}`)
          : call('sum', vector);
      default:
        return call(random.pick(this.#words.aggregators), vector);
    }
  }

  #grouping(): string {
    const random = this.#random;
    if (random.oneIn(3)) return '';
    const labels = [random.pick(LABELS)];
    if (random.oneIn(2)) labels.push(random.pick(LABELS));
    const by = random.pick(['by', 'by', 'by', 'without', 'WITHOUT']);
    return ` ${by} (${random.oneIn(12) ? '' : [...new Set(labels)].join(', ')}) `;
  }

  #binary(depth: number): string {
    const random = this.#random;
    if (random.oneIn(3)) {
      const [a, b] = random.oneIn(2)
        ? [this.#vector(depth - 1), this.#scalar(depth - 1)]
        : [this.#scalar(depth - 1), this.#vector(depth - 1)];
      const op = random.oneIn(2) ? random.pick(ARITHMETIC) : this.#comparison();
      return `${this.#operand(a)} ${op} ${this.#operand(b)}`;
    }
    const lhs = this.#operand(this.#vector(depth - 1));
    if (random.oneIn(4)) {
      const matching = random.oneIn(2) ? this.#matching() : '';
      return `${lhs} ${random.pick(['and', 'or', 'unless', 'AND'])}${matching} ${this.#operand(this.#vector(depth - 1))}`;
    }
    if (this.#words.has('3.14') && random.oneIn(12)) {
      return `${lhs} ${random.pick(['</', '>/'])} ${this.#number()}`;
    }
    const op = random.oneIn(3) ? this.#comparison() : random.pick(ARITHMETIC);
    return random.oneIn(3)
      ? this.#manyToOne(depth, lhs, op)
      : this.#plainMatch(lhs, op, this.#operand(this.#vector(depth - 1)));
  }

  /** Most get labels on which the sides meet; a few are left to chance. */
  #plainMatch(lhs: string, op: string, rhs: string): string {
    const random = this.#random;
    const fill = this.#words.has('3.14') && random.oneIn(6) ? this.#fill() : '';
    if (random.oneIn(4)) return `${lhs} ${op}${this.#matching()}${fill} ${rhs}`;
    if (random.oneIn(2)) return `${lhs} ${op}${fill} ${rhs}`;
    const by = random.pick(LABELS);
    const aggregate = (side: string): string =>
      `${random.pick(['max', 'sum', 'count'])} by (${by}) (${side})`;
    return `${aggregate(lhs)} ${op} on (${by})${fill} ${aggregate(rhs)}`;
  }

  #fill(): string {
    const random = this.#random;
    const value = random.pick(['0', '1', '-2.5', 'NaN']);
    return ` ${random.pick(['fill', 'fill_left', 'fill_right'])} (${value})`;
  }

  /** The "one" side must be unique, so that many of these give a result. */
  #manyToOne(depth: number, many: string, op: string): string {
    const random = this.#random;
    const by = random.pick(['job', 'instance']);
    const include = random.pick(['', '', 'zone', 'code, kind', 'version']);
    const one = random.oneIn(4)
      ? `target_info{${by === 'job' ? 'instance="a:1"' : 'job="api"'}}`
      : `${random.pick(['sum', 'max', 'count'])} by (${by}) (${this.#vector(depth - 1)})`;
    const fill = this.#words.has('3.14') && random.oneIn(6) ? this.#fill() : '';
    return random.oneIn(2)
      ? `${many} ${op} on (${by}) group_left (${include})${fill} ${one}`
      : `${one} ${op} on (${by}) group_right (${include})${fill} ${many}`;
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
        return `round(${vector}, ${random.oneIn(3) ? this.#parameter(depth) : random.pick(['0.1', '5', '1e3', '-1'])})`;
      case 1:
        return `clamp(${vector}, ${this.#parameter(depth)}, ${this.#parameter(depth)})`;
      case 2:
        return `${random.pick(['clamp_min', 'clamp_max'])}(${vector}, ${this.#parameter(depth)})`;
      default:
        return `${random.pick(this.#words.math)}(${vector})`;
    }
  }

  #labelCall(depth: number): string {
    const random = this.#random;
    const vector = this.#vector(depth - 1);
    if (random.oneIn(3)) {
      const target = random.pick(['joined', 'job', 'joined.by']);
      return `label_join(${vector}, "${target}", "${random.pick(['-', '', '\\n'])}", "job", "${random.pick(['instance', 'nothing', 'label.with dots'])}")`;
    }
    const [replacement, source, pattern] = random.pick([
      ['$1', 'instance', '(.*):.*'],
      ['x-$1', 'job', '(.).*'],
      ['$first$$', 'job', '(?P<first>.).*'],
      ['', 'job', '.*'],
      ['fixed', 'nothing', ''],
      ['$1', '__name__', '(.*)_.*'],
    ]);
    const target = random.pick(['copied', 'job', 'code', 'new.label', '__name__']);
    return `label_replace(${vector}, "${target}", "${replacement}", "${source}", "${pattern}")`;
  }

  #histogramCall(depth: number): string {
    const random = this.#random;
    const { histograms } = this.#words;
    const inner = random.pick([
      () => 'sum by (le, job) (rate(latency_seconds_bucket[5m]))',
      () => 'latency_seconds_bucket',
      () => '{__name__=~"both|both_bucket"}',
      () => `rate(${random.pick(histograms)}[5m])`,
      () => random.pick(histograms),
      () => `sum (${random.pick(histograms)})`,
      () => this.#vector(depth - 1),
    ])();
    switch (random.below(this.#words.has('3.14') ? 7 : 6)) {
      case 0:
      case 1:
        return `histogram_quantile(${this.#quantile(depth)}, ${inner})`;
      case 2:
        return this.#fraction(inner);
      case 6:
        return `histogram_quantiles(${inner}, "q", ${this.#quantile(depth)}, ${random.pick(['0.9', '0.5', '2'])})`;
      default:
        return `${random.pick(this.#words.histogramFunctions)}(${inner})`;
    }
  }

  #quantile(depth: number): string {
    const random = this.#random;
    return random.oneIn(5)
      ? this.#parameter(depth)
      : random.pick(['0', '0.5', '0.9', '0.99', '1', '1.5', '-1', 'NaN']);
  }

  #fraction(inner: string): string {
    const random = this.#random;
    const lower = random.pick(['0', '0.2', '-1', '-Inf', 'NaN', '2']);
    const upper = random.pick(['1', '3', '+Inf', '0.2', '100']);
    // Alone they could not be asked of a Prometheus that does not know its first bucket yet.
    const isSafe = this.#words.has('3.8') || !inner.includes('both|');
    return `histogram_fraction(${lower}, ${upper}, ${isSafe ? inner : 'both_bucket'})`;
  }

  #scalar(depth: number): string {
    const random = this.#random;
    if (depth <= 0) return this.#number();
    switch (random.below(9)) {
      case 0:
        return random.pick(this.#words.scalars);
      case 1:
      case 2:
        return `scalar(${this.#vector(depth - 1)})`;
      case 3:
        return `(${this.#scalar(depth - 1)} ${random.pick(ARITHMETIC)} ${this.#scalar(depth - 1)})`;
      case 4:
        return `${this.#scalar(depth - 1)} ${random.pick(ARITHMETIC)} ${this.#scalar(depth - 1)}`;
      case 5:
        return `${this.#operand(this.#scalar(depth - 1))} ${random.pick(COMPARISONS)} bool ${this.#operand(this.#scalar(depth - 1))}`;
      case 6:
        return `${random.pick(['-', '+', '--'])}${this.#operand(this.#scalar(depth - 1))}`;
      default:
        return this.#number();
    }
  }

  /** A scalar as an argument: mostly a number, seldom something that is another one at every step. */
  #parameter(depth: number): string {
    const random = this.#random;
    switch (random.below(8)) {
      case 0:
        return `scalar(${this.#vector(Math.min(depth - 1, 1))})`;
      case 1:
        return random.pick(['time() % 7', 'scalar(lonely)', 'scalar(limit{job="db"}) / 10']);
      default:
        return this.#number();
    }
  }

  #number(): string {
    return this.#random.pick(this.#words.numbers);
  }

  /** Mostly in parentheses, so that precedence does not change what was meant. */
  #operand(expression: string): string {
    const isSimple = /^[\w.:]+(\{[^{}]*\})?$/.test(expression);
    return isSimple || this.#random.oneIn(10) ? expression : `(${expression})`;
  }
}
