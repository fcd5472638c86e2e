// The lines by which Prometheus' test language describes series: `metric{a="b"} 1+2x3 _ stale {{…}}`.

import type { Labels } from '../../model/labels.ts';
import type { AppError } from '../../runtime/error.ts';
import { addHistograms, subtractHistograms } from '../histogram/arithmetic.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { parseHistogramLiteral } from './histogram-literal.ts';
import { durationValue, numberValue } from './number-value.ts';
import { parseMetric } from './parser.ts';
import { parseError } from './position.ts';

/** One position of a sequence. */
export type SequenceValue =
  | { readonly kind: 'omitted' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'float'; readonly value: number }
  | {
      readonly kind: 'histogram';
      readonly histogram: FloatHistogram;
      /** The literal said its counter reset hint: it is meant to be compared. */
      readonly isHintGiven: boolean;
    };

export interface SeriesDescription {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

/** More positions than any test needs; a typing error must not fill memory. */
const MAX_VALUES = 1_000_000;

const METRIC = /^[^\s{]*(?:\{(?:[^"'`}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\})?(?=\s|$)/;
const SPACES = /[ \t]+/y;
const OMITTED = /_(?:x(\d+))?/y;
const STALE = /stale(?:x(\d+))?/y;
const MAGNITUDE =
  '(?:(?:[0-9][0-9_]*\\.?[0-9_]*|\\.[0-9_]+)(?:e[-+]?[0-9]+)?|inf|nan)(?:[smhdwy][smhdwy0-9]*)?';
const NUMBER = new RegExp(`[-+]?${MAGNITUDE}`, 'iy');
const NUMBER_REPEAT = new RegExp(`([-+]${MAGNITUDE})?x([0-9]+)`, 'iy');
const HISTOGRAM = /\{\{([^}]*)\}\}/y;
const HISTOGRAM_REPEAT = /(?:([-+])\{\{([^}]*)\}\})?x(\d+)/y;

/** Throws PROMQL_PARSE; columns count from the begin of the line. */
export function parseSeriesDescription(line: string): SeriesDescription {
  const metric = METRIC.exec(line)?.[0];
  if (metric === undefined) throw parseError(line, 0, 'a metric is expected');
  return { labels: parseMetric(metric), values: new SequenceParser(line, metric.length).parse() };
}

class SequenceParser {
  readonly #line: string;
  readonly #values: SequenceValue[] = [];
  #at: number;

  constructor(line: string, at: number) {
    this.#line = line;
    this.#at = at;
  }

  parse(): SequenceValue[] {
    for (;;) {
      const isSeparated = this.#take(SPACES) !== undefined;
      if (this.#at === this.#line.length) return this.#values;
      if (!isSeparated) throw this.#error('a blank is expected before the next value');
      this.#item();
    }
  }

  #item(): void {
    const omitted = this.#take(OMITTED);
    if (omitted !== undefined) {
      this.#push(omitted[1] === undefined ? 1 : Number(omitted[1]), () => ({ kind: 'omitted' }));
      return;
    }
    const stale = this.#take(STALE);
    if (stale !== undefined) {
      this.#push(Number(stale[1] ?? 0) + 1, () => ({ kind: 'stale' }));
      return;
    }
    if (this.#line.startsWith('{{', this.#at)) this.#histograms();
    else this.#floats();
  }

  #floats(): void {
    const first = this.#take(NUMBER);
    if (first === undefined) throw this.#error('a number, _, stale or {{…}} is expected');
    let value = this.#number(first[0]);
    const repeat = this.#take(NUMBER_REPEAT);
    if (repeat === undefined) {
      this.#push(1, () => ({ kind: 'float', value }));
      return;
    }
    const [, stepText, times] = repeat;
    const step = stepText === undefined ? undefined : this.#number(stepText);
    this.#push(Number(times) + 1, (i) => {
      // By repeated addition, which rounds differently than a product.
      if (i > 0 && step !== undefined) value += step;
      return { kind: 'float', value };
    });
  }

  #histograms(): void {
    const first = this.#histogram(this.#take(HISTOGRAM)?.[1]);
    const repeat = this.#take(HISTOGRAM_REPEAT);
    if (repeat === undefined) {
      this.#push(1, () => ({ kind: 'histogram', ...first }));
      return;
    }
    const [, sign, stepText, times] = repeat;
    if (sign === undefined) {
      this.#push(Number(times) + 1, () => ({ kind: 'histogram', ...first }));
      return;
    }
    const step = this.#histogram(stepText);
    let { histogram } = first;
    this.#push(Number(times) + 1, (i) => {
      if (i > 0) histogram = this.#combine(histogram, step.histogram, sign);
      return { kind: 'histogram', histogram, isHintGiven: step.isHintGiven };
    });
  }

  #histogram(text: string | undefined): { histogram: FloatHistogram; isHintGiven: boolean } {
    if (text === undefined) throw this.#error('}} is missing');
    const literal = parseHistogramLiteral(text);
    if ('why' in literal) throw this.#error(literal.why);
    return literal;
  }

  #combine(a: FloatHistogram, b: FloatHistogram, sign: string): FloatHistogram {
    if (a.schema > b.schema) {
      throw this.#error(
        `error combining histograms: cannot merge from schema ${b.schema} to ${a.schema}`,
      );
    }
    const { histogram } = sign === '+' ? addHistograms(a, b) : subtractHistograms(a, b);
    if (histogram === undefined) throw this.#error('histograms cannot be combined');
    return histogram;
  }

  #push(count: number, make: (i: number) => SequenceValue): void {
    if (this.#values.length + count > MAX_VALUES) {
      throw this.#error(`more than ${MAX_VALUES} values`);
    }
    for (let i = 0; i < count; i++) this.#values.push(make(i));
  }

  #number(text: string): number {
    const value = literalValue(text);
    if (value === undefined) throw this.#error(`bad number: ${text}`);
    return value;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#line);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  #error(why: string): AppError {
    return parseError(this.#line, this.#at, why);
  }
}

/** Value of a number or duration (in seconds) with or without sign; undefined if it is neither. */
export function literalValue(text: string): number | undefined {
  const [, sign, digits] = /^([-+]?)(.*)$/s.exec(text) as unknown as [string, string, string];
  const isDuration = /^[0-9].*[smhdwy]$/.test(digits);
  const value = isDuration ? durationValue(digits) : numberValue(digits);
  if (typeof value !== 'number') return undefined;
  const magnitude = isDuration ? value / 1000 : value;
  return sign === '-' ? -magnitude : magnitude;
}
