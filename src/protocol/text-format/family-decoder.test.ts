import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import { printLabels } from '../../model/labels.ts';
import { AppError } from '../../runtime/error.ts';
import type { BatchSeries, WriteBatch } from '../../storage/interface.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { type CollectedProblems, RowCollector } from '../row-collector.ts';
import { FamilyDecoder } from './family-decoder.ts';

const NOW = 1_700_000_000_000;
const START = NOW - 5000;
const MAX_BYTES = 1000;

type Write = (writer: ProtobufWriter) => void;

const message = (writer: ProtobufWriter, field: number, write: Write): void => {
  const start = writer.beginMessage(field);
  write(writer);
  writer.endMessage(start);
};
const label = (writer: ProtobufWriter, field: number, name: string, value: string): void =>
  message(writer, field, (w) => {
    w.string(1, name);
    w.string(2, value);
  });
/** As a google.protobuf.Timestamp. */
const time = (writer: ProtobufWriter, field: number, t: number): void =>
  message(writer, field, (w) => {
    w.int64(1, Math.floor(t / 1000));
    w.int64(2, (t % 1000) * 1e6 + 999_999);
  });
const exemplar = (writer: ProtobufWriter, field: number, value: number): void =>
  message(writer, field, (w) => {
    label(w, 1, 'trace_id', 'x');
    w.double(2, value);
    time(w, 3, NOW);
  });

/** A family of one metric, with its length before it. */
function family(name: string, type: number, write: Write, t?: number): Buffer {
  const writer = new ProtobufWriter();
  if (name !== '') writer.string(1, name);
  writer.string(2, 'Help.');
  writer.uint(3, type);
  message(writer, 4, (w) => {
    label(w, 1, 'a', 'b');
    write(w);
    if (t !== undefined) w.int64(6, t);
  });
  const body = writer.finish();
  const length = [];
  let rest = body.length;
  for (; rest >= 0x80; rest >>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Uint8Array.of(...length, rest), body]);
}

interface Decoded extends WriteBatch, CollectedProblems {
  /** `series value time`, with what there is of a start time. */
  readonly texts: string[];
}

function decode(bytes: Uint8Array, pieceBytes = bytes.length): Decoded {
  const collector = new RowCollector();
  const decoder = new FamilyDecoder(collector, { now: NOW, maxMessageBytes: MAX_BYTES });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    decoder.push(bytes.subarray(at, at + pieceBytes));
  }
  decoder.end();
  const batch = collector.take();
  const texts = batch.series.map(textOf);
  for (let i = 0; i < (batch.rows?.length ?? 0); i++) {
    const { series, t, v } = batch.rows!;
    texts.push(`${printLabels(series[i]!.labels)} ${v[i]} ${t[i]! - NOW}`);
  }
  return { ...batch, ...collector.takeProblems(), texts };
}

function textOf({ labels, samples: { t, v, startT, histograms } }: BatchSeries): string {
  const start = startT === undefined ? '' : ` since ${startT[0]! - NOW}`;
  return `${printLabels(labels)} ${histograms?.[0] ? 'histogram' : v[0]} ${t[0]! - NOW}${start}`;
}

const gauge = family('g', 1, (w) => message(w, 2, (v) => v.double(1, 1.5)));
const counter = family('c_total', 0, (w) =>
  message(w, 3, (v) => {
    v.double(1, 7);
    exemplar(v, 2, 0.5);
    time(v, 3, START);
  }),
);
const summary = family('s', 2, (w) =>
  message(w, 4, (v) => {
    v.uint64(1, 3n);
    v.double(2, 4.5);
    message(v, 3, (q) => {
      q.double(1, 0.99);
      q.double(2, 2);
    });
  }),
);
const classic = family('h', 4, (w) =>
  message(w, 7, (v) => {
    v.uint64(1, 3n);
    v.double(2, 4.5);
    for (const [bound, count] of [
      [0.5, 1n],
      [1e6, 2n],
    ] as const) {
      message(v, 3, (b) => {
        b.uint64(1, count);
        b.double(2, bound);
      });
    }
  }),
);
const native = family('n', 4, (w) =>
  message(w, 7, (v) => {
    v.uint64(1, 4n);
    v.double(2, 9);
    v.sint32(5, 3);
    v.double(6, 1e-9);
    v.uint64(7, 1n);
    message(v, 12, (span) => {
      span.sint32(1, -2);
      span.uint(2, 2);
    });
    v.sint64List(13, [2n, -1n]);
    exemplar(v, 16, 3);
    time(v, 15, START);
  }),
);

