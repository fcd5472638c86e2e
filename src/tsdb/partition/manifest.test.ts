import { describe, expect, test } from 'vitest';
import { floatColumns } from '../../model/sample.ts';
import { DAY_MS } from '../../model/time-range.ts';
import { AppError } from '../../runtime/error.ts';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import { manifestPath, partName, partsDir, previousManifestPath } from '../filenames.ts';
import {
  type Manifest,
  type ManifestSection,
  newManifest,
  parseManifest,
  printManifest,
  readManifest,
  rebuildManifest,
  writeManifest,
} from './manifest.ts';
import { identity, labelsOf, writePart } from './part.fixture.ts';

const DIR = '/databases/default';

function newFolder(): FaultyFileSystem {
  const fs = new FaultyFileSystem();
  fs.mkdir(partsDir(DIR));
  return fs;
}

function section(minSeq: number, maxSeq: number, n: number): ManifestSection {
  return {
    file: partName(minSeq, maxSeq, n),
    section: 0,
    day: 3,
    minSeq,
    maxSeq,
    minT: 3 * DAY_MS,
    maxT: 3 * DAY_MS + 5,
    series: 1,
    samples: 2,
    bytes: 1000,
    compressed: false,
  };
}

const full: Manifest = {
  ...newManifest('default', 42, 1_700_000_000_000),
  flushedSeq: { 0: 17 },
  sections: [section(1, 9, 1), section(10, 17, 2)],
  tombstones: [
    {
      seq: 12,
      matchers: [{ type: '=~', name: 'job', value: 'a"b|\n\u{1f600}' }],
      minT: -5,
      maxT: 5,
    },
  ],
};

/** A part with one sample at the start of each day. */
function addPart(
  fs: FaultyFileSystem,
  minSeq: number,
  maxSeq: number,
  n: number,
  days = [3],
): string {
  const name = partName(minSeq, maxSeq, n);
  const sections = days.map((day) => ({
    day,
    series: [
      {
        labels: labelsOf('a=1'),
        samples: floatColumns(Float64Array.of(day * DAY_MS), Float64Array.of(1)),
      },
    ],
  }));
  writePart(fs, `${partsDir(DIR)}/${name}`, identity(minSeq, maxSeq), sections);
  return name;
}

describe('a manifest', () => {
  test('comes back as it was written, the last one is kept', () => {
    const fs = newFolder();
    expect(readManifest(fs, DIR)).toBeUndefined();
    const first = newManifest('default', 42, 5);
    writeManifest(fs, DIR, first);
    writeManifest(fs, DIR, full);
    expect(readManifest(fs, DIR)).toEqual({ manifest: full, warnings: [], damagedParts: [] });
    expect(parseManifest('', fs.readFile(previousManifestPath(DIR)))).toEqual(first);
  });

  test('is JSON', () => {
    expect(JSON.parse(printManifest(full))).toMatchObject({
      formatVersion: 1,
      database: 'default',
    });
  });

  test('changed or cut anywhere is found', () => {
    const bytes = Buffer.from(printManifest(full));
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1;
      for (const broken of [damaged, bytes.subarray(0, at)]) {
        expect(() => parseManifest('m', broken)).toThrow(
          expect.objectContaining({ code: 'TSDB_MANIFEST_CORRUPT' }),
        );
      }
    }
  });

  test('of a newer format is not replaced by an older one', () => {
    const fs = newFolder();
    writeManifest(fs, DIR, full);
    writeManifest(fs, DIR, full);
    for (const [from, to] of [
      ['"minReaderVersion": 1', '"minReaderVersion": 2'],
      ['"requiredFeatures": []', '"requiredFeatures": ["x"]'],
    ] as const) {
      const body = printManifest(full).replace(from, to).split('\n"crc32"')[0]!;
      const crc = crcOf(Buffer.from(body)).toString(16).padStart(8, '0');
      const fd = fs.open(manifestPath(DIR), 'replace');
      fs.write(fd, Buffer.from(`${body}\n"crc32": "${crc}"}\n`), 0);
      fs.close(fd);
      expect(() => readManifest(fs, DIR)).toThrow(
        expect.objectContaining({ code: 'TSDB_MANIFEST_NEWER' }),
      );
    }
  });

  test('survives a failure or a power cut at every step: the old one or the new one', () => {
    const first = { ...full, flushedSeq: { 0: 1 } };
    for (let nth = 1; ; nth++) {
      const fs = newFolder();
      writeManifest(fs, DIR, first);
      fs.syncDirectory('/');
      fs.syncDirectory('/databases');
      fs.failAt({ op: 'any', nth, code: 'EIO', sticky: true });
      let failed = false;
      try {
        writeManifest(fs, DIR, full);
      } catch {
        failed = true;
      }
      fs.clearFaults();
      for (const disk of [fs, fs.powerCut(nth)]) {
        const found = readManifest(disk, DIR);
        expect(found?.warnings).toEqual([]);
        if (!failed) expect(found?.manifest).toEqual(full);
        else expect([first, full]).toContainEqual(found?.manifest);
      }
      if (!failed) break;
    }
  });
});

