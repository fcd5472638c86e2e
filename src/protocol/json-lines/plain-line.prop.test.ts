import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import {
  type Collected,
  smallSeriesTable,
  takeCollected,
} from '../../../test/support/collected.ts';
import { RowCollector } from '../row-collector.ts';
import { JsonLinesDecoder } from './decode.ts';

function decode(bytes: Uint8Array, table = smallSeriesTable()): Collected {
  const collector = new RowCollector();
  const decoder = new JsonLinesDecoder(collector, 500, table);
  decoder.push(bytes);
  decoder.end();
  const { samples, ...rest } = takeCollected(collector);
  // Those of lines that were read the exact way come first.
  return { ...rest, samples: samples.sort() };
}

const LINES = [
  '{"metric":{"__name__":"up","a":"b"},"values":[1,2.5],"timestamps":[1000,2000]}',
  '{"metric":{"__name__":"up","a":"}{:,"},"values":[-1e3],"timestamps":[1700000000123]}\r',
  '{"metric":{"__name__":"ü"},"values":[0,-0,0.25E-2],"timestamps":[0,1,2]}',
  '{"metric":{"__name__":"up","a":"\\"b"},"values":[null,"Infinity"],"timestamps":[1,2]}',
  '{"metric":{},"values":[1],"timestamps":[1]}',
  '{"metric":{"__name__":"up","a":"b"},"timestamps":[1000],"values":[1]}',
  '{"metric":{"__name__":"up","a":"b"},"values":[1],"timestamps":[5],"startTimestamps":[1]}',
  '{"metric":{"__name__":"up","a":"b"},"values":[],"timestamps":[]}',
];

it.each([
  ['01'],
  ['-01'],
  ['+1'],
  ['.5'],
  ['5.'],
  ['1.e5'],
  ['-'],
  ['1e'],
  ['0x1'],
  ['NaN'],
  ['1,'],
  [''],
])('a value %j is as wrong in the short way as in the exact one', (value) => {
  const line = (text: string): string =>
    `{"metric":{"a":"b"},"values":[${text}],"timestamps":[1]}\n`;
  const { samples, problems } = decode(Buffer.from(line('1') + line(value) + line('2')));
  expect(samples).toEqual(['{a="b"} 1 1', '{a="b"} 2 1']);
  expect(problems[0]).toMatch(/^2: /);
});

it('reads any lines the same, whatever it has seen before', () => {
  const known = smallSeriesTable();
  const seeds = LINES.map((line) => Buffer.from(`${line}\n${LINES[0]}\n${line}\n`));
  fc.assert(
    fc.property(hostileBytes(seeds), (bytes) => {
      // A table that is never learned from has no short way.
      const exact = new RowCollector();
      const decoder = new JsonLinesDecoder(exact, 500);
      decoder.push(bytes);
      decoder.end();
      const { samples, ...rest } = takeCollected(exact);
      expect(decode(bytes, known)).toEqual({ ...rest, samples: samples.sort() });
    }),
    FUZZ,
  );
});
