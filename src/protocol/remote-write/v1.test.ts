import { describe, expect, it } from 'vitest';
import { isStaleAt, setStaleAt } from '../../model/stale.ts';
import { MAX_TIME, MIN_TIME } from '../../model/time-range.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import {
  decodeMetadataV1,
  decodeTimeSeriesV1,
  decodeWriteRequestV1,
  encodeWriteRequestV1,
} from './v1.ts';

/** Bytes of a message written by hand. */
function message(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter();
  write(writer);
  return writer.finish();
}

function label(name: Uint8Array | string, value: Uint8Array | string): Uint8Array {
  return message((w) => {
    w.bytes(1, Buffer.from(name));
    w.bytes(2, Buffer.from(value));
  });
}

function sample(value: number, t: bigint): Uint8Array {
  return message((w) => {
    w.double(1, value);
    w.uint64(2, t);
  });
}

const UP = label('__name__', 'up');

describe('decodeWriteRequestV1', () => {
  it('reads bytes as Prometheus writes them', () => {
    const bytes = Buffer.from(
      [
        '0a20', // timeseries, 32 bytes
        '0a0e', // labels, 14 bytes
        '0a085f5f6e616d655f5f', // name: __name__
        '12027570', // value: up
        '120c', // samples, 12 bytes
        '09000000000000f83f', // value: 1.5
        '10e807', // timestamp: 1000
        '1a00', // exemplars, empty
      ].join(''),
      'hex',
    );
    const batch = decodeWriteRequestV1(bytes);
    expect(batch.rejections).toEqual([]);
    expect(batch.series).toEqual([
      {
        labels: [{ name: '__name__', value: 'up' }],
        samples: {
          length: 1,
          t: Float64Array.of(1000),
          v: Float64Array.of(1.5),
          startT: undefined,
          histograms: undefined,
        },
        exemplars: [{ labels: [], value: 0, t: 0 }],
      },
    ]);
  });

  it('keeps labels as they come', () => {
    const series = message((w) => {
      w.bytes(1, label('z', ''));
      w.bytes(1, label('a', '1'));
      w.bytes(1, label('a', '2'));
      w.bytes(2, sample(1, 1n));
    });
    const batch = decodeWriteRequestV1(message((w) => w.bytes(1, series)));
    expect(batch.series[0]!.labels).toEqual([
      { name: 'z', value: '' },
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ]);
  });

  it('keeps the stale marker', () => {
    const v = Float64Array.of(0);
    setStaleAt(v, 0);
    const samples = {
      length: 1,
      t: Float64Array.of(5),
      v,
      startT: undefined,
      histograms: undefined,
    };
    const bytes = encodeWriteRequestV1({ series: [{ labels: [], samples, exemplars: [] }] });
    expect(isStaleAt(decodeWriteRequestV1(bytes).series[0]!.samples.v, 0)).toBe(true);
  });

  it('refuses a series with labels that are not UTF-8 and keeps the others', () => {
    const latin = Buffer.from([0x66, 0xfc]);
    const bad = (one: Uint8Array): Uint8Array =>
      message((w) => {
        w.bytes(1, UP);
        w.bytes(1, one);
        w.bytes(2, sample(1, 1n));
        w.bytes(2, sample(2, 2n));
        w.bytes(
          4,
          message((h) => h.uint(15, 3)),
        );
      });
    const good = message((w) => {
      w.bytes(1, UP);
      w.bytes(2, sample(1, 1n));
    });
    const batch = decodeWriteRequestV1(
      message((w) => {
        for (const one of [bad(label(latin, 'x')), bad(label('x', latin)), good]) w.bytes(1, one);
      }),
    );
    expect(batch.series).toHaveLength(1);
    expect(batch.rejections).toMatchObject([
      { reason: 'invalid_label_name', samples: 2, histograms: 1, exemplars: 0 },
      { reason: 'invalid_label_value', samples: 2, histograms: 1, exemplars: 0 },
    ]);
    expect(batch.rejections[0]!.series).toContain('up');
  });

  it('refuses only the samples with impossible times', () => {
    const times = [0n, BigInt(MAX_TIME), BigInt(MAX_TIME) + 1n, 2n ** 63n, BigInt(MIN_TIME)];
    const series = message((w) => {
      w.bytes(1, UP);
      for (const t of times) w.bytes(2, sample(1, t));
    });
    const batch = decodeWriteRequestV1(message((w) => w.bytes(1, series)));
    expect([...batch.series[0]!.samples.t]).toEqual([0, MAX_TIME, MIN_TIME]);
    expect(batch.rejections).toMatchObject([{ reason: 'invalid_timestamp', samples: 2 }]);
  });

  it('says once what is wrong with a series of which nothing is left', () => {
    const series = message((w) => {
      w.bytes(1, UP);
      w.bytes(2, sample(1, 2n ** 62n));
    });
    const batch = decodeWriteRequestV1(message((w) => w.bytes(1, series)));
    expect(batch.series).toEqual([]);
    expect(batch.rejections).toMatchObject([{ reason: 'invalid_timestamp', samples: 1 }]);
  });

  it('refuses a series without samples', () => {
    const batch = decodeWriteRequestV1(
      message((w) =>
        w.bytes(
          1,
          message((s) => s.bytes(1, UP)),
        ),
      ),
    );
    expect(batch.series).toEqual([]);
    expect(batch.rejections).toMatchObject([{ reason: 'empty_series', samples: 0 }]);
  });

  it('lists a bounded number of refusals and counts the rest', () => {
    const bytes = message((w) => {
      for (let i = 0; i < 1000; i++)
        w.bytes(
          1,
          message((s) => s.bytes(2, sample(1, 2n ** 62n))),
        );
    });
    const { rejections } = decodeWriteRequestV1(bytes);
    expect(rejections).toHaveLength(101);
    expect(rejections.reduce((sum, one) => sum + one.samples, 0)).toBe(1000);
  });

  it('reads metadata and passes over what it does not know', () => {
    const metadata = message((w) => {
      w.uint(1, 1);
      w.string(2, 'http_requests');
      w.string(4, 'Requests.');
      w.string(5, 'requests');
      w.string(99, 'new');
    });
    const batch = decodeWriteRequestV1(
      message((w) => {
        w.string(2, 'reserved');
        w.bytes(3, metadata);
        w.bytes(
          3,
          message((m) => m.uint(1, 77)),
        );
      }),
    );
    const want = { metric: 'http_requests', type: 'counter', help: 'Requests.', unit: 'requests' };
    expect(batch.metadata).toEqual([want]);
    expect(decodeMetadataV1(metadata)).toEqual(want);
    expect(decodeMetadataV1(message((m) => m.uint(1, 77))).type).toBe('unknown');
  });

  it('reads from shared memory', () => {
    const bytes = message((w) => {
      const start = w.beginMessage(1);
      w.bytes(1, label('ort', 'Köln'));
      w.bytes(2, sample(1, 1n));
      w.endMessage(start);
    });
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 8), 8, bytes.length);
    shared.set(bytes);
    expect(decodeWriteRequestV1(shared).series[0]!.labels).toEqual([
      { name: 'ort', value: 'Köln' },
    ]);
  });

  it('refuses only the exemplar that is bad', () => {
    const exemplar = (value: Uint8Array): Uint8Array =>
      message((w) => {
        w.bytes(1, label('trace_id', value));
        w.double(2, 3);
      });
    const series = message((w) => {
      w.bytes(1, UP);
      w.bytes(2, sample(1, 1n));
      w.bytes(3, exemplar(Buffer.from('abc')));
      w.bytes(3, exemplar(Buffer.from([0xff])));
    });
    const batch = decodeWriteRequestV1(message((w) => w.bytes(1, series)));
    expect(batch.series[0]!.exemplars).toHaveLength(1);
    expect(batch.rejections).toMatchObject([
      { reason: 'invalid_exemplar', samples: 0, exemplars: 1 },
    ]);
  });
});

describe('decodeTimeSeriesV1', () => {
  const partly = message((w) => {
    w.bytes(1, UP);
    w.bytes(2, sample(1, 1n));
    w.bytes(2, sample(1, 2n ** 62n));
  });

  it('hands refused rows to the callback', () => {
    const reasons: string[] = [];
    const series = decodeTimeSeriesV1(partly, ({ reason }) => reasons.push(reason));
    expect(series).toMatchObject({ samples: { length: 1 } });
    expect(reasons).toEqual(['invalid_timestamp']);
  });

  it('refuses the whole series where nobody would hear of it', () => {
    expect(decodeTimeSeriesV1(partly)).toMatchObject({ reason: 'invalid_timestamp', samples: 2 });
  });
});
