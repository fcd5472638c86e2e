// Results as MessagePack: one document of all statements, or with `chunked` one for each piece. Lists say how long
// they are before their first item, so that a statement's answer is held until it is complete.

import {
  type Cell,
  type CellType,
  nsOf,
  type ResultPiece,
  type ResultSeries,
  type Time,
} from '../../influxql/index.ts';
import { MsgpackWriter } from '../../protocol/msgpack-writer.ts';
import { divisorOf, type Epoch } from './cells.ts';
import type { ResultWriter, WriterState } from './results.ts';

/** Of one statement, or of one piece. */
const MAX_BYTES = 32 * 1024 * 1024;
const INITIAL_BYTES = 4096;

const NS_PER_S = 1_000_000_000n;

export class MsgpackResults implements ResultWriter<Uint8Array> {
  readonly contentType = 'application/x-msgpack';
  readonly #isChunked: boolean;
  readonly #series: SeriesList;
  readonly #out = new MsgpackWriter(INITIAL_BYTES, 2 * MAX_BYTES);
  #statementId = 0;
  /** With `chunked`: nothing of this statement has been written. */
  #isSilent = true;

  constructor(epoch: Epoch, isChunked: boolean) {
    this.#isChunked = isChunked;
    this.#series = new SeriesList(epoch);
  }

  /** Statements are written whole or not at all, and know nothing of each other. */
  get state(): WriterState {
    return {};
  }

  set state(_: WriterState) {
    this.#series.clear();
  }

  start(statements: number): Uint8Array {
    this.#out.reset();
    if (!this.#isChunked) this.#results(statements);
    return this.#out.view();
  }

  begin(statementId: number): Uint8Array {
    this.#out.reset();
    this.#statementId = statementId;
    this.#isSilent = true;
    this.#series.clear();
    return this.#out.view();
  }

  *piece({ series, isPartial }: ResultPiece): Generator<Uint8Array, void> {
    for (const one of series) this.#series.add(one, this.#isChunked);
    if (!this.#isChunked || series.length === 0) return;
    this.#out.reset();
    this.#results(1);
    this.#result([], isPartial);
    yield this.#out.view();
  }

  end(messages: readonly string[], error: string | undefined): Uint8Array {
    this.#out.reset();
    if (error !== undefined) {
      if (this.#isChunked) this.#results(1);
      this.#error(error);
      this.#series.clear();
    } else if (!this.#isChunked || this.#isSilent || messages.length > 0) {
      if (this.#isChunked) this.#results(1);
      this.#result(messages, false);
    }
    return this.#out.view();
  }

  finish(): Uint8Array {
    this.#out.reset();
    return this.#out.view();
  }

  failure(message: string): Uint8Array {
    this.#out.reset();
    this.#error(message);
    return this.#out.view();
  }

  #results(count: number): void {
    this.#out.map(1);
    this.#out.string('results');
    this.#out.array(count);
  }

  #error(message: string): void {
    this.#out.map(1);
    this.#out.string('error');
    this.#out.string(message);
  }

  #result(messages: readonly string[], isPartial: boolean): void {
    const out = this.#out;
    out.map(2 + Number(messages.length > 0) + Number(isPartial));
    out.string('statement_id');
    out.integer(this.#statementId);
    if (messages.length > 0) {
      out.string('messages');
      out.array(messages.length);
      for (const text of messages) {
        out.map(2);
        out.string('level');
        out.string('warning');
        out.string('text');
        out.string(text);
      }
    }
    out.string('series');
    this.#series.moveTo(out);
    if (isPartial) {
      out.string('partial');
      out.boolean(true);
    }
    this.#isSilent = false;
  }
}

/** Series of one statement, whose rows may come in several pieces. */
class SeriesList {
  readonly #epoch: Epoch;
  /** Those that are complete. */
  readonly #done = new MsgpackWriter(INITIAL_BYTES, MAX_BYTES);
  #doneCount = 0;
  /** Rows of the one that is not. */
  readonly #rows = new MsgpackWriter(INITIAL_BYTES, MAX_BYTES);
  #rowCount = 0;

  constructor(epoch: Epoch) {
    this.#epoch = epoch;
  }

  /** `isWhole`: what follows of the series will be a series of its own. Throws MSGPACK_TOO_LARGE. */
  add(series: ResultSeries, isWhole: boolean): void {
    const { rows, types, isPartial } = series;
    for (const row of rows) {
      this.#rows.array(row.length);
      for (let i = 0; i < row.length; i++) this.#cell(row[i], types[i]!);
    }
    this.#rowCount += rows.length;
    if (isWhole || !isPartial) this.#close(series, isPartial);
  }

  moveTo(out: MsgpackWriter): void {
    out.array(this.#doneCount);
    out.raw(this.#done.view());
    this.clear();
  }

  clear(): void {
    this.#done.reset();
    this.#doneCount = 0;
    this.#rows.reset();
    this.#rowCount = 0;
  }

  #close({ name, tags, columns }: ResultSeries, isPartial: boolean): void {
    const out = this.#done;
    out.map(2 + Number(name !== '') + Number(tags.length > 0) + Number(isPartial));
    if (name !== '') {
      out.string('name');
      out.string(name);
    }
    if (tags.length > 0) {
      out.string('tags');
      out.map(tags.length);
      for (const [key, value] of tags) {
        out.string(key);
        out.string(value);
      }
    }
    out.string('columns');
    out.array(columns.length);
    for (const column of columns) out.string(column);
    out.string('values');
    out.array(this.#rowCount);
    out.raw(this.#rows.view());
    if (isPartial) {
      out.string('partial');
      out.boolean(true);
    }
    this.#doneCount++;
    this.#rows.reset();
    this.#rowCount = 0;
  }

  #cell(cell: Cell, type: CellType): void {
    const out = this.#rows;
    if (cell === undefined || Number.isNaN(cell)) out.nil();
    else if (type === 'time') this.#time(cell as Time);
    else if (typeof cell === 'string') out.string(cell);
    else if (typeof cell === 'boolean') out.boolean(cell);
    else if (typeof cell === 'bigint') out.bigint(cell);
    else if (type === 'integer' && Number.isFinite(cell)) out.integer(cell);
    else out.float(cell);
  }

  #time(time: Time): void {
    const ns = nsOf(time);
    if (this.#epoch !== 'text') {
      this.#rows.bigint(ns / divisorOf(this.#epoch));
      return;
    }
    const rest = ((ns % NS_PER_S) + NS_PER_S) % NS_PER_S;
    this.#rows.time(Number((ns - rest) / NS_PER_S), Number(rest));
  }
}