describe('a family', () => {
  it('of a gauge has the time of the push, or its own', () => {
    expect(decode(gauge)).toMatchObject({
      texts: ['g{a="b"} 1.5 0'],
      metadata: [{ metric: 'g', type: 'gauge', help: 'Help.', unit: '' }],
      badLines: 0,
    });
    const timed = family('g', 1, (w) => message(w, 2, (v) => v.double(1, 1)), NOW - 7);
    expect(decode(timed).texts).toEqual(['g{a="b"} 1 -7']);
  });

  it('of a counter keeps start time and exemplar', () => {
    const { texts, series } = decode(counter);
    expect(texts).toEqual(['c_total{a="b"} 7 0 since -5000']);
    expect(series[0]!.exemplars).toEqual([
      { labels: [{ name: 'trace_id', value: 'x' }], value: 0.5, t: NOW },
    ]);
  });

  it('of a summary or a classic histogram becomes the series of the text format', () => {
    expect(decode(summary).texts).toEqual([
      's{a="b", quantile="0.99"} 2 0',
      's_sum{a="b"} 4.5 0',
      's_count{a="b"} 3 0',
    ]);
    expect(decode(classic).texts).toEqual([
      'h_bucket{a="b", le="0.5"} 1 0',
      'h_bucket{a="b", le="1e+06"} 2 0',
      'h_bucket{a="b", le="+Inf"} 3 0',
      'h_sum{a="b"} 4.5 0',
      'h_count{a="b"} 3 0',
    ]);
  });

  it('of a native histogram stays one', () => {
    const { texts, series } = decode(native);
    expect(texts).toEqual(['n{a="b"} histogram 0 since -5000']);
    expect(series[0]!.exemplars).toHaveLength(1);
    expect(series[0]!.samples.histograms![0]).toMatchObject({
      kind: 'integer',
      count: 4n,
      zeroCount: 1n,
      schema: 3,
      zeroThreshold: 1e-9,
      positiveSpans: [{ offset: -2, length: 2 }],
      positiveCounts: [2n, 1n],
    });
  });

  it('of a native histogram without observations has no spans', () => {
    const bare = family('n', 4, (w) =>
      message(w, 7, (v) => {
        v.sint32(5, 3);
        message(v, 12, (span) => {
          span.sint32(1, 0);
          span.uint(2, 0);
        });
      }),
    );
    expect(decode(bare).series[0]!.samples.histograms![0]).toMatchObject({
      count: 0n,
      positiveSpans: [],
    });
  });

  it.each<[string, Buffer, string]>([
    [
      'without a name',
      family('', 1, (w) => message(w, 2, (v) => v.double(1, 1))),
      'no metric name',
    ],
    ['without a value', family('x', 1, () => {}), 'x: a metric without a value'],
    [
      'with a text that is none',
      family('x', 1, (w) => {
        message(w, 1, (pair) => pair.bytes(2, Uint8Array.of(0xff)));
        message(w, 2, (v) => v.double(1, 1));
      }),
      'not valid UTF-8',
    ],
  ])('%s is refused alone', (_, bad, problem) => {
    const { texts, listed } = decode(Buffer.concat([gauge, bad, gauge]));
    expect(texts).toEqual(['g{a="b"} 1.5 0', 'g{a="b"} 1.5 0']);
    expect(listed).toEqual([{ line: 2, message: problem }]);
  });
});

describe('a body', () => {
  it.each([
    ['that breaks off', gauge.subarray(0, -1), 'the body ends inside a message'],
    ['that is no protobuf', Buffer.from('nonsense'), 'ends inside a message'],
    ['whose message is too long', Buffer.from([0xff, 0xff, 0x03]), 'longer than 1000 bytes'],
    ['whose length has no end', Buffer.alloc(20, 0xff), 'longer than 1000 bytes'],
  ])('%s is refused', (_, bytes, why) => {
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: 'PROTOBUF_MALFORMED' }));
    expect(() => decode(bytes)).toThrow(why);
  });
});

it('reads any bytes the same in pieces of any size, or refuses them', () => {
  const all = Buffer.concat([gauge, counter, summary, classic, native]);
  const attempt = (bytes: Uint8Array, pieceBytes?: number): unknown => {
    try {
      return decode(bytes, pieceBytes);
    } catch (error) {
      if (error instanceof AppError) return error.code;
      throw error;
    }
  };
  fc.assert(
    fc.property(
      hostileBytes([gauge, counter, summary, classic, native, all]),
      fc.integer({ min: 1, max: 40 }),
      (bytes, pieceBytes) => {
        expect(attempt(bytes, pieceBytes)).toEqual(attempt(bytes));
      },
    ),
    FUZZ,
  );
});
