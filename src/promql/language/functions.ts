// Signatures of all functions of PromQL, for the type checker and the API. How they compute is in
// `../functions/`.

import type { ValueType } from './ast.ts';

export interface FunctionSignature {
  readonly name: string;
  readonly argTypes: readonly ValueType[];
  /**
   * 0: exactly the arguments of `argTypes`. n > 0: all but the last of them, then up to n more of the
   * last type. -1: likewise, without an upper bound.
   */
  readonly variadic: number;
  readonly returnType: ValueType;
  /** Only with the feature promql-experimental-functions. */
  readonly experimental: boolean;
}

type Row = readonly [
  names: string,
  argTypes: readonly ValueType[],
  options?: Partial<Pick<FunctionSignature, 'variadic' | 'returnType' | 'experimental'>>,
];

const ROWS: readonly Row[] = [
  // Elementwise.
  ['abs ceil exp floor ln log10 log2 sgn sqrt deg rad', ['vector']],
  ['acos acosh asin asinh atan atanh cos cosh sin sinh tan tanh', ['vector']],
  ['clamp_max clamp_min', ['vector', 'scalar']],
  ['clamp', ['vector', 'scalar', 'scalar']],
  ['round', ['vector', 'scalar'], { variadic: 1 }],

  // Time.
  ['time', [], { returnType: 'scalar' }],
  ['timestamp', ['vector']],
  ['start_timestamp', ['vector'], { experimental: true }],
  ['day_of_month day_of_week day_of_year days_in_month', ['vector'], { variadic: 1 }],
  ['hour minute month year', ['vector'], { variadic: 1 }],

  // Scalars.
  ['pi', [], { returnType: 'scalar' }],
  ['scalar', ['vector'], { returnType: 'scalar' }],
  ['vector', ['scalar']],
  ['start end step range', [], { returnType: 'scalar', experimental: true }],
  ['max_of min_of', ['scalar', 'scalar'], { returnType: 'scalar', experimental: true }],

  // Counters and gauges.
  ['rate increase irate resets delta idelta changes deriv', ['matrix']],
  ['predict_linear', ['matrix', 'scalar']],
  ['double_exponential_smoothing', ['matrix', 'scalar', 'scalar'], { experimental: true }],

  // Over time.
  ['absent_over_time present_over_time count_over_time', ['matrix']],
  ['first_over_time last_over_time min_over_time max_over_time', ['matrix']],
  ['avg_over_time sum_over_time stddev_over_time stdvar_over_time', ['matrix']],
  ['quantile_over_time', ['scalar', 'matrix']],
  ['mad_over_time', ['matrix'], { experimental: true }],
  ['ts_of_first_over_time ts_of_last_over_time', ['matrix'], { experimental: true }],
  ['ts_of_max_over_time ts_of_min_over_time', ['matrix'], { experimental: true }],

  // Histograms.
  ['histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar', ['vector']],
  ['histogram_fraction', ['scalar', 'scalar', 'vector']],
  ['histogram_quantile', ['scalar', 'vector']],
  [
    'histogram_quantiles',
    ['vector', 'string', 'scalar', 'scalar'],
    { variadic: 9, experimental: true },
  ],

  // Labels and order.
  ['absent sort sort_desc', ['vector']],
  ['label_replace', ['vector', 'string', 'string', 'string', 'string']],
  ['label_join', ['vector', 'string', 'string', 'string'], { variadic: -1 }],
  ['sort_by_label sort_by_label_desc', ['vector', 'string'], { variadic: -1, experimental: true }],
  ['info', ['vector', 'vector'], { variadic: 1, experimental: true }],
];

/** By name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionSignature> = new Map(
  ROWS.flatMap(([names, argTypes, options]) =>
    names.split(' ').map((name): [string, FunctionSignature] => [
      name,
      {
        name,
        argTypes,
        variadic: 0,
        returnType: 'vector',
        experimental: false,
        ...options,
      },
    ]),
  ),
);
