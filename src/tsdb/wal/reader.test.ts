import { describe, expect, test } from 'vitest';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import { randomOf } from '../../runtime/file-image.ts';
import { segmentName } from '../filenames.ts';
import { readLog } from './reader.ts';
import {
  encodeSegmentHeader,
  layOutRecord,
  outlineRecords,
  RECORD_HEADER_BYTES,
  recordBytes,
  SEGMENT_HEADER_BYTES,
  stampRecord,
} from './record.ts';
import { scanSegment } from './segment-scan.ts';
import { isIntact, openInline, readBack, recordOf, WAL } from './wal-fixtures.ts';

const FIRST = `${WAL}/${segmentName(0, 1)}`;

/** A log of `records` records, `perBatch` to a sync, sealed or as a crash leaves it. */
async function logOf(
  records: number,
  { perBatch = 1, sealed = true, segmentBytes = 1 << 20 } = {},
): Promise<FaultyFileSystem> {
  const files = new FaultyFileSystem();
  const log = await openInline(files, { segmentBytes, pump: 'manual' });
  for (let seq = 1; seq <= records; seq++) {
    void log.append(recordOf(seq, 200));
    if (seq % perBatch === 0) log.pump();
  }
  log.pump();
  if (sealed) await log.close();
  return files;
}

/** Reads whatever is intact; throws if a record is wrong. */
function read(files: FaultyFileSystem, fromSeq = 1) {
  const seqs: number[] = [];
  const reports: { isTornTail: boolean; message: string; offset: number }[] = [];
  const contents = readLog(
    files,
    WAL,
    fromSeq,
    (record) => {
      if (!isIntact(record, 200)) throw new Error(`record ${record.commitSeq} is wrong`);
      seqs.push(record.commitSeq);
    },
    (damage) => reports.push(damage),
  );
  return { ...contents, seqs, reports };
}

