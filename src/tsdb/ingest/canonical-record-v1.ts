// The first version of the canonical record, with its series as JSON and its rows one by one. It is not written any
// more; logs that were written before are read.

import type { Label, Labels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { corruptRecord, RecordReader, readExtras } from './record-reader.ts';
import type { WriteColumns } from './write-columns.ts';

const ROW_BYTES = 28;

/** Decodes what follows the version into `out`; see `decodeCanonicalRecord`. */
export function decodeCanonicalRecordV1(
  reader: RecordReader,
  out: WriteColumns,
  register: (labels: Labels) => number,
): void {
  const seriesBytes = reader.u32();
  const seriesCount = reader.u32();
  const rows = reader.u32();
  const extras = reader.u32();
  const metadataBytes = reader.u32();
  const names = reader.list(seriesBytes) as readonly string[][];
  if (names.length !== seriesCount) throw corruptRecord('series list');
  const refs = names.map((pairs) => register(labelsOf(pairs)));
  const refOf = (number: number): number => {
    const ref = refs[number];
    if (ref === undefined) throw corruptRecord(`series ${number} of ${refs.length}`);
    return ref;
  };
  const rowReader = new RecordReader(reader.take(rows * ROW_BYTES));
  const value = new Float64Array(1);
  const valueBytes = new Uint8Array(value.buffer);
  let nextRow = 0;
  readExtras(reader, extras, rows, out, refOf, (end) => {
    for (; nextRow < end; nextRow++) {
      const ref = refOf(rowReader.u32());
      const t = rowReader.f64();
      const startT = rowReader.f64();
      valueBytes.set(rowReader.take(8));
      out.addFloat(ref, t, value, 0, startT);
    }
  });
  for (const entry of reader.list(metadataBytes) as readonly MetricMetadata[])
    out.metadata.push(entry);
}

function labelsOf(strings: readonly string[]): Labels {
  const labels: Label[] = [];
  for (let i = 0; i + 1 < strings.length; i += 2) {
    labels.push({ name: strings[i]!, value: strings[i + 1]! });
  }
  return labels;
}
