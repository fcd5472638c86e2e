// What /api/query asks for, whichever way it was written. Plain data: it travels to the thread that evaluates it.

/** How the values of several series at one time become one. */
export const AGGREGATORS = [
  'avg',
  'count',
  'dev',
  'diff',
  'first',
  'last',
  'max',
  'median',
  'mimmax',
  'mimmin',
  'min',
  'mult',
  'none',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
  'p999',
  'pfsum',
  'squareSum',
  'sum',
  'zimsum',
] as const;
export type AggregatorName = (typeof AGGREGATORS)[number];

export const FILTER_TYPES = [
  'literal_or',
  'iliteral_or',
  'not_literal_or',
  'not_iliteral_or',
  'wildcard',
  'iwildcard',
  'regexp',
] as const;
export type FilterType = (typeof FILTER_TYPES)[number];

/** What stands for an interval without a point. */
export const FILL_POLICIES = ['none', 'nan', 'null', 'zero'] as const;
export type FillPolicy = (typeof FILL_POLICIES)[number];

export interface Downsample {
  /** As it was written. */
  readonly text: string;
  /** ms; undefined for one interval that is the whole range. */
  readonly intervalMs: number | undefined;
  readonly aggregator: AggregatorName;
  readonly fill: FillPolicy;
}

/** Of values of a tag; series without the tag never pass. */
export interface TagFilter {
  readonly tagk: string;
  readonly type: FilterType;
  /** In the type's own language. */
  readonly filter: string;
  /** Each value is a group of its own. */
  readonly groupBy: boolean;
}

export interface RateOptions {
  /** The value only grows: where it falls, it has passed `counterMax` and begun anew. */
  readonly isCounter: boolean;
  readonly counterMax: number;
  /** Rates above it are 0, if it is above 0: the counter was reset. */
  readonly resetValue: number;
  /** Leaves out rates where the value falls. */
  readonly dropsResets: boolean;
}

export interface SubQuery {
  readonly metric: string;
  readonly aggregator: AggregatorName;
  readonly downsample: Downsample | undefined;
  /** Undefined: values as they are. Otherwise what they change by in a second. */
  readonly rate: RateOptions | undefined;
  readonly filters: readonly TagFilter[];
  /** Only series with no other tags than those filtered by. */
  readonly hasExplicitTags: boolean;
}

export interface TsdbQuery {
  /** ms, both included. */
  readonly startT: number;
  readonly endT: number;
  readonly queries: readonly SubQuery[];
  /** Times of the answer in milliseconds and not seconds. */
  readonly hasMilliseconds: boolean;
  /** Points as lists and not as an object. */
  readonly hasArrays: boolean;
  /** Repeats each sub-query beside its result. */
  readonly showsQuery: boolean;
}

export const NO_RATE_OPTIONS: RateOptions = {
  isCounter: false,
  counterMax: 2 ** 63,
  resetValue: 0,
  dropsResets: false,
};
