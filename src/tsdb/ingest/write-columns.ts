// A prepared write: what one request will add to the head once its log record is durable. Refs are
// resolved, nothing in it can be refused any more. Buffers are pooled: a steady sender allocates nothing.

import type { MetricMetadata } from '../../model/metadata.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { ChangeLog } from '../../storage/change-log.ts';
import type { HeadMemory } from '../head/head-memory.ts';

/** Memory of records up to this size is kept for the next one. */
const MAX_KEPT_RECORD_BYTES = 4 << 20;

/** A histogram or an exemplar: anything that is not a plain float row. */
export interface ExtraOp {
  readonly kind: 'histogram' | 'exemplar';
  /** Number of float rows that come before it in the request. */
  readonly row: number;
  readonly ref: number;
  readonly t: number;
  readonly startT: number;
  readonly payload: Uint8Array;
  readonly isStale: boolean;
}

/** What applying a write did. */
export interface ApplyCounts {
  stored: number;
  duplicates: number;
  outOfOrder: number;
}

export class WriteColumns {
  rows = 0;
  refs: Uint32Array = new Uint32Array(2048);
  t: Float64Array = new Float64Array(2048);
  v: Float64Array = new Float64Array(2048);
  /** Filled only where {@link hasStartT}. */
  startT: Float64Array = new Float64Array(0);
  hasStartT = false;
  /** Bytes of all payloads in `extras`. */
  payloadBytes = 0;
  histograms = 0;
  exemplars = 0;
  readonly extras: ExtraOp[] = [];
  readonly metadata: MetricMetadata[] = [];
  /** Of the log record: what is allocated for every write makes V8 collect garbage of everything. */
  #record = new ArrayBuffer(0);

  reset(): void {
    this.rows = 0;
    this.hasStartT = false;
    this.payloadBytes = 0;
    this.histograms = 0;
    this.exemplars = 0;
    this.extras.length = 0;
    this.metadata.length = 0;
  }

  /** Zeros for the log record of this write, at the beginning of their buffer; the same memory each time. */
  recordMemory(sizeBytes: number): Uint8Array<ArrayBuffer> {
    if (sizeBytes > MAX_KEPT_RECORD_BYTES) return new Uint8Array(sizeBytes);
    if (sizeBytes > this.#record.byteLength) {
      const larger = Math.max(sizeBytes, this.#record.byteLength * 2);
      this.#record = new ArrayBuffer(Math.min(larger, MAX_KEPT_RECORD_BYTES));
      return new Uint8Array(this.#record, 0, sizeBytes);
    }
    return new Uint8Array(this.#record, 0, sizeBytes).fill(0);
  }

  /** Appends rows [from, to) of columns; copies bits. */
  addRows(
    refs: Uint32Array,
    t: Float64Array,
    v: Float64Array,
    from: number,
    to: number,
    startT?: Float64Array,
  ): void {
    if (to <= from) return;
    const row = this.#extend(to - from);
    this.refs.set(refs.subarray(from, to), row);
    this.#setRows(row, t, v, startT, from, to);
  }

  /** Appends all rows of one series. */
  addSeries(ref: number, { length, t, v, startT }: SampleColumns): void {
    const row = this.#extend(length);
    this.refs.fill(ref, row, row + length);
    this.#setRows(row, t, v, startT, 0, length);
  }

  /** Appends one float row whose value is row `i` of `values`. `startT` 0 = unset. */
  addFloat(ref: number, t: number, values: Float64Array, i: number, startT: number): void {
    const row = this.#extend(1);
    this.refs[row] = ref;
    this.t[row] = t;
    this.v.set(values.subarray(i, i + 1), row);
    if (startT !== 0) this.#beginStartT(row);
    if (this.hasStartT) this.startT[row] = startT;
  }

  addHistogram(
    ref: number,
    t: number,
    startT: number,
    payload: Uint8Array,
    isStale: boolean,
  ): void {
    this.extras.push({ kind: 'histogram', row: this.rows, ref, t, startT, payload, isStale });
    this.payloadBytes += payload.length;
    this.histograms++;
  }

  addExemplar(ref: number, t: number, payload: Uint8Array): void {
    this.extras.push({
      kind: 'exemplar',
      row: this.rows,
      ref,
      t,
      startT: 0,
      payload,
      isStale: false,
    });
    this.payloadBytes += payload.length;
    this.exemplars++;
  }

  /** Appends everything to a head that has room for it, in the order of the request. */
  applyTo(head: HeadMemory, counts: ApplyCounts): void {
    let row = 0;
    for (const op of this.extras) {
      if (op.kind === 'exemplar') continue;
      this.#appendFloats(head, row, op.row, counts);
      row = op.row;
      const outcome = head.appendHistogram(op.ref, op.t, op.startT, op.payload, op.isStale);
      if (outcome === 'duplicate') counts.duplicates++;
      else counts.stored++;
      if (outcome === 'outOfOrder') counts.outOfOrder++;
    }
    this.#appendFloats(head, row, this.rows, counts);
    for (const op of this.extras) {
      if (op.kind === 'exemplar') head.appendExemplar(op.ref, op.t, op.payload);
    }
  }

  /** Notes what was applied; `classes` are the refs' metric classes. */
  logTo(log: ChangeLog | undefined, classes: Uint8Array): void {
    if (log === undefined) return;
    if (this.rows > 0) log.mark(this.refs, this.t, this.rows, classes);
    for (const op of this.extras) {
      if (op.kind === 'histogram') log.markOne(op.t, classes[op.ref]!);
    }
  }

  #appendFloats(head: HeadMemory, from: number, to: number, counts: ApplyCounts): void {
    if (to <= from) return;
    const startT = this.hasStartT ? this.startT : undefined;
    const done = head.appendFloats(this.refs, this.t, this.v, startT, from, to);
    counts.stored += done.stored;
    counts.duplicates += done.duplicates;
    counts.outOfOrder += done.outOfOrder;
  }

  /** Copies rows [from, to) of columns to places from `row` on, as bits. */
  #setRows(
    row: number,
    t: Float64Array,
    v: Float64Array,
    startT: Float64Array | undefined,
    from: number,
    to: number,
  ): void {
    this.t.set(t.subarray(from, to), row);
    this.v.set(v.subarray(from, to), row);
    if (startT !== undefined) {
      this.#beginStartT(row);
      this.startT.set(startT.subarray(from, to), row);
    } else if (this.hasStartT) this.startT.fill(0, row, row + to - from);
  }

  /** From now on rows have start timestamps; those before `row` have none. */
  #beginStartT(row: number): void {
    if (this.hasStartT) return;
    if (this.startT.length < this.t.length) this.startT = new Float64Array(this.t.length);
    this.startT.fill(0, 0, row);
    this.hasStartT = true;
  }

  /** Makes rows; answers the first of them. */
  #extend(count: number): number {
    const row = this.rows;
    this.#reserve(row + count);
    this.rows = row + count;
    return row;
  }

  #reserve(need: number): void {
    if (need <= this.t.length) return;
    const capacity = Math.max(need, this.t.length * 2);
    this.refs = grown(this.refs, new Uint32Array(capacity));
    this.t = grown(this.t, new Float64Array(capacity));
    this.v = grown(this.v, new Float64Array(capacity));
    if (this.hasStartT) this.startT = grown(this.startT, new Float64Array(capacity));
  }
}

function grown<T extends Uint32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
