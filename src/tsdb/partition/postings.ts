// Lists of series ids, ascending. Two forms, the shorter is taken: gaps between ids, or runs of
// neighbours, as series that share a metric name always are.

import { ByteReader, type ByteWriter, malformed } from '../chunk/bytes.ts';

export const PostingsForm = { gaps: 0, runs: 1 } as const;
export type PostingsForm = (typeof PostingsForm)[keyof typeof PostingsForm];

/** Writes strictly ascending ids and says in which form. */
export function encodePostings(ids: Uint32Array, out: ByteWriter): PostingsForm {
  const runs = countRuns(ids);
  // A lone id costs a gap and a length byte in the form of runs.
  if (runs * 2 < ids.length) {
    encodeRuns(ids, out);
    return PostingsForm.runs;
  }
  let next = 0;
  for (let i = 0; i < ids.length; i++) {
    out.varint(ids[i]! - next);
    next = ids[i]! + 1;
  }
  return PostingsForm.gaps;
}

function countRuns(ids: Uint32Array): number {
  let runs = 0;
  let next = -1;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== next) runs++;
    next = ids[i]! + 1;
  }
  return runs;
}

function encodeRuns(ids: Uint32Array, out: ByteWriter): void {
  let next = 0;
  for (let i = 0; i < ids.length; ) {
    const first = ids[i]!;
    let end = i + 1;
    while (end < ids.length && ids[end] === ids[end - 1]! + 1) end++;
    out.varint(first - next);
    out.varint(end - i - 1);
    next = ids[end - 1]! + 1;
    i = end;
  }
}

/** Reads `count` ids, all below `limit`; throws TSDB_MALFORMED. */
export function decodePostings(
  bytes: Uint8Array,
  form: number,
  count: number,
  limit: number,
): Uint32Array {
  if (count > limit) throw malformed(`${count} postings of ${limit} series`);
  const ids = new Uint32Array(count);
  const reader = new ByteReader(bytes);
  let next = 0;
  for (let i = 0; i < count; ) {
    next += reader.varint();
    let left = form === PostingsForm.runs ? reader.varint() + 1 : 1;
    if (left > count - i || next + left > limit) throw malformed(`posting ${next} of ${limit}`);
    for (; left > 0; left--) ids[i++] = next++;
  }
  reader.expectEnd();
  return ids;
}