function replaceBytes(files: FaultyFileSystem, path: string, bytes: Uint8Array): void {
  const fd = files.open(path, 'replace');
  files.write(fd, bytes, 0);
  files.fdatasync(fd);
  files.close(fd);
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test('an empty or missing folder is an empty log', () => {
  const files = new FaultyFileSystem();
  expect(readBack(files)).toMatchObject({ nextSeq: 1, records: 0, segments: [] });
  files.mkdir(WAL);
  expect(readBack(files)).toMatchObject({ nextSeq: 1, records: 0, segments: [] });
});

test('several segments come back in order, with what is needed to truncate them', async () => {
  const files = await logOf(50, { segmentBytes: 1000 });
  const contents = read(files);
  expect(contents.seqs).toEqual(upTo(50));
  expect(contents.nextSeq).toBe(51);
  expect(contents.segments.length).toBeGreaterThan(5);
  for (const [i, segment] of contents.segments.entries()) {
    expect(segment.firstSeq).toBe((contents.segments[i - 1]?.lastSeq ?? 0) + 1);
    expect(segment.bytes).toBe(files.stat(`${WAL}/${segmentName(0, segment.firstSeq)}`)!.size);
  }
  const log = await openInline(files, { firstSeq: 51, segments: contents.segments });
  expect(log.sizeBytes()).toBe(contents.segments.reduce((sum, s) => sum + s.bytes, 0));
  const boundary = contents.segments[2]!;
  await log.truncate(boundary.lastSeq - 1);
  expect(log.oldestSeq()).toBe(boundary.firstSeq);
  await log.truncate(boundary.lastSeq);
  expect(log.oldestSeq()).toBe(boundary.lastSeq + 1);
  expect(read(files).seqs[0]).toBe(boundary.lastSeq + 1);
  await log.truncate(50);
  expect(log.sizeBytes()).toBe(0);
  expect(log.oldestSeq()).toBe(0);
});

test('reading from a later place skips whole segments without opening them', async () => {
  const files = await logOf(50, { segmentBytes: 1000 });
  const before = files.calls.get('size') ?? 0;
  const contents = read(files, 48);
  expect(contents.seqs).toEqual([48, 49, 50]);
  expect(contents.records).toBe(3);
  expect((files.calls.get('size') ?? 0) - before).toBeLessThanOrEqual(2);
  expect(contents.segments).toEqual(read(files).segments);
});

describe('a segment that a crash cut short', () => {
  test('at any byte: all whole records, and only a torn tail to report', async () => {
    const whole = await logOf(6, { sealed: false });
    const bytes = whole.readFile(FIRST);
    let most = -1;
    for (let length = 0; length <= bytes.length; length++) {
      for (const zeros of [0, 700]) {
        const files = new FaultyFileSystem();
        files.mkdir(WAL);
        const torn = new Uint8Array(length + zeros);
        torn.set(bytes.subarray(0, length));
        replaceBytes(files, FIRST, torn);
        const contents = read(files);
        expect(contents.seqs).toEqual(upTo(contents.seqs.length));
        expect(contents.damaged).toEqual([]);
        expect(contents.nextSeq).toBeGreaterThan(contents.seqs.length);
        expect(contents.nextSeq).toBeGreaterThan(1);
        expect(contents.seqs.length).toBeGreaterThanOrEqual(zeros === 0 ? most : 0);
        if (zeros === 0) most = contents.seqs.length;
      }
    }
    expect(most).toBe(6);
  });

  test('the next segment is read nevertheless', async () => {
    const files = await logOf(6, { sealed: false });
    const fd = files.open(FIRST, 'update');
    files.truncate(fd, files.size(fd) - 3);
    files.close(fd);
    const first = read(files);
    expect(first.seqs).toEqual(upTo(5));
    expect(first.reports).toMatchObject([{ isTornTail: true }]);
    const log = await openInline(files, { firstSeq: 7, segments: first.segments });
    await log.append(recordOf(7, 200));
    await log.close();
    expect(read(files).seqs).toEqual([1, 2, 3, 4, 5, 7]);
    expect(read(files).damaged).toEqual([]);
  });

  test('sectors of one unsynced batch that came out of order count for nothing', async () => {
    const files = await logOf(6, { perBatch: 3, sealed: false });
    const bytes = files.readFile(FIRST).slice();
    // The second batch starts behind three records; wipe its first header, the rest stays whole.
    let at = SEGMENT_HEADER_BYTES;
    for (let seq = 1; seq <= 3; seq++) at += bytesOf(seq);
    bytes.fill(0, at, at + RECORD_HEADER_BYTES);
    replaceBytes(files, FIRST, bytes);
    const contents = read(files);
    expect(contents.seqs).toEqual([1, 2, 3]);
    expect(contents.damaged).toEqual([]);
    // Their numbers are not given again all the same.
    expect(contents.nextSeq).toBe(7);
  });
});

function bytesOf(seq: number): number {
  const { rejected, body } = recordOf(seq, 200);
  return recordBytes(rejected.length, body.length);
}

describe('bit rot', () => {
  test.each([true, false])('every bit of a segment (sealed: %s)', async (sealed) => {
    const files = await logOf(4, { sealed });
    const bits = 8 * files.readFile(FIRST).length;
    // The last record of an unsealed segment has no witness: its loss looks like a torn tail.
    const witnessed = sealed ? 4 : 3;
    let silent = 0;
    for (let bit = 0; bit < bits; bit++) {
      files.flipBit(FIRST, bit);
      const contents = read(files);
      const complete = contents.seqs.length === 4;
      if (!complete && contents.reports.length === 0) silent++;
      expect(contents.seqs.length).toBeGreaterThanOrEqual(witnessed - 1);
      const lost = upTo(witnessed).filter((seq) => !contents.seqs.includes(seq));
      if (lost.length > 0) expect(contents.damaged.length).toBe(1);
      files.flipBit(FIRST, bit);
    }
    expect(silent).toBe(0);
    expect(read(files).reports).toEqual([]);
  });

  test('is loud, costs one record, and leaves a copy that truncation does not remove', async () => {
    const files = await logOf(6);
    const victim = [2, 3, 4, 5].find((seq) => recordOf(seq, 200).body.length > 20)!;
    let offset = SEGMENT_HEADER_BYTES;
    for (let seq = 1; seq < victim; seq++) offset += bytesOf(seq);
    files.flipBit(FIRST, 8 * (offset + RECORD_HEADER_BYTES + 5));
    const contents = read(files);
    expect(contents.seqs).toEqual(upTo(6).filter((seq) => seq !== victim));
    expect(contents.damaged).toMatchObject([{ path: FIRST, offset, length: bytesOf(victim) }]);
    expect(contents.damaged[0]!.message).toContain(`commitSeq ${victim}`);
    const log = await openInline(files, { firstSeq: 7, segments: contents.segments });
    await log.truncate(6);
    expect(files.readdir(WAL)).toEqual(['quarantine']);
    expect(files.readdir(`${WAL}/quarantine`)).toEqual([segmentName(0, 1)]);
  });

  test('of the segment header loses nothing', async () => {
    const files = await logOf(6);
    const bytes = files.readFile(FIRST).slice();
    bytes.fill(0xff, 0, SEGMENT_HEADER_BYTES);
    replaceBytes(files, FIRST, bytes);
    const contents = read(files);
    expect(contents.seqs).toEqual(upTo(6));
    expect(contents.damaged).toMatchObject([{ offset: 0, length: SEGMENT_HEADER_BYTES }]);
  });

  test('in many places costs no more than the records there', async () => {
    const files = await logOf(60);
    let at = SEGMENT_HEADER_BYTES;
    const expected: number[] = [];
    for (let seq = 1; seq <= 60; seq++) {
      if (seq % 3 === 0) files.flipBit(FIRST, 8 * (at + 9));
      else expected.push(seq);
      at += bytesOf(seq);
    }
    expect(read(files).seqs).toEqual(expected);
  });

  test('sectors that cannot be read cost the records in them', async () => {
    const files = await logOf(400);
    class BadSector extends FaultyFileSystem {
      override read(fd: number, into: Uint8Array, position: number): number {
        const bad = 8192;
        if (position <= bad && position + into.length > bad) {
          throw Object.assign(new Error('EIO: read'), { code: 'EIO' });
        }
        return super.read(fd, into, position);
      }
    }
    const disk = new BadSector();
    disk.mkdir(WAL);
    replaceBytes(disk, FIRST, files.readFile(FIRST));
    const contents = read(disk);
    expect(contents.damaged.length).toBe(1);
    expect(contents.seqs.length).toBeGreaterThan(300);
    expect(contents.seqs.at(-1)).toBe(400);
  });
});

test('a segment that cannot be opened is reported, and its numbers are not given again', async () => {
  const files = await logOf(6);
  files.failAt({ op: 'open', nth: 1, code: 'EIO', sticky: true, path: FIRST });
  const contents = read(files);
  expect(contents.damaged.length).toBe(1);
  expect(contents.nextSeq).toBeGreaterThan(6);
});

test('a record is valid only where it was written', async () => {
  // A body that holds a whole segment, records and all, as a hostile sender might make it.
  const segment = { firstSeq: 1, segmentId: 77 };
  const inner = recordOf(2, 200);
  const forged = new Uint8Array(recordBytes(inner.rejected.length, inner.body.length));
  layOutRecord(inner, forged, 0);
  stampRecord(forged, segment, SEGMENT_HEADER_BYTES, 0);
  const outer = { ...recordOf(1, 200), body: forged, rejected: new Uint32Array(0) };
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES + recordBytes(0, forged.length));
  bytes.set(encodeSegmentHeader({ ...segment, shard: 0, formatVersion: 1, minReaderVersion: 1 }));
  layOutRecord(outer, bytes, SEGMENT_HEADER_BYTES);
  const record = bytes.subarray(SEGMENT_HEADER_BYTES);
  stampRecord(record, segment, SEGMENT_HEADER_BYTES, 0);
  record[0]! ^= 1;
  const seen: number[] = [];
  scanSegment(bytes, 1, { record: (r) => seen.push(r.commitSeq), damage: () => {} });
  expect(seen).toEqual([]);
  // Nor in a segment with another id or another first number.
  record[0]! ^= 1;
  scanSegment(bytes, 1, { record: (r) => seen.push(r.commitSeq), damage: () => {} });
  expect(seen).toEqual([1]);
  bytes.set(
    encodeSegmentHeader({
      ...segment,
      segmentId: 78,
      shard: 0,
      formatVersion: 1,
      minReaderVersion: 1,
    }),
  );
  scanSegment(bytes, 1, { record: (r) => seen.push(r.commitSeq), damage: () => {} });
  expect(seen).toEqual([1]);
});

