// How requests are written down that InfluxDB and we are sent, and the ranges of time that they are about.

import { BASE_T } from './data.ts';

export interface InfluxRequest {
  readonly method: 'GET' | 'POST' | 'HEAD' | 'OPTIONS' | 'PUT' | 'DELETE';
  readonly path: string;
  /** In the URL. */
  readonly params?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Where the points of data.ts are. */
export const DB = 'telegraf';

/** POST /query as the shell sends it, with times as numbers. */
export function q(text: string, params: Readonly<Record<string, string>> = {}): InfluxRequest {
  return { method: 'POST', path: '/query', params: { db: DB, epoch: 'ns', ...params, q: text } };
}

export function get(text: string, params: Readonly<Record<string, string>> = {}): InfluxRequest {
  return { ...q(text, params), method: 'GET' };
}

export function csv(text: string, params: Readonly<Record<string, string>> = {}): InfluxRequest {
  return { ...q(text, params), headers: { Accept: 'text/csv' } };
}

export function write(
  body: string | Uint8Array,
  params: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): InfluxRequest {
  return { method: 'POST', path: '/write', params: { db: DB, ...params }, headers, body };
}

export const FROM: string = `time >= ${BASE_T}ms`;
const TO = `time < ${BASE_T + 120_000}ms`;
export const RANGE: string = `${FROM} AND ${TO}`;
/** Long enough for the fastest of the listed intervals. */
export const SHORT: string = `${FROM} AND time < ${BASE_T + 60_000}ms`;
