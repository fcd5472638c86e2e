// Prometheus' own translation, in a program that oracle/README.md tells how to build: a line of JSON in, one out.

import { execFileSync } from 'node:child_process';
import { otlpProtobuf } from '../support/otlp.ts';
import type { Case } from './generator.ts';
import { byFirst, type PlainAnswer, type PlainHistogram, type PlainSample } from './samples.ts';

const STALE = '7ff0000000000002';

/** As main.go prints it. */
interface OracleAnswer {
  readonly error?: string;
  readonly samples: readonly OracleSample[] | null;
}

interface OracleSample {
  readonly labels: readonly [string, string][];
  readonly st: number;
  readonly t: number;
  readonly v: string;
  readonly hist?: { readonly [K in keyof PlainHistogram]: PlainHistogram[K] | null };
  readonly exemplars?: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly v: string;
    readonly t: number;
  }[];
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** Answers to all cases, in their order. */
export function askOracle(program: string, cases: readonly Case[]): PlainAnswer[] {
  const input = cases.map(({ options, request }) => {
    return JSON.stringify({ ...options, body: otlpProtobuf(request).toString('base64') });
  });
  const output = execFileSync(program, { input: input.join('\n'), maxBuffer: 2 ** 30 });
  return output
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { error, samples } = JSON.parse(line) as OracleAnswer;
      if (error?.startsWith('oracle:') === true) throw new Error(error);
      return { isRefused: error !== undefined, samples: (samples ?? []).map(plainSample) };
    });
}

function plainSample(sample: OracleSample): PlainSample {
  const { labels, st, t, v, hist, exemplars = [], type, help, unit } = sample;
  return {
    labels,
    st,
    t,
    v: hist === undefined ? v : '0',
    hist: hist === undefined ? null : hist.sum === STALE ? 'stale' : plainHistogram(hist),
    exemplars: exemplars.map((one) => ({
      labels: Object.entries(one.labels).sort(byFirst),
      v: one.v,
      // The store puts the time of the sample in the place of one that is missing.
      t: one.t === 0 ? t : one.t,
    })),
    metadata: [type, help, unit],
  };
}

function plainHistogram(hist: NonNullable<OracleSample['hist']>): PlainHistogram {
  const { positive, negative, custom, ...rest } = hist;
  return {
    ...(rest as Omit<PlainHistogram, 'positive' | 'negative' | 'custom'>),
    positive: positive ?? [],
    negative: negative ?? [],
    custom: custom ?? [],
  };
}
