import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareStrings, type Labels } from '../../model/labels.ts';
import { floatColumns, NO_SAMPLES } from '../../model/sample.ts';
import { DAY_MS } from '../../model/time-range.ts';
import { AppError } from '../../runtime/error.ts';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import { encodeChunks } from '../chunk/chunk.ts';
import { columnsOf, rowsOf, STALE } from '../chunk/samples.arbitrary.ts';
import { PageCache } from './page-cache.ts';
import {
  codec,
  dumpSection,
  dumpSeries,
  identity,
  labelsOf,
  openBytes,
  readSamples,
  type TestSection,
  type TestSeries,
  writePart,
} from './part.fixture.ts';
import { HEADER_BYTES } from './part-format.ts';
import { PartReader } from './part-reader.ts';
import { labelPairsOf, PartWriter } from './part-writer.ts';

const DAY = 20_000;
const START = DAY * DAY_MS;
const NAME = '0000000000000001-0000000000000009-1.part';
const PATH = `/parts/${NAME}`;

function newFileSystem(): FaultyFileSystem {
  const fs = new FaultyFileSystem();
  fs.mkdir('/parts');
  return fs;
}

function counter(n: number, step = 15_000, from = START): TestSeries['samples'] {
  const t = new Float64Array(n).map((_, i) => from + i * step);
  const v = new Float64Array(n).map((_, i) => Math.floor(i * 1.7));
  return floatColumns(t, v);
}

const histogram = {
  kind: 'integer' as const,
  resetHint: 1 as const,
  schema: 2,
  zeroThreshold: 1e-10,
  sum: { high: 0x40100000, low: 7 },
  count: 2n ** 60n + 1n,
  zeroCount: 3n,
  positiveSpans: [{ offset: -2, length: 2 }],
  negativeSpans: [{ offset: 4, length: 1 }],
  customValues: [],
  positiveCounts: [1n, 2n ** 60n],
  negativeCounts: [9n],
};

/** Two days with everything a part can hold. */
const smallPart: readonly TestSection[] = [
  {
    day: DAY,
    series: [
      { labels: labelsOf('__name__=up,job=a'), samples: counter(40) },
      {
        labels: labelsOf('__name__=latency,job=a'),
        samples: columnsOf([
          { t: START + 1, value: histogram, startT: START },
          { t: START + 2, value: { ...histogram, sum: STALE } },
          { t: START + 3, value: STALE },
        ]),
        exemplars: [
          { labels: labelsOf('trace_id=abc'), value: 0.5, t: START + 2 },
          { labels: [], value: Number.POSITIVE_INFINITY, t: START + 3 },
        ],
      },
      {
        labels: labelsOf('__name__=lonely'),
        samples: NO_SAMPLES,
        exemplars: [{ labels: labelsOf('trace_id=x'), value: 1, t: START - 5 }],
      },
    ],
  },
  { day: DAY + 1, series: [{ labels: [], samples: counter(3, 1000, START + DAY_MS) }] },
];

function smallPartBytes(): Uint8Array {
  const fs = newFileSystem();
  writePart(fs, PATH, identity(1, 9), smallPart);
  return fs.readFile(PATH);
}

