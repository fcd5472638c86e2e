// Sorts series by their labels: label by label from the first on, by the ranks of the label pairs.

import { releaseBytes } from '../../runtime/release.ts';

/** Segments up to this length are sorted by insertion. */
const SHORT = 24;
/** A sort key is a rank and a position in one float64; both must fit its 53 bits. */
const POSITIONS = 2 ** 24;

/**
 * The refs in the order of their labels. The pair ids of a series end at `ends[ref]` in `pairs` and
 * start where the ones before end; `ranks` orders pairs by name, then value. At most 2^24 refs.
 */
export function sortSeries(
  refs: Uint32Array,
  ends: Uint32Array,
  pairs: Uint32Array,
  ranks: Uint32Array,
): Uint32Array {
  const sorted = refs.slice();
  const keys = new Float64Array(refs.length);
  const scratch = new Uint32Array(refs.length);
  // Segments of series whose labels before `depth` are equal: from, end, depth.
  const open: number[] = [0, refs.length, 0];
  while (open.length > 0) {
    const depth = open.pop()!;
    const end = open.pop()!;
    const from = open.pop()!;
    let isSorted = true;
    for (let i = from; i < end; i++) {
      const ref = sorted[i]!;
      const at = (ref === 0 ? 0 : ends[ref - 1]!) + depth;
      // A series that has no more labels comes first.
      keys[i] = at < ends[ref]! ? ranks[pairs[at]!]! + 1 : 0;
      if (i > from && keys[i]! < keys[i - 1]!) isSorted = false;
    }
    if (!isSorted) {
      if (end - from <= SHORT) insertionSort(sorted, keys, from, end);
      else sortByKeys(sorted, keys, scratch, from, end);
    }
    for (let i = from; i < end; ) {
      let next = i + 1;
      while (next < end && keys[next] === keys[i]) next++;
      if (next - i > 1 && keys[i] !== 0) open.push(i, next, depth + 1);
      i = next;
    }
  }
  releaseBytes(keys);
  releaseBytes(scratch);
  return sorted;
}

function insertionSort(sorted: Uint32Array, keys: Float64Array, from: number, end: number): void {
  for (let i = from + 1; i < end; i++) {
    const key = keys[i]!;
    const ref = sorted[i]!;
    let k = i;
    for (; k > from && keys[k - 1]! > key; k--) {
      keys[k] = keys[k - 1]!;
      sorted[k] = sorted[k - 1]!;
    }
    keys[k] = key;
    sorted[k] = ref;
  }
}

function sortByKeys(
  sorted: Uint32Array,
  keys: Float64Array,
  scratch: Uint32Array,
  from: number,
  end: number,
): void {
  for (let i = from; i < end; i++) {
    scratch[i] = sorted[i]!;
    keys[i] = keys[i]! * POSITIONS + i;
  }
  keys.subarray(from, end).sort();
  for (let i = from; i < end; i++) {
    const key = Math.floor(keys[i]! / POSITIONS);
    sorted[i] = scratch[keys[i]! - key * POSITIONS]!;
    keys[i] = key;
  }
}
