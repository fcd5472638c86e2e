// Reads Parquet files that have our columns, row group by row group. Form: docs/formats/parquet.md.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';
import { METRIC_TYPES, type MetricMetadata } from '../../model/metadata.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { setStaleAt } from '../../model/stale.ts';
import { MAX_TIME, MIN_TIME } from '../../model/time-range.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { parquetInvalid, parquetSchemaUnknown } from '../errors.ts';
import { isObject, parseHistogram } from '../json-lines/histogram.ts';
import type { LineProblem } from '../row-collector.ts';
import { type GroupColumns, readColumns } from './columns.ts';
import { type FileColumn, fileColumns, type ReadColumn } from './file-columns.ts';
import { type Footer, readFooter } from './footer.ts';
import { FileKey, PARQUET_SCHEMA_VERSION, RowKind } from './schema.ts';
import type { ParquetSource } from './source.ts';

/** Row groups of other writers may be larger than ours, but must fit into memory. */
const MAX_GROUP_ROWS = 2 ** 24;
/**
 * Characters of histograms, of labels of exemplars, and of labels wherever they change from row to row. Entries of a
 * dictionary may be told any number of times in a few bytes, but all of them must fit into memory.
 */
const MAX_GROUP_CHARACTERS = 2 ** 30;
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
  readonly #footer: Footer;
  readonly #columns: ReadonlyMap<ReadColumn, FileColumn>;
  /** Where each row group begins, by row, and where the last one ends. */
  readonly #starts: readonly number[];

  private constructor(source: ParquetSource, footer: Footer) {
    this.#source = source;
    this.#footer = footer;
    this.#columns = fileColumns(footer.schema);
    const starts = [0];
    for (const { rows } of footer.rowGroups) starts.push(starts.at(-1)! + rows);
    this.#starts = starts;
    this.rows = starts.at(-1)!;
    this.metadata = metadataOf(footer);
  }

  /** Throws PARQUET_INVALID or PARQUET_SCHEMA_UNKNOWN, and whatever the source throws. */
  static async open(source: ParquetSource): Promise<ParquetFile> {
    const footer = await readFooter(source);
    const version = footer.entries.get(FileKey.schema);
    if (version !== undefined && version !== PARQUET_SCHEMA_VERSION) {
      throw parquetSchemaUnknown(version, PARQUET_SCHEMA_VERSION);
    }
    return new ParquetFile(source, footer);
  }

  get groups(): number {
    return this.#footer.rowGroups.length;
  }

  /** Bytes of the file up to the end of a row group, for showing progress. */
  endOf(group: number): number {
    return this.#footer.rowGroups[group]!.end;
  }

  /** Throws PARQUET_INVALID, and whatever the source throws. */
  async read(group: number): Promise<ParquetGroup> {
    const entry = this.#footer.rowGroups[group]!;
    const where = `row group ${group + 1}`;
    if (entry.rows > MAX_GROUP_ROWS) {
      throw parquetInvalid(`${where} has ${entry.rows} rows (limit ${MAX_GROUP_ROWS})`);
    }
    const columns = await readColumns(this.#source, this.#columns, entry, where);
    return new GroupReader(columns, this.#starts[group]!, where).read();
  }
}

/** What cannot be understood of it is left out: samples do not need it. */
function metadataOf({ entries }: Footer): MetricMetadata[] {
  let list: unknown;
  try {
    list = JSON.parse(entries.get(FileKey.metadata) ?? '[]');
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
  /** The values as 32-bit halves. */
  readonly #bits: Uint32Array;
  readonly #firstRow: number;
  /** Names the row group in errors. */
  readonly #where: string;
  #characters = 0;
  readonly #series: BatchSeries[] = [];
  readonly #problems: LineProblem[] = [];
  readonly #labels = new Map<string, readonly Label[] | undefined>();

  constructor(columns: GroupColumns, firstRow: number, where: string) {
    this.#columns = columns;
    this.#firstRow = firstRow;
    this.#where = where;
    const { buffer, byteOffset, length } = columns.v;
    this.#bits = new Uint32Array(buffer, byteOffset, 2 * length);
  }

  read(): ParquetGroup {
    const { rows, labels } = this.#columns;
    let run: Run | undefined;
    let text: string | undefined;
    for (let row = 0; row < rows; row++) {
      if (run === undefined || labels[row] !== text) {
        if (run !== undefined) this.#endRun(run);
        text = labels[row];
        this.#count(text);
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
        if (stale[row] === 1) setStaleAt(v, row);
        run.rows.push(row);
        run.histograms.push(undefined);
        return undefined;
      case RowKind.histogram: {
        this.#count(histogram[row]);
        const parsed = parseHistogram(parseText(histogram[row]));
        if (typeof parsed === 'string') return `histogram: ${parsed}`;
        run.rows.push(row);
        run.histograms.push(parsed);
        return undefined;
      }
      case RowKind.exemplar: {
        this.#count(exemplarLabels[row]);
        const own = labelsOfText(exemplarLabels[row]);
        if (own === undefined) return 'exemplar_labels are not a JSON object of texts';
        run.exemplars.push({ labels: own, value: v[row]!, t: time });
        return undefined;
      }
      default:
        return `kind is none of ${Object.values(RowKind).join(', ')}`;
    }
  }

  #count(text: string | undefined): void {
    this.#characters += text?.length ?? 0;
    if (this.#characters <= MAX_GROUP_CHARACTERS) return;
    throw parquetInvalid(
      `${this.#where} has labels and histograms of more than ${MAX_GROUP_CHARACTERS} characters; write the file again with smaller row groups`,
    );
  }

  #endRun({ labels, rows, histograms, exemplars }: Run): void {
    const { length } = rows;
    if (length === 0 && exemplars.length === 0) return;
    const t = new Float64Array(length);
    const v = new Float64Array(length);
    const startT = new Float64Array(length);
    const bits = new Uint32Array(v.buffer);
    let hasStart = false;
    let hasHistogram = false;
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      t[i] = this.#columns.t[row]!;
      bits[2 * i] = this.#bits[2 * row]!;
      bits[2 * i + 1] = this.#bits[2 * row + 1]!;
      startT[i] = startTimeOf(this.#columns.startT[row]);
      hasStart ||= startT[i] !== 0;
      hasHistogram ||= histograms[i] !== undefined;
    }
    const samples: SampleColumns = {
      length,
      t,
      v,
      startT: hasStart ? startT : undefined,
      histograms: hasHistogram ? histograms : undefined,
    };
    this.#series.push({ labels, samples, exemplars });
  }

  #labelsOf(text: string | undefined): readonly Label[] | undefined {
    if (text === undefined) return undefined;
    if (this.#labels.has(text)) return this.#labels.get(text);
    if (this.#labels.size >= MAX_REMEMBERED) this.#labels.clear();
    const labels = labelsOfText(text);
    this.#labels.set(text, labels);
    return labels;
  }
}

/** Files of others need not say what each row is. */
function kindOf(
  kind: string | undefined,
  histogram: string | undefined,
  exemplarLabels: string | undefined,
): string {
  if (kind !== undefined) return kind;
  if (histogram !== undefined) return RowKind.histogram;
  return exemplarLabels === undefined ? RowKind.float : RowKind.exemplar;
}

function isTime(t: number): boolean {
  return Number.isInteger(t) && t >= MIN_TIME && t <= MAX_TIME;
}

/** 0 for none. */
function startTimeOf(t: number | undefined): number {
  return t !== undefined && isTime(t) ? t : 0;
}

function labelsOfText(text: string | undefined): Label[] | undefined {
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
function parseText(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
