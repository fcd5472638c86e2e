// Columns in this thread's kernel memory, lent to one querier at a time: what is decoded there can be
// worked on by query kernels without being copied.

import { threadKernel } from '../../codec/thread-kernel.ts';
import { ColumnsBuilder, type HomeColumns } from '../chunk/columns-builder.ts';

/** Rows per set: a series of two years at 15 s. Longer reads continue on the V8 heap. */
const MAX_ROWS = 4 << 20;
/** A thread evaluates one query at a time; more queriers at once read into the V8 heap. */
const MAX_SETS = 2;
const ROW_BYTES = 24;

const free: ColumnsBuilder[] = [];
const homes = new Set<ColumnsBuilder>();

/** Empty columns, to be given back by {@link returnColumns}. */
export function borrowColumns(): ColumnsBuilder {
  const known = free.pop();
  if (known !== undefined) return known;
  if (homes.size === MAX_SETS) return new ColumnsBuilder();
  const made = new ColumnsBuilder(takeHome());
  homes.add(made);
  return made;
}

/** Nobody must use the columns any more. */
export function returnColumns(columns: ColumnsBuilder): void {
  columns.reset();
  if (homes.has(columns)) free.push(columns);
}

function takeHome(): HomeColumns {
  const { buffer, take } = threadKernel();
  // Where address space is short, all sets together take an eighth of what there is.
  const rows = Math.min(MAX_ROWS, Math.floor(buffer.byteLength / (8 * MAX_SETS * ROW_BYTES)));
  const column = (): Float64Array => new Float64Array(buffer, take(rows * 8), rows);
  return { t: column(), v: column(), startT: column() };
}
