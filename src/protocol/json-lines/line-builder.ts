// One line of JSON lines while it grows.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Labels } from '../../model/labels.ts';
import { printNumber } from './value.ts';

/** A line is closed at about so many characters, well below the 10 MiB that readers accept. */
const TARGET_LINE_CHARACTERS = 1 << 20;

/** Items with their times, of which start times are only kept from the first one that is set. */
class Column {
  readonly items: string[] = [];
  readonly t: number[] = [];
  readonly #startT: number[] = [];

  add(item: string, t: number, startT: number): void {
    if (startT !== 0 || this.#startT.length > 0) {
      while (this.#startT.length < this.items.length) this.#startT.push(0);
      this.#startT.push(startT);
    }
    this.items.push(item);
    this.t.push(t);
  }

  print(items: string, times: string, starts: string): string {
    const lists = `,"${items}":[${this.items.join(',')}],"${times}":[${this.t.join(',')}]`;
    if (this.#startT.length === 0) return lists;
    return `${lists},"${starts}":[${this.#startT.join(',')}]`;
  }
}

export class LineBuilder {
  readonly #metric: string;
  #values = new Column();
  #histograms = new Column();
  #exemplars: string[] = [];
  #characters = 0;

  constructor(labels: Labels) {
    this.#metric = printLabelsObject(labels);
  }

  get isEmpty(): boolean {
    return this.#characters === 0;
  }

  /** Samples on the line. */
  get rows(): number {
    return this.#values.items.length + this.#histograms.items.length;
  }

  isFull(maxRows: number): boolean {
    return this.#characters >= TARGET_LINE_CHARACTERS || this.rows >= maxRows;
  }

  addValue(t: number, value: string, startT: number): void {
    this.#values.add(value, t, startT);
    // Times take 14 characters for the next centuries.
    this.#characters += value.length + 16;
  }

  addHistogram(t: number, histogram: string, startT: number): void {
    this.#histograms.add(histogram, t, startT);
    this.#characters += histogram.length + 16;
  }

  addExemplar({ labels, value, t }: Exemplar): void {
    const labelText = printLabelsObject(labels);
    const text = `{"labels":${labelText},"value":${printNumber(value)},"timestamp":${t}}`;
    this.#exemplars.push(text);
    this.#characters += text.length;
  }

  /** The line; the builder is empty afterwards. */
  finish(): string {
    const values = this.#values.print('values', 'timestamps', 'startTimestamps');
    const histograms =
      this.#histograms.items.length === 0
        ? ''
        : this.#histograms.print('histograms', 'histogramTimestamps', 'histogramStartTimestamps');
    const exemplars =
      this.#exemplars.length === 0 ? '' : `,"exemplars":[${this.#exemplars.join(',')}]`;
    this.#values = new Column();
    this.#histograms = new Column();
    this.#exemplars = [];
    this.#characters = 0;
    return `{"metric":${this.#metric}${values}${histograms}${exemplars}}\n`;
  }
}

/** Labels as a JSON object, in their order. */
export function printLabelsObject(labels: Labels): string {
  const pairs = labels.map(({ name, value }) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${pairs.join(',')}}`;
}