describe('a part', () => {
  test('gives back what was written', () => {
    const fs = newFileSystem();
    const info = writePart(fs, PATH, identity(1, 9), smallPart);
    const reader = PartReader.open(fs, PATH);
    expect(reader.info).toEqual(info);
    expect(reader.sections.map(dumpSection)).toEqual(smallPart.map((s) => dumpSeries(s.series)));
    const [first] = reader.sections;
    expect(first).toMatchObject({ day: DAY, minT: START - 5, minSeq: 1, maxSeq: 9 });
    expect(first!.info).toMatchObject({
      series: 3,
      samples: 43,
      exemplars: 3,
      bytes: expect.any(Number),
    });
    expect(first!.sampleCount(2)).toBe(40);
    expect(first!.seriesTimeRange(2)).toEqual({ minT: START, maxT: START + 39 * 15_000 });
    expect(first!.seriesTimeRange(1)).toEqual({ minT: Infinity, maxT: -Infinity });
    expect(reader.verify()).toEqual([]);
    reader.close();
    reader.close();
  });

  test('with thousands of series answers every index query as a naive index does', () => {
    const series: TestSeries[] = [];
    for (let i = 0; i < 5000; i++) {
      const shard = i % 7 === 0 ? `,shard=${i % 3}` : '';
      const labels = labelsOf(`__name__=m${i % 50},instance=host-${i},job=j${i % 5}${shard}`);
      series.push({ labels, samples: counter(i % 4 === 0 ? 2 : 30) });
    }
    const fs = newFileSystem();
    writePart(fs, PATH, identity(), [{ day: DAY, series }]);
    const section = PartReader.open(fs, PATH, new PageCache(200_000)).sections[0]!;
    const all = Array.from({ length: section.seriesCount }, (_, id) => section.seriesLabels(id));
    expect(all).toEqual(dumpSeries(series).map((entry) => (entry as TestSeries).labels));
    checkIndex(section, all);
  });

  test('whose pair table names pairs of no series does not tell of them', () => {
    const fs = newFileSystem();
    const writer = new PartWriter(fs, PATH, identity());
    const declared = ['a=1', 'a=2', 'b=1', 'unused=1'].map((pair) => labelsOf(pair));
    writer.beginSection(DAY, labelPairsOf(declared));
    writer.addSeries(labelsOf('a=2,b=1'), encodeChunks(codec, counter(1)));
    writer.endSection();
    writer.finish();
    const section = PartReader.open(fs, PATH).sections[0]!;
    checkIndex(section, [labelsOf('a=2,b=1')]);
    expect([...section.usedPairs()].map(({ id }) => id)).toEqual([1, 2]);
    expect(section.postings('unused', '1')).toEqual(new Uint32Array(0));
    expect(section.postingsOfName('unused')).toEqual(new Uint32Array(0));
  });

  test('of one series over many chunks and pages reads any range', () => {
    const samples = counter(20_000, 4000);
    const fs = newFileSystem();
    const series = [
      { labels: labelsOf('a=1'), samples },
      { labels: labelsOf('a=2'), samples: counter(5) },
    ];
    writePart(fs, PATH, identity(), [{ day: DAY, series }], { maxSamples: 50 });
    const section = PartReader.open(fs, PATH).sections[0]!;
    expect(section.chunkRefs(0, START, START + DAY_MS).length).toBe(400);
    for (const [from, to] of [
      [0, 19_999],
      [49, 50],
      [777, 777],
      [13_000, 13_300],
      [19_999, 30_000],
    ]) {
      const read = readSamples(section, 0, START + from! * 4000, START + to! * 4000);
      expect(rowsOf(read)).toEqual(rowsOf(samples).slice(from, to! + 1));
    }
    expect(readSamples(section, 0, START + 1, START + 3999).length).toBe(0);
  });

  test('compressed is smaller and reads the same', () => {
    const series = Array.from({ length: 300 }, (_, i) => ({
      labels: labelsOf(`__name__=some_metric_total,instance=host-number-${i},zone=${i % 3}`),
      samples: counter(100),
    }));
    const fs = newFileSystem();
    const plain = writePart(fs, PATH, identity(1), [{ day: DAY, series }]);
    const other = PATH.replace('-1.part', '-2.part');
    const cold = writePart(fs, other, identity(1), [{ day: DAY, series }], { compress: true });
    expect(cold.bytes).toBeLessThan(plain.bytes / 2);
    expect(cold.sections[0]!.compressed).toBe(true);
    const reader = PartReader.open(fs, other);
    expect(dumpSection(reader.sections[0]!)).toEqual(dumpSeries(series));
    expect(reader.verify()).toEqual([]);
  });

  test('takes little more than the samples need', () => {
    // 200 counters, 2 hours at 15 s, increments of 0 to 49: what the values alone need is ≈ 0.8 B.
    let random = 1;
    const next = (): number => {
      random = (random * 48_271) % 2_147_483_647;
      return random % 50;
    };
    const series = Array.from({ length: 200 }, (_, i) => {
      const samples = counter(480);
      let total = 0;
      const v = samples.v.map(() => {
        total += next();
        return total;
      });
      return {
        labels: labelsOf(
          `__name__=http_requests_total,code=${200 + (i % 5)},instance=h${i},job=web`,
        ),
        samples: { ...samples, v },
      };
    });
    const info = writePart(newFileSystem(), PATH, identity(), [{ day: DAY, series }]);
    expect(info.bytes / info.sections[0]!.samples).toBeLessThan(0.95);
  });

  test('appears under its name only when it is complete and durable', () => {
    for (let nth = 1; ; nth++) {
      const fs = newFileSystem();
      fs.syncDirectory('/');
      fs.failAt({ op: 'any', nth, code: 'EIO' });
      let failed = false;
      try {
        writePart(fs, PATH, identity(1, 9), smallPart);
      } catch {
        failed = true;
      }
      const after = fs.powerCut(nth);
      if (!failed) expect(PartReader.open(after, PATH).verify()).toEqual([]);
      else if (after.exists(PATH)) expect(PartReader.open(after, PATH).verify()).toEqual([]);
      if (!failed) break;
    }
  });

  test('that is given up leaves nothing behind', () => {
    const fs = newFileSystem();
    const writer = new PartWriter(fs, PATH, identity());
    writer.beginSection(DAY, []);
    writer.abort();
    writer.abort();
    expect(fs.readdir('/parts')).toEqual([]);
  });

  test('refuses series out of order, chunks of another day, undeclared pairs', () => {
    const pairs = labelPairsOf([labelsOf('a=1,b=1'), labelsOf('a=2')]);
    const chunks = encodeChunks(codec, counter(1));
    const check = (use: (writer: PartWriter) => void): void => {
      const writer = new PartWriter(newFileSystem(), PATH, identity());
      writer.beginSection(DAY, pairs);
      expect(() => use(writer)).toThrow();
    };
    check((writer) => {
      writer.addSeries(labelsOf('a=2'), chunks);
      writer.addSeries(labelsOf('a=1'), chunks);
    });
    check((writer) => {
      writer.addSeries(labelsOf('a=2'), chunks);
      writer.addSeries(labelsOf('a=2'), chunks);
    });
    check((writer) => writer.addSeries(labelsOf('a=1'), [...chunks, ...chunks]));
    check((writer) => writer.addSeries(labelsOf('a=1'), encodeChunks(codec, counter(1, 1, 0))));
    check((writer) => writer.addSeries(labelsOf('a=3'), chunks));
    check((writer) => writer.addSeriesByPairs(Uint32Array.of(0, 9), chunks));
    check((writer) => writer.addExemplars(0, []));
    check((writer) => writer.beginSection(DAY, []));
    check((writer) => writer.finish());
  });
});

