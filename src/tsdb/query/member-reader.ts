// Reads one series from all sources that have it and makes one of what they hold.

import { NO_SAMPLES, type SampleColumns } from '../../model/sample.ts';
import { ColumnsBuilder } from '../chunk/columns-builder.ts';
import { querierClosed } from '../errors.ts';
import { mergeByPriority } from '../sample-merge.ts';
import type { QuerierStats } from './querier-stats.ts';
import type { Source } from './source.ts';
import { borrowColumns, returnColumns } from './thread-columns.ts';

export class MemberReader {
  readonly #stats: QuerierStats;
  readonly #noteDamage: (error: unknown) => unknown;
  #columns: ColumnsBuilder | undefined;
  #isClosed = false;
  #merged: ColumnsBuilder | undefined;
  /** Where the rows of each member end, the first {@link #members} of them. */
  readonly #ends: number[] = [];
  #members = 0;
  /** No member has begun before the one before it ended. */
  #isAscending = true;

  /** `noteDamage` gets what reading throws and gives what to throw on. */
  constructor(stats: QuerierStats, noteDamage: (error: unknown) => unknown) {
    this.#stats = stats;
    this.#noteDamage = noteDamage;
  }

  /** Forgets the series before. */
  begin(): void {
    if (this.#isClosed) throw querierClosed();
    this.#columns ??= borrowColumns();
    this.#columns.reset();
    this.#stats.begin();
    this.#members = 0;
    this.#isAscending = true;
  }

  /** Adds what a source has in [minT, maxT]; sources of lowest priority come first. */
  add(source: Source, id: number, minT: number, maxT: number): void {
    const columns = this.#columns!;
    const base = columns.length;
    try {
      source.read(id, minT, maxT, columns);
    } catch (error) {
      throw this.#noteDamage(error);
    }
    if (columns.length === base) return;
    if (base > 0 && columns.t[base - 1]! >= columns.t[base]!) this.#isAscending = false;
    this.#ends[this.#members++] = columns.length;
  }

  /** The series, valid until the next one begins. */
  finish(): SampleColumns {
    const columns = this.#columns!;
    this.#stats.end();
    if (columns.length === 0) return NO_SAMPLES;
    if (!this.#isAscending) this.#merge(columns);
    this.#stats.samples += columns.length;
    return columns.columns();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#columns !== undefined) returnColumns(this.#columns);
    this.#columns = undefined;
  }

  #merge(columns: ColumnsBuilder): void {
    const ends = this.#ends.slice(0, this.#members);
    const members = ends.map((end, i) => columns.slice(ends[i - 1] ?? 0, end));
    this.#merged ??= new ColumnsBuilder();
    this.#merged.reset();
    mergeByPriority(members, this.#merged);
    columns.reset();
    columns.append(this.#merged.columns());
  }
}
