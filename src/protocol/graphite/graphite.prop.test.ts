import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import {
  type Collected,
  smallSeriesTable,
  takeCollected,
} from '../../../test/support/collected.ts';
import { RowCollector } from '../row-collector.ts';
import type { StreamDecoder } from '../stream-decoder.ts';
import type { GraphiteOptions } from './options.ts';
import { GraphitePickleDecoder } from './pickle.ts';
import { GraphitePlaintextDecoder } from './plaintext.ts';

const PICKLES = JSON.parse(
  readFileSync(new URL('./testdata/pickles.json', import.meta.url), 'utf8'),
) as { readonly name: string; readonly hex: string }[];

const NOW = 1_700_000_000_000;

type Open = (collector: RowCollector, options: GraphiteOptions) => StreamDecoder;

const plaintext: Open = (collector, options) => {
  return new GraphitePlaintextDecoder(collector, 200, options);
};
const pickle: Open = (collector, options) => new GraphitePickleDecoder(collector, 1000, options);

/** Of all runs: some meet series that are known, some do not. */
const seriesTable = smallSeriesTable();

function decode(open: Open, bytes: Uint8Array, pieceBytes: number): Collected {
  const collector = new RowCollector();
  const decoder = open(collector, {
    isSanitized: false,
    seriesTable,
    now: () => NOW,
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    decoder.push(bytes.subarray(at, at + pieceBytes));
  }
  decoder.end();
  return takeCollected(collector);
}

const LINES = [
  'a.b.c 1.5 1700000000\na.b.c 2.5 1700000060\r\na.b.c 3 -1\na.b.c 4\n',
  'load;host=web-1;dc=eu 0.25 1700000000.5\nload;host=web-1;dc=eu 1e-3 1700000001\n',
  'a b\t;c=d  e 9007199254740993 1700000000123\na nan N\n\n',
].map((text) => Buffer.from(text));

it('reads hostile lines the same in pieces of any size', () => {
  let samples = 0;
  fc.assert(
    fc.property(
      fc.array(hostileBytes(LINES), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 80 }),
      (parts, pieceBytes) => {
        const bytes = Buffer.concat(parts);
        const whole = decode(plaintext, bytes, bytes.length + 1);
        expect(decode(plaintext, bytes, pieceBytes)).toEqual(whole);
        samples += whole.samples.length;
      },
    ),
    FUZZ,
  );
  expect(samples).toBeGreaterThan(FUZZ.numRuns / 10);
});

it('reads a plain line in one pass as it reads it exactly', () => {
  fc.assert(
    fc.property(hostileBytes(LINES), (bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      // A tab before every line keeps it from the one pass and changes nothing.
      const lines = text.split('\n').map((line) => `\t${line}`);
      const slow = Buffer.from(lines.join('\n'), 'latin1');
      expect(decode(plaintext, slow, slow.length + 1)).toEqual(
        decode(plaintext, bytes, bytes.length + 1),
      );
    }),
    FUZZ,
  );
});

const FRAMES = PICKLES.map(({ hex }) => framed(Buffer.from(hex, 'hex')));

function framed(bytes: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + bytes.length);
  frame.writeUInt32BE(bytes.length);
  frame.set(bytes, 4);
  return frame;
}

it('reads or refuses hostile pickles, the same in pieces of any size', () => {
  let samples = 0;
  fc.assert(
    fc.property(
      fc.array(hostileBytes(PICKLES.map(({ hex }) => Buffer.from(hex, 'hex'))), { maxLength: 3 }),
      fc.integer({ min: 1, max: 300 }),
      (pickles, pieceBytes) => {
        const bytes = Buffer.concat(pickles.map(framed));
        const whole = decode(pickle, bytes, bytes.length + 1);
        expect(decode(pickle, bytes, pieceBytes)).toEqual(whole);
        samples += whole.samples.length;
      },
    ),
    FUZZ,
  );
  expect(samples).toBeGreaterThan(FUZZ.numRuns / 10);
});

it('survives frames with broken lengths', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(hostileBytes(FRAMES), { maxLength: 4 }), (frames) => {
      const bytes = Buffer.concat(frames);
      refused += decode(pickle, bytes, bytes.length + 1).problems.length;
    }),
    FUZZ,
  );
  expect(refused).toBeGreaterThan(FUZZ.numRuns / 10);
});
