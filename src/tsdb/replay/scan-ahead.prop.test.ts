// Whatever is scanned ahead, bodies must replay to what they replay to without it: the same series, times and bits, the
// same histograms, exemplars and metadata, the same errors.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printLabels } from '../../model/labels.ts';
import { errorMessage } from '../../runtime/error.ts';
import { SeriesRegistry } from '../index/series-registry.ts';
import { mutate, mutation } from '../ingest/scanner.arbitrary.ts';
import {
  bytesOf,
  labels,
  message,
  metadata,
  sample,
  series,
  snappy,
} from '../ingest/scanner-testing.ts';
import { TimeJudge } from '../ingest/time-judge.ts';
import { WritePath } from '../ingest/write-path.ts';
import { FakeClock, NOW } from '../testing/engine-model.ts';
import { RecordKind } from '../wal/record.ts';
import { inlineScanThread, LIMITS, placeBodies } from './replay-testing.ts';
import { ScanAhead } from './scan-ahead.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 10_000) / 20;
const seed = Number(process.env.FUZZ_SEED ?? 1);
/** In ms; a run takes some 10 ms. */
const timeout = 60_000 + runs * 50;

/** Series that share beginnings. */
const LABELS = [
  labels({ __name__: 'up' }),
  labels({ __name__: 'up', job: 'a' }),
  labels({ __name__: 'up', job: 'b' }),
  labels({ __name__: 'up', job: 'a', pod: 'p' }),
  labels({ job: 'a', __name__: 'up' }),
];
/** Labels that are refused, and none. */
const REFUSED = [bytesOf(labels({ __name__: 'up', job: 'a' }), labels({ job: 'b' })), bytesOf()];
const EXEMPLAR = message(3, labels({ trace: 'x' }));

const someSample = fc
  .tuple(
    fc.integer({ min: NOW - 1_000_000, max: NOW }),
    fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constant(0x7ff0000000000002n)),
  )
  .map(([t, v]) => sample(t, v));
const someSeries = fc
  .tuple(
    fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(...LABELS) },
      { weight: 1, arbitrary: fc.constantFrom(...REFUSED) },
    ),
    fc.array(someSample, { minLength: 1, maxLength: 3 }),
    fc.oneof({ weight: 40, arbitrary: fc.constant([]) }, fc.constant([EXEMPLAR])),
  )
  .map(([own, samples, more]) => series(own, ...samples, ...more));
const someField = fc.oneof(
  { weight: 40, arbitrary: someSeries },
  { weight: 1, arbitrary: fc.constant(metadata('up')) },
);
const someBody = fc
  .tuple(
    fc.array(someField, { maxLength: 4 }).map((fields) => snappy(bytesOf(...fields))),
    fc.oneof({ weight: 20, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: mutation }),
  )
  .map(([body, change]) => (change === undefined ? body : mutate(body, change)));
const someRecord = fc.record({
  dbId: fc.constantFrom(1, 1, 2),
  body: someBody,
  /** Its checksum is wrong, or its database has it. */
  isPassedOver: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  /** Not handed to the thread. */
  isUnlisted: fc.oneof({ weight: 20, arbitrary: fc.constant(false) }, fc.constant(true)),
  isRenewed: fc.oneof({ weight: 40, arbitrary: fc.constant(false) }, fc.constant(true)),
});
const someSegments = fc.array(fc.array(someRecord, { minLength: 20, maxLength: 60 }), {
  minLength: 1,
  maxLength: 4,
});

function newPath(): WritePath {
  const judge = new TimeJudge(new FakeClock());
  return new WritePath(LIMITS, judge, new SeriesRegistry(), {
    alias: { maxEntries: 1000, maxKeyBytes: 100_000 },
  });
}

/** What a body comes to, in a form that depends on no ref. */
function outcome(path: WritePath, dbId: number, body: Uint8Array, ahead?: ScanAhead): unknown {
  try {
    const columns = path.replay(dbId, RecordKind.remoteWrite1, body, ahead);
    const nameOf = (ref: number): string => printLabels(path.registry.labels(ref));
    const { rows, refs, t, v, extras } = columns;
    const plain = {
      series: Array.from(refs.subarray(0, rows), nameOf),
      t: [...t.subarray(0, rows)],
      v: Buffer.from(v.buffer, 0, rows * 8).toString('hex'),
      extras: extras.map((op) => ({ ...op, ref: nameOf(op.ref) })),
      metadata: [...columns.metadata],
    };
    path.recycle(columns);
    return plain;
  } catch (error) {
    return errorMessage(error);
  }
}

test('bodies scanned ahead replay to the same', { timeout }, () => {
  let taken = 0;
  fc.assert(
    fc.property(someSegments, (segments) => {
      const ahead = new ScanAhead(inlineScanThread());
      const [plain, helped] = [newPath(), newPath()];
      for (const records of segments) {
        const { bytes, places, views } = placeBodies(records);
        ahead.begin(
          bytes,
          places.filter((_, i) => !records[i]!.isUnlisted),
        );
        for (const [i, { dbId, isPassedOver, isRenewed }] of records.entries()) {
          if (isRenewed) for (const path of [plain, helped]) path.useRegistry(new SeriesRegistry());
          if (isPassedOver) continue;
          const wanted = outcome(plain, dbId, records[i]!.body);
          expect(outcome(helped, dbId, views[i]!, ahead)).toEqual(wanted);
        }
        ahead.end();
      }
      taken += ahead.taken;
    }),
    { numRuns: runs, seed },
  );
  expect(taken).toBeGreaterThan(runs);
});
