// Set operations on posting lists: ascending Uint32Arrays without duplicates. Results are new arrays
// or one of the arguments; arguments are never written to.

const NONE: Uint32Array = new Uint32Array(0);

/** Lists whose lengths differ by more than this factor are intersected by galloping. */
const GALLOP_RATIO = 8;
/** Elements are sorted by a bitmap where it takes at most this many bits for each. */
const BITS_PER_ELEMENT = 64;

/** Elements of both lists. */
export function intersect(a: Uint32Array, b: Uint32Array): Uint32Array {
  const [small, large] = a.length <= b.length ? [a, b] : [b, a];
  if (small.length === 0) return NONE;
  const out = new Uint32Array(small.length);
  const gallops = large.length > small.length * GALLOP_RATIO;
  const n = gallops ? intersectGalloping(small, large, out) : intersectLinear(small, large, out);
  return n === out.length ? out : out.slice(0, n);
}

/** Elements of all lists, smallest list first; undefined for no lists at all. */
export function intersectAll(lists: readonly Uint32Array[]): Uint32Array | undefined {
  const bySize = [...lists].sort((a, b) => a.length - b.length);
  let result = bySize[0];
  for (let i = 1; i < bySize.length && result!.length > 0; i++) {
    result = intersect(result!, bySize[i]!);
  }
  return result;
}

/** True if the lists have an element in common. */
export function intersects(a: Uint32Array, b: Uint32Array): boolean {
  const [small, large] = a.length <= b.length ? [a, b] : [b, a];
  let at = 0;
  for (let i = 0; i < small.length; i++) {
    at = gallop(large, small[i]!, at);
    if (at === large.length) return false;
    if (large[at] === small[i]) return true;
  }
  return false;
}

/** Elements of `a` that are not in `b`. */
export function difference(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0 || b.length === 0) return a;
  const out = new Uint32Array(a.length);
  const gallops = b.length > a.length * GALLOP_RATIO;
  let n = 0;
  let at = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    if (gallops) at = gallop(b, x, at);
    else while (at < b.length && b[at]! < x) at++;
    if (b[at] !== x) out[n++] = x;
  }
  return n === a.length ? a : out.slice(0, n);
}

/** Elements of any of the lists. */
export function union(lists: readonly Uint32Array[]): Uint32Array {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length === 0) return NONE;
  if (filled.length === 1) return filled[0]!;
  if (filled.length === 2) return mergeTwo(filled[0]!, filled[1]!);
  let total = 0;
  for (const list of filled) total += list.length;
  const all = new Uint32Array(total);
  let at = 0;
  for (const list of filled) {
    all.set(list, at);
    at += list.length;
  }
  return sortDistinct(all);
}

/** The distinct elements of an array in any order, ascending. The array may be reordered. */
export function sortDistinct(all: Uint32Array): Uint32Array {
  if (all.length === 0) return NONE;
  let min = 0xffff_ffff;
  let max = 0;
  for (let i = 0; i < all.length; i++) {
    const x = all[i]!;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  const span = max - min + 1;
  if (span <= all.length * BITS_PER_ELEMENT) return distinctByBitmap(all, min, span);
  all.sort();
  let kept = 1;
  for (let i = 1; i < all.length; i++) if (all[i] !== all[i - 1]) all[kept++] = all[i]!;
  return all.slice(0, kept);
}

function intersectLinear(a: Uint32Array, b: Uint32Array, out: Uint32Array): number {
  let n = 0;
  let j = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    while (j < b.length && b[j]! < x) j++;
    if (j === b.length) break;
    if (b[j] === x) out[n++] = x;
  }
  return n;
}

function intersectGalloping(small: Uint32Array, large: Uint32Array, out: Uint32Array): number {
  let n = 0;
  let at = 0;
  for (let i = 0; i < small.length; i++) {
    const x = small[i]!;
    at = gallop(large, x, at);
    if (at === large.length) break;
    if (large[at] === x) out[n++] = x;
  }
  return n;
}

/** Index of the first element ≥ `x` at or after `from`, by doubling steps, then halving. */
function gallop(list: Uint32Array, x: number, from: number): number {
  if (from >= list.length || list[from]! >= x) return from;
  let step = 1;
  let low = from;
  while (low + step < list.length && list[low + step]! < x) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, list.length);
  // list[low] < x; everything from `high` on is ≥ x
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < x) low = middle;
    else high = middle;
  }
  return high;
}

function mergeTwo(a: Uint32Array, b: Uint32Array): Uint32Array {
  const out = new Uint32Array(a.length + b.length);
  let n = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = a[i]!;
    const y = b[j]!;
    out[n++] = x < y ? x : y;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  const rest = i < a.length ? a.subarray(i) : b.subarray(j);
  out.set(rest, n);
  n += rest.length;
  return n === out.length ? out : out.slice(0, n);
}

function distinctByBitmap(all: Uint32Array, min: number, span: number): Uint32Array {
  const bits = new Uint32Array(Math.ceil(span / 32));
  for (let i = 0; i < all.length; i++) {
    const bit = all[i]! - min;
    bits[bit >>> 5]! |= 1 << (bit & 31);
  }
  let n = 0;
  for (let w = 0; w < bits.length; w++) n += popCount(bits[w]!);
  const out = new Uint32Array(n);
  let at = 0;
  for (let w = 0; w < bits.length; w++) {
    for (let word = bits[w]!; word !== 0; word &= word - 1) {
      out[at++] = min + w * 32 + (31 - Math.clz32(word & -word));
    }
  }
  return out;
}

function popCount(word: number): number {
  let w = word - ((word >>> 1) & 0x55555555);
  w = (w & 0x33333333) + ((w >>> 2) & 0x33333333);
  return Math.imul((w + (w >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