describe('a lost manifest', () => {
  test('is made again from the parts and what the previous one knew', () => {
    const fs = newFolder();
    const old = addPart(fs, 1, 5, 1);
    writeManifest(fs, DIR, { ...full, sections: [] });
    writeManifest(fs, DIR, full);
    const flushed = addPart(fs, 6, 20, 2);
    damage(fs, manifestPath(DIR));
    const found = readManifest(fs, DIR)!;
    expect(found.warnings.length).toBeGreaterThan(0);
    expect(found.manifest.sections.map(({ file }) => file)).toEqual([old, flushed]);
    expect(found.manifest).toMatchObject({
      incarnation: 42,
      created: full.created,
      flushedSeq: { 0: 20 },
      tombstones: full.tombstones,
    });
  });

  test('is made again from the parts alone', () => {
    const fs = newFolder();
    addPart(fs, 1, 5, 1);
    const found = readManifest(fs, DIR)!;
    expect(found.manifest).toMatchObject({ database: 'default', incarnation: 42 });
    expect(found.manifest.sections).toMatchObject([{ section: 0, day: 3, series: 1, samples: 1 }]);
  });

  test('leaves out superseded sections, day by day', () => {
    const fs = newFolder();
    const flush = addPart(fs, 1, 5, 1, [2, 3]);
    addPart(fs, 6, 9, 2, [3]);
    const merged = addPart(fs, 1, 9, 3, [3]);
    addPart(fs, 10, 12, 4, [3]);
    const rewritten = addPart(fs, 10, 12, 11, [3]);
    const { manifest } = rebuildManifest(fs, DIR)!;
    expect(manifest.sections.map(({ file, day }) => [file, day])).toEqual([
      [flush, 2],
      [merged, 3],
      [rewritten, 3],
    ]);
    expect(manifest.flushedSeq).toEqual({ 0: 12 });
  });

  test('leaves out damaged parts and those of others, and says so', () => {
    const fs = newFolder();
    const sound = addPart(fs, 1, 5, 1);
    const damaged = addPart(fs, 6, 9, 2);
    damage(fs, `${partsDir(DIR)}/${damaged}`);
    const previous = newManifest('default', 42, 0);
    const found = rebuildManifest(fs, DIR, previous)!;
    expect(found.manifest.sections.map(({ file }) => file)).toEqual([sound]);
    expect(found.damagedParts).toEqual([damaged]);
    const other = rebuildManifest(fs, DIR, newManifest('default', 43, 0))!;
    expect(other.manifest.sections).toEqual([]);
    expect(other.warnings.length).toBe(3);
  });

  test('is not made up when the disk fails', () => {
    const fs = newFolder();
    writeManifest(fs, DIR, full);
    fs.failAt({ op: 'readFile', nth: 1, code: 'EIO' });
    let caught: unknown;
    try {
      readManifest(fs, DIR);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: 'EIO' });
    expect(caught).not.toBeInstanceOf(AppError);
  });
});

function damage(fs: FaultyFileSystem, path: string): void {
  const fd = fs.open(path, 'update');
  fs.write(fd, Uint8Array.of(0), 20);
  fs.close(fd);
}

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