test('a segment of a newer format is refused before anything is delivered', async () => {
  const files = await logOf(3);
  const header = encodeSegmentHeader({
    firstSeq: 4,
    segmentId: 9,
    shard: 0,
    formatVersion: 2,
    minReaderVersion: 2,
  });
  replaceBytes(files, `${WAL}/${segmentName(0, 4)}`, header);
  let delivered = 0;
  expect(() => readLog(files, WAL, 1, () => delivered++)).toThrowError(
    expect.objectContaining({ code: 'LOG_NEWER_FORMAT' }),
  );
  expect(delivered).toBe(0);
});

test('errors of the receiver pass through', async () => {
  const files = await logOf(3);
  const fail = (): void => {
    throw new Error('stop');
  };
  expect(() => readLog(files, WAL, 1, fail)).toThrowError('stop');
});

test('fuzz: mutated segments deliver intact records or none', async () => {
  const runs = Number(process.env.FUZZ_RUNS ?? 10_000);
  const seed = Number(process.env.FUZZ_SEED ?? 1);
  const sealed = (await logOf(8)).readFile(FIRST);
  const open = (await logOf(8, { perBatch: 2, sealed: false })).readFile(FIRST);
  const random = randomOf(seed);
  for (let run = 0; run < runs; run++) {
    const bytes = mutate(random() < 0.5 ? sealed : open, random);
    let previous = 0;
    scanSegment(bytes, 1, {
      record: (record) => {
        if (!isIntact(record, 200)) throw new Error(`run ${run}: ${record.commitSeq} is wrong`);
        if (record.commitSeq < previous) throw new Error(`run ${run}: out of order`);
        previous = record.commitSeq;
      },
      damage: (offset, length) => {
        if (offset < 0 || length < 0 || offset + length > bytes.length) {
          throw new Error(`run ${run}: damage outside of the file`);
        }
      },
    });
  }
});

