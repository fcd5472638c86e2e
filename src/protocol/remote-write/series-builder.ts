// Gathers one series while it is decoded. The scratch columns are reused from series to series, so
// that a body of a million series allocates only what it hands out.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { MAX_TIME, MIN_TIME } from '../../model/time-range.ts';
import type { Rejection, RejectReason } from '../../storage/errors.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { printRejectedSeries } from './rejections.ts';

const INITIAL_ROWS = 64;

/** True for a whole number of milliseconds in the accepted range. */
export function isTimestamp(t: number): boolean {
  return t >= MIN_TIME && t <= MAX_TIME;
}

export class SeriesBuilder {
  /** Labels as they come; the array goes into the finished series. */
  labels: Label[] = [];
  exemplars: Exemplar[] = [];

  #rows = 0;
  #t = new Float64Array(INITIAL_ROWS);
  #v = new Float64Array(INITIAL_ROWS);
  /** The same bytes as #v: values are copied as halves so that a NaN keeps its payload. */
  #valueHalves = new Uint32Array(this.#v.buffer);
  #startT = new Float64Array(INITIAL_ROWS);
  #hasStartT = false;
  #histograms: (NativeHistogram | undefined)[] | undefined;

  #floatRows = 0;
  #histogramRows = 0;
  #badTimeFloats = 0;
  #badTimeHistograms = 0;
  #badTime = 0;
  #badExemplars = 0;
  #badExemplarWhy = '';
  #refusal: RejectReason | undefined;
  #refusalWhy = '';

  /** Starts the next series. */
  begin(): void {
    this.labels = [];
    this.exemplars = [];
    this.#rows = 0;
    this.#hasStartT = false;
    this.#histograms = undefined;
    this.#floatRows = 0;
    this.#histogramRows = 0;
    this.#badTimeFloats = 0;
    this.#badTimeHistograms = 0;
    this.#badExemplars = 0;
    this.#refusal = undefined;
  }

  /** Adds a label; undefined stands for bytes that are not UTF-8 and refuses the whole series. */
  addLabel(name: string | undefined, value: string | undefined): void {
    if (name === undefined) {
      this.refuse('invalid_label_name', 'a label name is not valid UTF-8');
    } else if (value === undefined) {
      this.refuse('invalid_label_value', `the value of label ${quote(name)} is not valid UTF-8`);
    }
    this.labels.push({ name: name ?? '\ufffd', value: value ?? '\ufffd' });
  }

  /** Refuses the whole series; the first reason stays. */
  refuse(reason: RejectReason, why: string): void {
    if (this.#refusal) return;
    this.#refusal = reason;
    this.#refusalWhy = why;
  }

  /** Adds a float sample, its value given as halves. `startT` 0 = unset. */
  addFloat(t: number, low: number, high: number, startT: number): void {
    if (!isTimestamp(t)) {
      this.#badTimeFloats++;
      this.#badTime = t;
      return;
    }
    const row = this.#addRow(t, startT);
    this.#valueHalves[2 * row] = low;
    this.#valueHalves[2 * row + 1] = high;
    this.#floatRows++;
  }

  addHistogram(t: number, histogram: NativeHistogram, startT: number): void {
    if (!isTimestamp(t)) {
      this.#badTimeHistograms++;
      this.#badTime = t;
      return;
    }
    const row = this.#addRow(t, startT);
    this.#v[row] = 0;
    this.#histograms ??= new Array<undefined>(row).fill(undefined);
    this.#histograms[row] = histogram;
    this.#histogramRows++;
  }

  /** Adds an exemplar; a bad one is refused alone. */
  addExemplar(exemplar: Exemplar, why: string | undefined): void {
    const refusal = why ?? (isTimestamp(exemplar.t) ? undefined : 'its timestamp is out of range');
    if (refusal === undefined) {
      this.exemplars.push(exemplar);
      return;
    }
    this.#badExemplars++;
    this.#badExemplarWhy = refusal;
  }

  /** The series, or undefined if nothing of it is left. Refusals go to `onRejection`. */
  finish(onRejection: (rejection: Rejection) => void): BatchSeries | undefined {
    if (this.#refusal) {
      onRejection(this.#rejectAll(this.#refusal, this.#refusalWhy));
      return undefined;
    }
    const badRows = this.#badTimeFloats + this.#badTimeHistograms;
    if (badRows > 0 && this.#rows === 0) {
      onRejection(this.#rejectAll('invalid_timestamp', this.#badTimeMessage()));
      return undefined;
    }
    // Refused here and not by the store: a body of empty series must not become millions of objects.
    if (this.#rows === 0 && this.exemplars.length === 0) {
      const message = 'a series needs at least one sample, histogram or exemplar';
      onRejection(this.#rejectAll('empty_series', message));
      return undefined;
    }
    if (badRows > 0) {
      onRejection({
        reason: 'invalid_timestamp',
        series: printRejectedSeries(this.labels),
        message: this.#badTimeMessage(),
        samples: this.#badTimeFloats,
        histograms: this.#badTimeHistograms,
        exemplars: 0,
      });
    }
    if (this.#badExemplars > 0) {
      onRejection({
        reason: 'invalid_exemplar',
        series: printRejectedSeries(this.labels),
        message: `an exemplar was refused: ${this.#badExemplarWhy}`,
        samples: 0,
        histograms: 0,
        exemplars: this.#badExemplars,
      });
    }
    return this.#series();
  }

  /** How many rows and exemplars the series came with, good and bad. */
  totals(): Pick<Rejection, 'samples' | 'histograms' | 'exemplars'> {
    return {
      samples: this.#floatRows + this.#badTimeFloats,
      histograms: this.#histogramRows + this.#badTimeHistograms,
      exemplars: this.exemplars.length + this.#badExemplars,
    };
  }

  #series(): BatchSeries {
    const rows = this.#rows;
    const histograms = this.#histograms;
    // Rows of floats after the last histogram have not lengthened the array yet.
    if (histograms) while (histograms.length < rows) histograms.push(undefined);
    return {
      labels: this.labels,
      samples: {
        length: rows,
        t: this.#t.slice(0, rows),
        v: this.#v.slice(0, rows),
        startT: this.#hasStartT ? this.#startT.slice(0, rows) : undefined,
        histograms,
      },
      exemplars: this.exemplars,
    };
  }

  #addRow(t: number, startT: number): number {
    if (this.#rows === this.#t.length) this.#grow();
    const row = this.#rows++;
    this.#t[row] = t;
    // An odd start timestamp never costs a sample: it counts as unset.
    const start = isTimestamp(startT) ? startT : 0;
    this.#startT[row] = start;
    if (start !== 0) this.#hasStartT = true;
    const histograms = this.#histograms;
    if (histograms) while (histograms.length < row) histograms.push(undefined);
    return row;
  }

  #rejectAll(reason: RejectReason, message: string): Rejection {
    return { reason, series: printRejectedSeries(this.labels), message, ...this.totals() };
  }

  #badTimeMessage(): string {
    return `timestamp ${this.#badTime} is outside ±${MAX_TIME} ms`;
  }

  #grow(): void {
    const size = this.#t.length * 4;
    this.#t = extended(this.#t, size);
    this.#v = extended(this.#v, size);
    this.#valueHalves = new Uint32Array(this.#v.buffer);
    this.#startT = extended(this.#startT, size);
  }
}

function extended(column: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(size);
  grown.set(column);
  return grown;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
