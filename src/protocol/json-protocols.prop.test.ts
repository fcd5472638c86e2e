// Hostile bodies of the protocols that send JSON, or protobuf, in one piece.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../test/support/arbitraries.ts';
import {
  type Collected,
  EmptySeriesTable,
  smallSeriesTable,
  takeCollected,
} from '../../test/support/collected.ts';
import { AppError } from '../runtime/error.ts';
import { CollectdJsonDecoder } from './collectd/json.ts';
import {
  type DatadogJsonOptions,
  DatadogV1JsonDecoder,
  DatadogV2JsonDecoder,
} from './datadog/json.ts';
import { DatadogV2ProtobufDecoder } from './datadog/protobuf.ts';
import type { JsonTemplate } from './json-templates.ts';
import { OpentsdbPutDecoder } from './opentsdb/put-json.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { RowCollector } from './row-collector.ts';
import type { SeriesTable } from './series-table.ts';
import type { StreamDecoder } from './stream-decoder.ts';

/** What decoders learn in, of all runs: some meet series that are known, some do not. */
interface Tables {
  readonly names: SeriesTable;
  readonly templates: SeriesTable<JsonTemplate>;
}

const EXACT: Tables = { names: new EmptySeriesTable(), templates: new EmptySeriesTable() };

const datadog = ({ names, templates }: Tables): DatadogJsonOptions => ({
  isSanitized: true,
  seriesTable: names,
  templates,
  now: 1_700_000_000_000,
});

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
  readonly open: (collector: RowCollector, tables: Tables) => StreamDecoder;
  readonly seeds: readonly (string | Uint8Array)[];
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  OpenTSDB: {
    open: (collector, tables) => new OpentsdbPutDecoder(collector, { isStrict: false }, tables),
    seeds: [
      '{"metric":"sys.cpu","timestamp":1700000000,"value":1.5,"tags":{"host":"a"}}',
      '[{"metric":"a","timestamp":1700000000123,"value":"9007199254740993"},{"value":1}]',
      '[{"metric":"a","timestamp":1,"value":2},{"metric":"a","timestamp":1.5,"value":-2e1},{"metric":"a","timestamp":3,"value":0}]',
      ' [ {"tags": {"a": "b\\n", "c": 1}, "value": 5, "timestamp": 17, "metric": "a", "x": [1, 2]} , {"tags":{"a":"b"},"x":[1.0],"value":1,"metric":"a","timestamp":2} ] ',
    ],
  },
  'DataDog 1': {
    open: (collector, tables) => new DatadogV1JsonDecoder(collector, datadog(tables)),
    seeds: [
      '{"series":[{"metric":"a.b","points":[[1700000000,0.5],[1,"2"]],"host":"h","tags":["a:b","c"]}]}',
      '{"series":[{"metric":"a","points":[[0,1],[2,3]],"interval":10},{"metric":"a","points":[[2,-1],[4,5.5]],"interval":9},{"points":[[1,1]],"metric":"a"}]}',
    ],
  },
  'DataDog 2': {
    open: (collector, tables) => new DatadogV2JsonDecoder(collector, datadog(tables)),
    seeds: [
      '{"series":[{"metric":"a","points":[{"timestamp":1700000000,"value":1}],"resources":[{"name":"h","type":"host"}]}]}',
      '{"series":[{"metric":"a","type":3,"points":[{"timestamp":1,"value":1}]},{"metric":"a","type":1,"points":[{"timestamp":2,"value":9007199254740993}]},{"metric":"b","points":[]}]}',
    ],
  },
  'DataDog protobuf': {
    open: (collector, tables) => new DatadogV2ProtobufDecoder(collector, datadog(tables)),
    seeds: [PROTOBUF, Buffer.concat([PROTOBUF, PROTOBUF])],
  },
  collectd: {
    open: (collector, { names }) => new CollectdJsonDecoder(collector, names),
    seeds: [
      '[{"values":[0.5,null],"dstypes":["gauge","derive"],"dsnames":["a","value"],"time":1700000000.123,"host":"h","plugin":"p","plugin_instance":"","type":"t","type_instance":"i"}]',
    ],
  },
};

function decode(
  open: Protocol['open'],
  bytes: Uint8Array,
  tables: Tables,
): Collected & { readonly failure: string | undefined } {
  const collector = new RowCollector();
  const decoder = open(collector, tables);
  let failure: string | undefined;
  try {
    decoder.push(bytes);
    decoder.end();
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).kind).toBe('bad_data');
    failure = (error as AppError).message;
  }
  return { ...takeCollected(collector), failure };
}

describe.each(Object.entries(PROTOCOLS))('%s', (_name, { open, seeds }) => {
  it('decodes or refuses hostile bytes, the same whatever it has seen before', () => {
    const counts = { whole: 0, samples: 0, refused: 0 };
    const learned: Tables = { names: smallSeriesTable(), templates: smallSeriesTable() };
    fc.assert(
      fc.property(hostileBytes(seeds.map((seed) => Buffer.from(seed as string))), (bytes) => {
        const exact = decode(open, bytes, EXACT);
        expect(decode(open, bytes, learned)).toEqual(exact);
        if (exact.failure !== undefined) {
          counts.whole++;
          return;
        }
        counts.samples += exact.samples.length;
        counts.refused += exact.problems.length;
        for (const sample of exact.samples) expect(sample).not.toContain('NaN');
      }),
      FUZZ,
    );
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
  });
});
