import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bitsOf, FUZZ, hostileBytes, series } from '../../../test/support/arbitraries.ts';
import { normalizeLabels } from '../../model/labels.ts';
import { AppError } from '../../runtime/error.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { ParquetFile } from './decode.ts';
import { Encoding } from './encodings.ts';
import type { ParquetSource } from './source.ts';
import { encodeParquet, sourceOf } from './testing.ts';
import { BOOLEANS, EIGHTS, hybrid, places, plainTexts, TEXTS } from './testing-encodings.ts';
import { parquetFile, type TestColumn, Type } from './testing-file.ts';

/** Comparable, whatever the order of labels. */
function view({ labels, samples, exemplars }: BatchSeries): unknown {
  const sorted = (of: BatchSeries['labels']): unknown[] =>
    of.map(({ name, value }) => JSON.stringify([name, value])).sort();
  return {
    labels: sorted(normalizeLabels(labels)),
    rows: bitsOf(samples),
    exemplars: exemplars.map((one) => ({ ...one, t: one.t + 0, labels: sorted(one.labels) })),
  };
}

/** Neighbours of equal labels come back as one series. */
const distinct = fc
  .array(series, { maxLength: 5 })
  .map((all) =>
    all.map((one, i) => ({ ...one, labels: [...one.labels, { name: 'n', value: String(i) }] })),
  );

it('brings every bit back', async () => {
  await fc.assert(
    fc.asyncProperty(distinct, async (all) => {
      const file = await ParquetFile.open(sourceOf(encodeParquet(all)));
      const found: BatchSeries[] = [];
      for (let group = 0; group < file.groups; group++) {
        const { series: some, problems } = await file.read(group);
        expect(problems).toEqual([]);
        found.push(...some);
      }
      expect(found.map(view)).toEqual(all.map(view));
    }),
    { numRuns: 300, seed: FUZZ.seed },
  );
});

it('writes the same file for the same data', () => {
  const [one, two] = fc.sample(distinct, { numRuns: 2, seed: 5 });
  expect(encodeParquet(one!)).toEqual(encodeParquet(one!));
  expect(encodeParquet(two!)).not.toEqual(encodeParquet(one!));
});

/** Rows of our own in pages of every kind and encoding, none of them compressed. */
function plainPages(): Uint8Array[] {
  const rows = 40;
  const every = Array.from({ length: rows }, (_, i) => i);
  const labels = every.map((i) => `{"__name__":"up","n":"${i >> 3}"}`);
  const times = every.map((i) => BigInt(1_700_000_000_000 + 1000 * i));
  const values = every.map((i) => BigInt(i) << 52n);
  const levels = every.map((i) => Number(i % 5 !== 0));
  const stale = every.map((i) => Number(i % 7 === 0));
  const file = (kind: 'v1' | 'v2', ofEight: number, ofText: number, ofBoolean: number) => {
    const column = (
      name: string,
      type: number,
      encoding: number,
      encode: (from: number, to: number) => readonly number[],
    ): TestColumn => ({
      name,
      type,
      pages: [0, 30].map((from) => {
        const to = from === 0 ? 30 : rows;
        return { kind, rows: to - from, encoding, values: encode(from, to) };
      }),
    });
    const entries = [...new Set(labels)];
    const chosen: TestColumn = {
      name: 'labels',
      type: Type.text,
      pages: [
        {
          kind: 'dictionary',
          rows: entries.length,
          encoding: Encoding.plain,
          values: plainTexts(entries),
        },
        {
          kind,
          rows,
          encoding: Encoding.rleDictionary,
          values: places(
            labels.map((one) => entries.indexOf(one)),
            [2, 0],
          ),
        },
      ],
    };
    const kinds = labels.filter((_, i) => levels[i] === 1).map(() => 'float');
    const optional: TestColumn = {
      name: 'kind',
      type: Type.text,
      isOptional: true,
      pages: [
        {
          kind,
          rows,
          encoding: ofText,
          levels: hybrid(levels, 1, [1, 0]),
          values: TEXTS.get(ofText)!(kinds),
        },
      ],
    };
    const eights = EIGHTS.get(ofEight)!;
    // Doubles have no deltas.
    const ofDouble = ofEight === Encoding.deltaBinaryPacked ? Encoding.byteStreamSplit : ofEight;
    const columns = [
      ofText === Encoding.plain
        ? chosen
        : column('labels', Type.text, ofText, (from, to) =>
            TEXTS.get(ofText)!(labels.slice(from, to)),
          ),
      column('timestamp', Type.int64, ofEight, (from, to) => eights(times.slice(from, to))),
      column('value', Type.double, ofDouble, (from, to) =>
        EIGHTS.get(ofDouble)!(values.slice(from, to)),
      ),
      column('stale', Type.boolean, ofBoolean, (from, to) =>
        BOOLEANS.get(ofBoolean)!(stale.slice(from, to)),
      ),
      optional,
    ];
    return parquetFile(columns, rows);
  };
  return (['v1', 'v2'] as const).flatMap((kind) => [
    file(kind, Encoding.plain, Encoding.plain, Encoding.plain),
    file(kind, Encoding.deltaBinaryPacked, Encoding.deltaLengthByteArray, Encoding.rle),
    file(kind, Encoding.byteStreamSplit, Encoding.deltaByteArray, Encoding.rle),
  ]);
}

/** A few bytes changed in front of the footer, to what means something as a count or a length. */
function hostilePages(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const byte = fc.oneof(fc.constantFrom(0, 1, 2, 3, 0x7f, 0x80, 0xfe, 0xff), fc.nat(255));
  const changes = fc.array(fc.tuple(fc.nat(), byte), { minLength: 1, maxLength: 4 });
  return fc.tuple(fc.constantFrom(...seeds), changes).map(([seed, all]) => {
    const bytes = Uint8Array.from(seed);
    const footer = new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
    const pages = bytes.length - 8 - footer - 4;
    for (const [at, value] of all) bytes[4 + (at % pages)] = value;
    return bytes;
  });
}

/** Reads of one row group: as many as it has columns of ours. */
const MAX_READS = 8;

it('reads or refuses hostile bytes', async () => {
  const seeds = fc
    .sample(distinct, { numRuns: 20, seed: FUZZ.seed })
    .map((all) => encodeParquet(all, [{ metric: 'm', type: 'gauge', help: 'h', unit: '' }]));
  let refused = 0;
  let read = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(hostileBytes(seeds), hostilePages(plainPages())), async (bytes) => {
      const source = sourceOf(bytes);
      let reads = 0;
      const counted: ParquetSource = {
        byteLength: bytes.length,
        slice: (start, end) => {
          reads++;
          if (!(start >= 0 && start <= end && end <= bytes.length)) {
            throw new Error(`bytes ${start} to ${end} are not in the file`);
          }
          return source.slice(start, end);
        },
      };
      try {
        const file = await ParquetFile.open(counted);
        let rows = 0;
        for (let group = 0; group < file.groups; group++) {
          reads = 0;
          const { series: some, problems } = await file.read(group);
          rows += problems.length;
          for (const { samples, exemplars } of some) {
            if (samples.t.length !== samples.length) throw new Error('columns differ in length');
            rows += samples.length + exemplars.length;
          }
          if (reads > MAX_READS) throw new Error(`${reads} reads of one row group`);
        }
        if (rows !== file.rows) throw new Error(`${rows} rows of ${file.rows}`);
        read++;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        refused++;
      }
    }),
    FUZZ,
  );
  expect(refused).toBeGreaterThan(0);
  expect(read).toBeGreaterThan(0);
});