function checkIndex(section: PartReader['sections'][number], all: readonly Labels[]): void {
  const byPair = new Map<string, number[]>();
  const byName = new Map<string, Set<string>>();
  all.forEach((labels, id) => {
    for (const { name, value } of labels) {
      const key = `${name}=${value}`;
      byPair.set(key, [...(byPair.get(key) ?? []), id]);
      byName.set(name, (byName.get(name) ?? new Set()).add(value));
    }
  });
  expect(section.labelNames()).toEqual([...byName.keys()].sort(compareStrings));
  for (const [name, values] of byName) {
    const sorted = [...values].sort(compareStrings);
    expect(section.labelValues(name)).toEqual(sorted);
    const ids = all.flatMap((labels, id) => (labels.some((l) => l.name === name) ? [id] : []));
    expect([...section.postingsOfName(name)]).toEqual(ids);
    for (const value of sorted) {
      expect([...section.postings(name, value)]).toEqual(byPair.get(`${name}=${value}`));
    }
  }
  expect(section.labelValues('absent')).toEqual([]);
  expect(section.postings(section.labelNames()[0]!, 'absent')).toEqual(new Uint32Array(0));
  expect(section.postings('absent', 'x')).toEqual(new Uint32Array(0));
}

describe('a damaged part', () => {
  const bytes = smallPartBytes();
  const sound = openBytes(bytes, PATH).sections.map(dumpSection);

  /** Reads everything; says whether damage was found. Wrong data and other errors fail the test. */
  function isFound(damaged: Uint8Array, path = PATH): boolean {
    try {
      const reader = openBytes(damaged, path);
      expect(reader.sections.map(dumpSection)).toEqual(sound);
      for (const section of reader.sections) {
        for (const name of section.labelNames()) {
          for (const value of section.labelValues(name)) section.postings(name, value);
        }
      }
      return reader.verify().length > 0;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      expect(error.code).toMatch(/^TSDB_PART_(CORRUPT|NEWER)$/);
      return true;
    }
  }

  test('each byte flipped is found', () => {
    expect(isFound(bytes)).toBe(false);
    const missed: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1 << (at % 8);
      if (!isFound(damaged)) missed.push(at);
    }
    expect(missed).toEqual([]);
  });

  test('cut at each length is found', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => openBytes(bytes.subarray(0, length), PATH)).toThrow(AppError);
    }
    expect(isFound(Buffer.concat([bytes, Buffer.alloc(1)]))).toBe(true);
    expect(isFound(new Uint8Array(bytes.length))).toBe(true);
  });

  test('that another part was renamed to is found', () => {
    expect(isFound(bytes, PATH.replace('-1.part', '-2.part'))).toBe(true);
  });

  test('with a page of another part that fits in its place is found', () => {
    const fs = newFileSystem();
    const other = PATH.replace('-1.part', '-2.part');
    for (const [path, first] of [
      [PATH, 100],
      [other, 101],
    ] as const) {
      const { t } = counter(50);
      const samples = floatColumns(
        t,
        t.map((_, i) => first + i),
      );
      writePart(fs, path, identity(1, 9), [
        { day: DAY, series: [{ labels: labelsOf('a=1'), samples }] },
      ]);
    }
    const mixed = fs.readFile(PATH).slice();
    expect(mixed.length).toBe(fs.readFile(other).length);
    const { page } = openBytes(mixed, PATH).sections[0]!.chunkRefs(0, 0, Infinity)[0]!;
    const from = HEADER_BYTES + page.offset;
    mixed.set(fs.readFile(other).subarray(from, from + page.length), from);
    const section = openBytes(mixed, PATH).sections[0]!;
    expect(() => readSamples(section, 0)).toThrow('checksum');
  });

  test('with two pages of equal length exchanged is found', () => {
    const fs = newFileSystem();
    const series = Array.from({ length: 12 }, (_, i) => {
      const { t } = counter(2000, 15_000, START + i);
      return {
        labels: labelsOf(`instance=${i}`),
        samples: floatColumns(
          t,
          t.map((_, j) => Math.sin(j)),
        ),
      };
    });
    writePart(fs, PATH, identity(1, 9), [{ day: DAY, series }]);
    const whole = fs.readFile(PATH);
    const section = openBytes(whole, PATH).sections[0]!;
    const refs = [...section.series()].map(({ chunks }) => chunks[0]!);
    const first = refs[0]!.page;
    const other = refs.findLast(({ page }) => page.length === first.length)!.page;
    expect(other.offset).toBeGreaterThan(first.offset);
    const mixed = whole.slice();
    const [from, to] = [HEADER_BYTES + first.offset, HEADER_BYTES + other.offset];
    mixed.set(whole.subarray(from, from + first.length), to);
    mixed.set(whole.subarray(to, to + first.length), from);
    const exchanged = openBytes(mixed, PATH).sections[0]!;
    expect(() => readSamples(exchanged, 0)).toThrow('checksum');
  });

  test('of a newer format is told from a damaged one', () => {
    const fs = newFileSystem();
    const header = bytes.slice(0, 28);
    header[10] = 2;
    const newer = bytes.slice();
    newer.set(header);
    new DataView(newer.buffer).setUint32(28, crcOf(header), true);
    expect(() => openBytes(newer, PATH)).toThrow(
      expect.objectContaining({ code: 'TSDB_PART_NEWER' }),
    );
    expect(() => PartReader.open(fs, '/parts/none')).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    );
  });

  test('names every damaged page when verified', () => {
    const fs = newFileSystem();
    const series = Array.from({ length: 3000 }, (_, i) => ({
      labels: labelsOf(`__name__=m,instance=i${i}`),
      samples: counter(120, 15_000 + i),
    }));
    writePart(fs, PATH, identity(1, 9), [{ day: DAY, series }]);
    const damaged = fs.readFile(PATH).slice();
    const { sections } = openBytes(damaged, PATH);
    const pages = new Set([...sections[0]!.series()].map(({ chunks }) => chunks[0]!.page.offset));
    for (const offset of pages) damaged[offset + 100]! ^= 1;
    expect(pages.size).toBeGreaterThan(1);
    expect(openBytes(damaged, PATH).verify().length).toBe(pages.size);
  });
});

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe('format version 1', () => {
  const golden = new URL(`./testdata/${NAME}`, import.meta.url);

  test('is still read', () => {
    const reader = openBytes(readFileSync(golden), PATH);
    expect(reader.sections.map(dumpSection)).toEqual(sound());
    expect(reader.verify()).toEqual([]);
  });

  function sound(): object[] {
    return smallPart.map((section) => dumpSeries(section.series));
  }
});
