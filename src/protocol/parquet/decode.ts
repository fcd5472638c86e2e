// Reads Parquet files that have our columns, row group by row group. Form: docs/formats/parquet.md.

import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync } from 'hyparquet';
import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';
import { METRIC_TYPES, type MetricMetadata } from '../../model/metadata.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { setStaleAt } from '../../model/stale.ts';
import { MAX_TIME, MIN_TIME } from '../../model/time-range.ts';
import { errorMessage } from '../../runtime/error.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { parquetInvalid, parquetSchemaUnknown } from '../errors.ts';
import { isObject, parseHistogram } from '../json-lines/histogram.ts';
import type { LineProblem } from '../row-collector.ts';
import { type GroupColumns, readColumns } from './columns.ts';
import { FileKey, PARQUET_SCHEMA_VERSION, RowKind } from './schema.ts';

/** Files are read at any place. `slice` may be asked for ranges past the end, of which there is nothing. */
export type ParquetSource = AsyncBuffer;

/** Without these a row means nothing. */
const NEEDED = ['labels', 'timestamp', 'value'] as const;
/** Row groups of other writers may be larger than ours, but must fit into memory. */
const MAX_GROUP_ROWS = 2 ** 24;
/** Texts of labels that are remembered while a row group is read. */
const MAX_REMEMBERED = 10_000;

/** What one row group holds. */
export interface ParquetGroup {
  /** Rows one after another that are of one series, as one. */
  readonly series: readonly BatchSeries[];
  /** Rows that cannot be read, by their number in the file, from 1. */
  readonly problems: readonly LineProblem[];
}

export class ParquetFile {
  /** Of all rows. */
  readonly rows: number;
  readonly metadata: readonly MetricMetadata[];
  readonly #source: ParquetSource;
  readonly #file: FileMetaData;
  /** Where each row group begins, by row, and where the last one ends. */
  readonly #starts: readonly number[];

  private constructor(source: ParquetSource, file: FileMetaData) {
    this.#source = source;
    this.#file = file;
    const starts = [0];
    for (const { num_rows } of file.row_groups) starts.push(starts.at(-1)! + Number(num_rows));
    this.#starts = starts;
    this.rows = starts.at(-1)!;
    this.metadata = metadataOf(file);
  }

  /** Throws PARQUET_INVALID or PARQUET_SCHEMA_UNKNOWN. */
  static async open(source: ParquetSource): Promise<ParquetFile> {
    const file = await reading('the footer', () => parquetMetadataAsync(source, NO_GEOGRAPHY));
    const version = entryOf(file, FileKey.schema);
    if (version !== undefined && version !== PARQUET_SCHEMA_VERSION) {
      throw parquetSchemaUnknown(version, PARQUET_SCHEMA_VERSION);
    }
    const names = new Set(file.schema.map(({ name }) => name));
    const missing = NEEDED.filter((name) => !names.has(name));
    if (missing.length > 0) throw parquetInvalid(`there is no column ${missing.join(', ')}`);
    if (file.schema.find(({ name }) => name === 'value')?.type !== 'DOUBLE') {
      throw parquetInvalid('the column value is not of the type DOUBLE');
    }
    return new ParquetFile(source, file);
  }

  get groups(): number {
    return this.#file.row_groups.length;
  }

  /** Bytes of the file up to the end of a row group, for showing progress. */
  endOf(group: number): number {
    const chunks = this.#file.row_groups[group]!.columns.map(({ meta_data: chunk }) =>
      chunk === undefined
        ? 0
        : Number(chunk.dictionary_page_offset ?? chunk.data_page_offset) +
          Number(chunk.total_compressed_size),
    );
    return Math.max(0, ...chunks);
  }

  /** Throws PARQUET_INVALID. */
  async read(group: number): Promise<ParquetGroup> {
    const [start, end] = [this.#starts[group]!, this.#starts[group + 1]!];
    const rows = end - start;
    if (!(rows >= 0 && rows <= MAX_GROUP_ROWS)) {
      throw parquetInvalid(`row group ${group + 1} has ${rows} rows (limit ${MAX_GROUP_ROWS})`);
    }
    const columns = await reading(`row group ${group + 1}`, () =>
      readColumns(this.#source, this.#file, start, end),
    );
    return new GroupReader(columns, start).read();
  }
}

const NO_GEOGRAPHY = { geoparquet: false };

/** The library throws errors of all kinds for files that are broken. */
async function reading<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw parquetInvalid(`${what} cannot be read: ${errorMessage(error)}`, error);
  }
}

function entryOf({ key_value_metadata: entries }: FileMetaData, key: string): string | undefined {
  return entries?.find((entry) => entry.key === key)?.value;
}

/** What cannot be understood of it is left out: samples do not need it. */
function metadataOf(file: FileMetaData): MetricMetadata[] {
  let list: unknown;
  try {
    list = JSON.parse(entryOf(file, FileKey.metadata) ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    if (!isObject(entry)) return [];
    const { metric, type, help, unit } = entry;
    const known = METRIC_TYPES.find((one) => one === type);
    if (typeof metric !== 'string' || known === undefined) return [];
    return [{ metric, type: known, help: String(help ?? ''), unit: String(unit ?? '') }];
  });
}

