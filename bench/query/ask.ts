// Asks a server one query and reads what it answers.

import { Agent, request } from 'node:http';
import type { BenchQuery } from './list.ts';

/** Connections stay open, as a dashboard's do. */
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

export interface Answer {
  readonly wallMs: number;
  readonly status: number;
  readonly body: Buffer;
}

/** Path and parameters of a query over data that ends at `endT` (ms). */
export function queryPath(
  { query, range }: BenchQuery,
  endT: number,
  extra: Readonly<Record<string, string>>,
): string {
  const endSeconds = Math.floor(endT / 1000);
  if (range === undefined) {
    const params = new URLSearchParams({ query, time: String(endSeconds), ...extra });
    return `/api/v1/query?${params}`;
  }
  const { hours, stepSeconds } = range;
  // Aligned to the step, as Grafana asks.
  const end = Math.floor(endSeconds / stepSeconds) * stepSeconds;
  const params = new URLSearchParams({
    query,
    start: String(end - hours * 3600),
    end: String(end),
    step: String(stepSeconds),
    ...extra,
  });
  return `/api/v1/query_range?${params}`;
}

/** Times one GET up to the last byte of the body, which is not looked at. */
export function ask(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const sent = request(url, { agent }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const wallMs = performance.now() - started;
        resolve({ wallMs, status: response.statusCode ?? 0, body: Buffer.concat(pieces) });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

/**
 * Asks for `ms`, three times at least, and returns the last answer: code that has just been loaded is slow everywhere,
 * and nobody restarts a store for a query.
 */
export async function askUntilWarm(url: string, ms: number): Promise<Answer> {
  const end = performance.now() + ms;
  let answer = await ask(url);
  for (let i = 1; i < 3 || performance.now() < end; i++) answer = await ask(url);
  return answer;
}

interface Row {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** An answer by series, for comparing. */
export interface ParsedAnswer {
  readonly series: number;
  readonly points: number;
  readonly rows: ReadonlyMap<string, readonly (readonly [number, string])[]>;
}

/** Throws unless the answer is a success. */
export function parseAnswer({ status, body }: Answer): ParsedAnswer {
  const text = body.toString('utf8');
  if (status !== 200) throw new Error(`status ${status}: ${text.slice(0, 200)}`);
  const { data } = JSON.parse(text) as { data: { result: readonly Row[] } };
  const rows = new Map<string, readonly (readonly [number, string])[]>();
  let points = 0;
  for (const { metric, value, values } of data.result) {
    const own = values ?? (value === undefined ? [] : [value]);
    points += own.length;
    const labels = Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1));
    rows.set(JSON.stringify(labels), own);
  }
  return { series: rows.size, points, rows };
}

/** Sums may be added up in another order; anything beyond that is a difference. */
const TOLERANCE = 1e-9;

/** The first difference between two answers in words; undefined if there is none. */
export function firstDifference(own: ParsedAnswer, other: ParsedAnswer): string | undefined {
  if (own.series !== other.series) return `${own.series} series, not ${other.series}`;
  for (const [series, points] of other.rows) {
    const ours = own.rows.get(series);
    if (ours === undefined) return `no series ${series}`;
    if (ours.length !== points.length)
      return `${ours.length} points, not ${points.length}: ${series}`;
    for (const [i, [t, text]] of points.entries()) {
      const [ourT, ourText] = ours[i]!;
      const [a, b] = [Number(ourText), Number(text)];
      const isSame =
        Object.is(a, b) || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
      if (ourT !== t || !isSame) return `${ourText} at ${ourT}, not ${text} at ${t}: ${series}`;
    }
  }
  return undefined;
}
