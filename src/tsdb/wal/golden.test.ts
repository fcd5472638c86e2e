// The format on disk changes only on purpose: see testdata/README.md.

import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import { segmentName } from '../filenames.ts';
import { openInline, readBack, recordOf, WAL } from './wal-fixtures.ts';

const GOLDEN = new URL('./testdata/segment-v1.bin', import.meta.url);
const SEGMENT = `${WAL}/${segmentName(0, 1)}`;

async function write(): Promise<Uint8Array> {
  const files = new FaultyFileSystem();
  const log = await openInline(files, {
    newSegmentId: () => 0x1234_5678_9abc,
    clock: { now: () => 1_700_000_000_000, monotonic: () => 0 },
  });
  for (let seq = 1; seq <= 5; seq++) await log.append(recordOf(seq));
  await log.close();
  return files.readFile(SEGMENT);
}

test('version 1 is read', () => {
  const files = new FaultyFileSystem();
  files.mkdir(WAL);
  const fd = files.open(SEGMENT, 'create');
  files.write(fd, fs.readFileSync(GOLDEN), 0);
  files.close(fd);
  const contents = readBack(files);
  expect(contents.seqs).toEqual([1, 2, 3, 4, 5]);
  expect(contents.reports).toEqual([]);
});

test('version 1 is written', async () => {
  const bytes = await write();
  if (process.env.UPDATE_GOLDEN === '1') fs.writeFileSync(GOLDEN, bytes);
  expect(Buffer.from(bytes).equals(fs.readFileSync(GOLDEN))).toBe(true);
});
