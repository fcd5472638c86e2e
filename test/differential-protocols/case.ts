// What a case of the differential is: something that is sent to both, and what the two store of it.

/** 10 minutes ago, in seconds. */
export const T: number = Math.floor(Date.now() / 1000) - 600;
export const MS: number = T * 1000;

export type Protocol =
  | 'graphite'
  | 'opentsdb'
  | 'opentsdb_http'
  | 'datadog_v1'
  | 'datadog_v2'
  | 'influx'
  | 'csv'
  | 'json'
  | 'text';

export interface Case {
  readonly protocol: Protocol;
  /** A line, or an element of a body. Metrics in it begin with the case's name. */
  readonly input: (name: string) => unknown;
  /** Of the request's URL. */
  readonly params?: (name: string) => Readonly<Record<string, string>>;
  /** Undefined: both store the same. */
  readonly difference?: Difference;
}

/** Samples as `labels value time`, without the metric's name where it is the case's; `now` for times of now. */
export interface Difference {
  /** The sentence of docs/reference/protocols.md that tells it. */
  readonly told: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/** The one sample of a metric that is called as its case. */
export function one(value: string | number = 1, time: number | string = MS): string[] {
  return [`{} ${value} ${time}`];
}