function mutate(original: Uint8Array, random: () => number): Uint8Array {
  let bytes = new Uint8Array(original);
  const below = (n: number): number => Math.floor(random() * n);
  for (let i = 1 + below(4); i > 0; i--) {
    const at = below(bytes.length);
    const kind = below(7);
    if (kind === 0) bytes[at]! ^= 1 << below(8);
    else if (kind === 1) bytes[at] = below(256);
    else if (kind === 2) bytes.fill(below(2) * 255, at, at + below(200));
    else if (kind === 3) bytes = bytes.slice(0, at);
    else if (kind === 4) bytes.copyWithin(at, below(bytes.length), below(bytes.length));
    else if (kind === 5) bytes = splice(bytes.subarray(0, at), original.subarray(below(at + 1)));
    else bytes.set([0xff, 0xff, 0xff, 0xff].slice(0, bytes.length - at), at);
    if (bytes.length === 0) break;
  }
  return bytes;
}

function splice(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

describe('the outline of a segment', () => {
  test('names the records and where their bodies are', async () => {
    const files = await logOf(20);
    const file = files.readFile(FIRST);
    const outline = [...outlineRecords(file)].filter(({ kind }) => kind < 200);
    expect(outline.map(({ commitSeq }) => commitSeq)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    for (const { commitSeq, kind, incarnation, offset, length } of outline) {
      const wanted = recordOf(commitSeq, 200);
      expect({ kind, incarnation }).toEqual({ kind: wanted.kind, incarnation: wanted.incarnation });
      expect(Buffer.from(file.subarray(offset, offset + length)).equals(wanted.body)).toBe(true);
    }
  });

  test('ends where no record can be, and stays inside the file', async () => {
    const file = (await logOf(20)).readFile(FIRST);
    const all = [...outlineRecords(file)];
    for (let end = 0; end < file.length; end += 8) {
      const outline = [...outlineRecords(file.subarray(0, end))];
      expect(outline).toEqual(all.slice(0, outline.length));
      for (const { offset, length } of outline) expect(offset + length).toBeLessThanOrEqual(end);
    }
    // A length that leads far away.
    const damaged = file.slice();
    damaged.fill(0xff, SEGMENT_HEADER_BYTES + 12, SEGMENT_HEADER_BYTES + 20);
    expect([...outlineRecords(damaged)]).toEqual([]);
  });
});
