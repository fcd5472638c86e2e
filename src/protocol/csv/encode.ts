// Writes series as CSV, a line for each float sample, in fields that are chosen. Stale markers, histograms, start
// timestamps, exemplars and metadata are left out.

import type { Exemplar } from '../../model/exemplar.ts';
import { type Labels, labelValue } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { isStaleBits } from '../../model/stale.ts';
import { printFinite } from '../json-lines/value.ts';
import { type EncodedCounts, noCounts, type SeriesEncoder } from '../series-encoder.ts';
import { type CsvField, printTimeAs } from './export-fields.ts';

/** Parts are of about so many characters. */
const PART_CHARACTERS = 2 ** 16;

/** A cell that is the same in all lines of a series, or one that is made for each. */
type Cell = string | Extract<CsvField, { kind: 'value' | 'time' }>;

export class CsvEncoder implements SeriesEncoder {
  readonly written: EncodedCounts = noCounts();
  readonly #fields: readonly CsvField[];
  #cells: readonly Cell[] = [];
  #part = '';

  constructor(fields: readonly CsvField[]) {
    this.#fields = fields;
  }

  *start(_metadata: readonly MetricMetadata[]): Generator<string, void> {
    yield `${this.#fields.map(({ header }) => quoteCell(header)).join(',')}\n`;
  }

  begin(labels: Labels): void {
    this.#cells = this.#fields.map((field) =>
      field.kind === 'label' ? quoteCell(labelValue(labels, field.name)) : field,
    );
  }

  *add({ length, t, v, histograms }: SampleColumns): Generator<string, void> {
    const halves = new Uint32Array(v.buffer, v.byteOffset, v.length * 2);
    for (let i = 0; i < length; i++) {
      if (histograms?.[i] !== undefined) continue;
      if (isStaleBits(halves[2 * i + 1]!, halves[2 * i]!)) continue;
      this.#part += this.#line(t[i]!, v[i]!);
      this.written.floats++;
      if (this.#part.length >= PART_CHARACTERS) yield this.#take();
    }
  }

  *end(_exemplars: readonly Exemplar[]): Generator<string, void> {}

  *finish(): Generator<string, void> {
    if (this.#part !== '') yield this.#take();
  }

  #line(t: number, v: number): string {
    const cells = this.#cells;
    let line = '';
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!;
      if (i > 0) line += ',';
      if (typeof cell === 'string') line += cell;
      else line += cell.kind === 'value' ? printValue(v) : quoteCell(printTimeAs(cell.format, t));
    }
    return `${line}\n`;
  }

  #take(): string {
    const part = this.#part;
    this.#part = '';
    return part;
  }
}

/** Special floats as Prometheus writes them. */
function printValue(v: number): string {
  if (Number.isFinite(v)) return printFinite(v);
  if (Number.isNaN(v)) return 'NaN';
  return v > 0 ? '+Inf' : '-Inf';
}

/** As RFC 4180 has it: quoted only where it must be. */
function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
