import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { decodeWriteRequestV2 } from './v2.ts';

type Write = (writer: ProtobufWriter) => void;

function message(write: Write): Uint8Array {
  const writer = new ProtobufWriter();
  write(writer);
  return writer.finish();
}

const SYMBOLS = ['', '__name__', 'up', 'job', 'a', 'help text', 'seconds'];

function request(
  series: readonly Write[],
  symbols: readonly (string | Uint8Array)[] = SYMBOLS,
): Uint8Array {
  return message((w) => {
    for (const symbol of symbols) w.bytes(4, Buffer.from(symbol));
    for (const one of series) w.bytes(5, message(one));
  });
}

const addSample = (w: ProtobufWriter, startT = 0): void => {
  w.bytes(
    2,
    message((s) => {
      s.double(1, 1.5);
      s.int64(2, 1000);
      if (startT !== 0) s.int64(3, startT);
    }),
  );
};

const good: Write = (w) => {
  w.uint32List(1, [1, 2, 3, 4]);
  addSample(w);
};

describe('decodeWriteRequestV2', () => {
  it('resolves symbols, wherever the table stands', () => {
    const labels = [
      { name: '__name__', value: 'up' },
      { name: 'job', value: 'a' },
    ];
    const before = request([good]);
    const after = message((w) => {
      w.bytes(5, message(good));
      for (const symbol of SYMBOLS) w.string(4, symbol);
    });
    expect(decodeWriteRequestV2(before).series).toMatchObject([{ labels, samples: { length: 1 } }]);
    expect(decodeWriteRequestV2(after)).toEqual(decodeWriteRequestV2(before));
  });

  it('keeps start timestamps and takes odd ones for unset', () => {
    const series: Write = (w) => {
      w.uint32List(1, [1, 2]);
      addSample(w);
      addSample(w, 900);
      addSample(w, 2 ** 53);
    };
    const { samples } = decodeWriteRequestV2(request([series])).series[0]!;
    expect([...samples.startT!]).toEqual([0, 900, 0]);
  });

  it('passes over created_timestamp, which was field 6 of a series', () => {
    const series: Write = (w) => {
      good(w);
      w.int64(6, 900);
    };
    const batch = decodeWriteRequestV2(request([series]));
    expect(batch.series).toHaveLength(1);
    expect(batch.series[0]!.samples.startT).toBeUndefined();
  });

  it.each<[string, Write]>([
    ['a reference past the table', (w) => w.uint32List(1, [1, 7])],
    ['an odd number of references', (w) => w.uint32List(1, [1, 2, 3])],
  ])('refuses a series with %s and keeps the others', (_name, refs) => {
    const bad: Write = (w) => {
      refs(w);
      addSample(w);
      addSample(w);
      w.bytes(3, new Uint8Array(0));
      w.bytes(4, new Uint8Array(0));
    };
    const batch = decodeWriteRequestV2(request([bad, good]));
    expect(batch.series).toHaveLength(1);
    expect(batch.rejections).toMatchObject([
      { reason: 'invalid_symbols', samples: 2, histograms: 1, exemplars: 1 },
    ]);
  });

  it('refuses everything if symbol 0 is not the empty string', () => {
    const batch = decodeWriteRequestV2(request([good], ['x', ...SYMBOLS.slice(1)]));
    expect(batch.series).toEqual([]);
    expect(batch.rejections).toMatchObject([{ reason: 'invalid_symbols', samples: 1 }]);
  });

  it('refuses only the series that use a symbol that is not UTF-8', () => {
    const symbols = [...SYMBOLS, Uint8Array.of(0xff)];
    const asName: Write = (w) => {
      w.uint32List(1, [1, 2, 7, 4]);
      addSample(w);
    };
    const asValue: Write = (w) => {
      w.uint32List(1, [1, 2, 3, 7]);
      addSample(w);
    };
    const batch = decodeWriteRequestV2(request([asName, asValue, good], symbols));
    expect(batch.series).toHaveLength(1);
    expect(batch.rejections.map(({ reason }) => reason)).toEqual([
      'invalid_label_name',
      'invalid_label_value',
    ]);
  });

  it('takes metadata by metric name, the last one of each', () => {
    const described = (type: number, help: number, unit: number): Write => {
      const metadata = message((m) => {
        m.uint(1, type);
        m.uint(3, help);
        m.uint(4, unit);
      });
      return (w) => {
        good(w);
        w.bytes(5, metadata);
      };
    };
    const all = [described(1, 0, 0), described(2, 5, 6), described(0, 0, 0), described(3, 99, 0)];
    const batch = decodeWriteRequestV2(request(all));
    expect(batch.series).toHaveLength(4);
    expect(batch.metadata).toEqual([
      { metric: 'up', type: 'gauge', help: 'help text', unit: 'seconds' },
    ]);
  });

  it('refuses only the exemplar that is bad', () => {
    const series: Write = (w) => {
      good(w);
      w.bytes(
        4,
        message((e) => e.uint32List(1, [3, 4])),
      );
      w.bytes(
        4,
        message((e) => e.uint32List(1, [3])),
      );
      w.bytes(
        4,
        message((e) => e.uint32List(1, [3, 70])),
      );
    };
    const batch = decodeWriteRequestV2(request([series]));
    expect(batch.series[0]!.exemplars).toEqual([
      { labels: [{ name: 'job', value: 'a' }], value: 0, t: 0 },
    ]);
    expect(batch.rejections).toMatchObject([{ reason: 'invalid_exemplar', exemplars: 2 }]);
  });

  it('refuses a series that has metadata alone', () => {
    const series: Write = (w) => {
      w.uint32List(1, [1, 2]);
      w.bytes(
        5,
        message((m) => m.uint(1, 1)),
      );
    };
    const batch = decodeWriteRequestV2(request([series]));
    expect(batch.series).toEqual([]);
    expect(batch.metadata).toEqual([]);
    expect(batch.rejections).toMatchObject([{ reason: 'empty_series' }]);
  });

  it('takes references that are not packed', () => {
    const series: Write = (w) => {
      w.uint(1, 1);
      w.uint(1, 2);
      addSample(w);
    };
    expect(decodeWriteRequestV2(request([series])).series[0]!.labels).toEqual([
      { name: '__name__', value: 'up' },
    ]);
  });
});