/** Rows of one series that follow each other. */
interface Run {
  readonly labels: readonly Label[];
  readonly rows: number[];
  readonly histograms: (NativeHistogram | undefined)[];
  readonly exemplars: Exemplar[];
}

class GroupReader {
  readonly #columns: GroupColumns;
  readonly #firstRow: number;
  readonly #series: BatchSeries[] = [];
  readonly #problems: LineProblem[] = [];
  readonly #labels = new Map<string, readonly Label[] | undefined>();

  constructor(columns: GroupColumns, firstRow: number) {
    this.#columns = columns;
    this.#firstRow = firstRow;
  }

  read(): ParquetGroup {
    const { rows, labels } = this.#columns;
    let run: Run | undefined;
    let text: unknown;
    for (let row = 0; row < rows; row++) {
      if (run === undefined || labels[row] !== text) {
        if (run !== undefined) this.#endRun(run);
        text = labels[row];
        run = { labels: this.#labelsOf(text) ?? [], rows: [], histograms: [], exemplars: [] };
      }
      const problem = this.#addRow(run, row);
      if (problem === undefined) continue;
      this.#problems.push({ line: this.#firstRow + row + 1, message: problem });
    }
    if (run !== undefined) this.#endRun(run);
    return { series: this.#series, problems: this.#problems };
  }

  /** Says what is wrong with the row, if anything is. */
  #addRow(run: Run, row: number): string | undefined {
    const { t, v, isNull, labels, kind, stale, histogram, exemplarLabels } = this.#columns;
    if (this.#labelsOf(labels[row]) === undefined) return 'labels are not a JSON object of texts';
    const time = t[row]!;
    if (!isTime(time)) return 'timestamp is not a time in the range that is stored';
    const rowKind = kindOf(kind[row], histogram[row], exemplarLabels[row]);
    if (isNull[row] === 1 && rowKind !== RowKind.histogram) return 'there is no value';
    switch (rowKind) {
      case RowKind.float:
        // Whoever has copied the file may not have kept the bits of a NaN.
        if (stale[row] === true) setStaleAt(v, row);
        run.rows.push(row);
        run.histograms.push(undefined);
        return undefined;
      case RowKind.histogram: {
        const parsed = parseHistogram(parseText(histogram[row]));
        if (typeof parsed === 'string') return `histogram: ${parsed}`;
        run.rows.push(row);
        run.histograms.push(parsed);
        return undefined;
      }
      case RowKind.exemplar: {
        const own = labelsOfText(exemplarLabels[row]);
        if (own === undefined) return 'exemplar_labels are not a JSON object of texts';
        run.exemplars.push({ labels: own, value: v[row]!, t: time });
        return undefined;
      }
      default:
        return `kind is none of ${Object.values(RowKind).join(', ')}`;
    }
  }

  #endRun({ labels, rows, histograms, exemplars }: Run): void {
    if (rows.length === 0 && exemplars.length === 0) return;
    const { t, v, startT } = this.#columns;
    const starts = rows.map((row) => (isTime(startT[row]) ? (startT[row] as number) : 0));
    const samples: SampleColumns = {
      length: rows.length,
      t: Float64Array.from(rows, (row) => t[row]!),
      v: new Float64Array(rows.length),
      startT: starts.some((start) => start !== 0) ? Float64Array.from(starts) : undefined,
      histograms: histograms.some((one) => one !== undefined) ? histograms : undefined,
    };
    rows.forEach((row, i) => {
      samples.v.set(v.subarray(row, row + 1), i);
    });
    this.#series.push({ labels, samples, exemplars });
  }

  #labelsOf(text: unknown): readonly Label[] | undefined {
    if (typeof text !== 'string') return undefined;
    if (this.#labels.has(text)) return this.#labels.get(text);
    if (this.#labels.size >= MAX_REMEMBERED) this.#labels.clear();
    const labels = labelsOfText(text);
    this.#labels.set(text, labels);
    return labels;
  }
}

/** Files of others need not say what each row is. */
function kindOf(kind: unknown, histogram: unknown, exemplarLabels: unknown): unknown {
  if (kind !== undefined && kind !== null) return kind;
  if (typeof histogram === 'string') return RowKind.histogram;
  return typeof exemplarLabels === 'string' ? RowKind.exemplar : RowKind.float;
}

function isTime(t: unknown): boolean {
  return Number.isInteger(t) && (t as number) >= MIN_TIME && (t as number) <= MAX_TIME;
}

function labelsOfText(text: unknown): Label[] | undefined {
  const json = parseText(text);
  if (!isObject(json)) return undefined;
  const labels: Label[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (typeof value !== 'string') return undefined;
    labels.push({ name, value });
  }
  return labels;
}

/** Undefined for what is no JSON. */
function parseText(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
