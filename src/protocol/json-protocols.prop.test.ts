// Hostile bodies of the protocols that send JSON, or protobuf, in one piece.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../test/support/arbitraries.ts';
import { smallSeriesTable, takeCollected } from '../../test/support/collected.ts';
import { AppError } from '../runtime/error.ts';
import { CollectdJsonDecoder } from './collectd/json.ts';
import { DatadogV1JsonDecoder, DatadogV2JsonDecoder } from './datadog/json.ts';
import { DatadogV2ProtobufDecoder } from './datadog/protobuf.ts';
import { OpentsdbPutDecoder } from './opentsdb/put-json.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { RowCollector } from './row-collector.ts';
import type { StreamDecoder } from './stream-decoder.ts';

const seriesTable = smallSeriesTable();
const datadog = { isSanitized: true, seriesTable, now: 1_700_000_000_000 };

const PROTOBUF = ((): Uint8Array => {
  const writer = new ProtobufWriter();
  const series = writer.beginMessage(1);
  writer.string(2, 'system.load.1');
  writer.string(3, 'env:prod');
  const point = writer.beginMessage(4);
  writer.double(1, 0.5);
  writer.uint(2, 1_700_000_000);
  writer.endMessage(point);
  writer.endMessage(series);
  return writer.finish();
})();

interface Protocol {
  readonly open: (collector: RowCollector) => StreamDecoder;
  readonly seeds: readonly (string | Uint8Array)[];
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  OpenTSDB: {
    open: (collector) => new OpentsdbPutDecoder(collector, { isStrict: false }, seriesTable),
    seeds: [
      '{"metric":"sys.cpu","timestamp":1700000000,"value":1.5,"tags":{"host":"a"}}',
      '[{"metric":"a","timestamp":1700000000123,"value":"9007199254740993"},{"value":1}]',
    ],
  },
  'DataDog 1': {
    open: (collector) => new DatadogV1JsonDecoder(collector, datadog),
    seeds: [
      '{"series":[{"metric":"a.b","points":[[1700000000,0.5],[1,"2"]],"host":"h","tags":["a:b","c"]}]}',
    ],
  },
  'DataDog 2': {
    open: (collector) => new DatadogV2JsonDecoder(collector, datadog),
    seeds: [
      '{"series":[{"metric":"a","points":[{"timestamp":1700000000,"value":1}],"resources":[{"name":"h","type":"host"}]}]}',
    ],
  },
  'DataDog protobuf': {
    open: (collector) => new DatadogV2ProtobufDecoder(collector, datadog),
    seeds: [PROTOBUF, Buffer.concat([PROTOBUF, PROTOBUF])],
  },
  collectd: {
    open: (collector) => new CollectdJsonDecoder(collector, seriesTable),
    seeds: [
      '[{"values":[0.5,null],"dstypes":["gauge","derive"],"dsnames":["a","value"],"time":1700000000.123,"host":"h","plugin":"p","plugin_instance":"","type":"t","type_instance":"i"}]',
    ],
  },
};

describe.each(Object.entries(PROTOCOLS))('%s', (_name, { open, seeds }) => {
  it('decodes or refuses hostile bytes', () => {
    const counts = { whole: 0, samples: 0, refused: 0 };
    fc.assert(
      fc.property(hostileBytes(seeds.map((seed) => Buffer.from(seed as string))), (bytes) => {
        const collector = new RowCollector();
        const decoder = open(collector);
        try {
          decoder.push(bytes);
          decoder.end();
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect((error as AppError).kind).toBe('bad_data');
          counts.whole++;
          return;
        }
        const { samples, problems } = takeCollected(collector);
        counts.samples += samples.length;
        counts.refused += problems.length;
        for (const sample of samples) expect(sample).not.toContain('NaN');
      }),
      FUZZ,
    );
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
  });
});
