// What series hold, in a few numbers for each day: equal on both sides if and only if, but for a chance of one in 2^60
// or so, the samples are. It does not matter in what order they come.

import { encodeHistogramPayload } from '../../model/histogram-payload.ts';
import { type Label, normalizeLabels, printLabels } from '../../model/labels.ts';
import { floatOfRaw } from '../../model/native-histogram.ts';
import { isStaleHistogram } from '../../model/native-histogram-stale.ts';
import { isStaleBits, STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/stale.ts';
import { dayOf } from '../../model/time-range.ts';
import type { BatchSeries } from '../../storage/interface.ts';

/** One series on one UTC day. */
export interface DayDigest {
  readonly day: number;
  count: number;
  exemplars: number;
  firstT: number;
  lastT: number;
  /** Of all finite values, sums of histograms among them. */
  sum: number;
  hashLow: number;
  hashHigh: number;
}

export interface SeriesDigest {
  /** For people. */
  readonly name: string;
  readonly days: Map<number, DayDigest>;
  /** The sample that came last, so that one for the same time can take its place. */
  readonly last: LastSample;
}

interface LastSample {
  t: number;
  value: number;
  low: number;
  high: number;
  isStale: boolean;
}

export class Digest {
  /** By labels. */
  readonly series: Map<string, SeriesDigest> = new Map();
  #minT = Number.POSITIVE_INFINITY;
  #maxT = Number.NEGATIVE_INFINITY;
  readonly #hash = new SampleHash();

  /** Of all samples and exemplars, ms; minT > maxT if there are none. */
  get range(): { readonly minT: number; readonly maxT: number } {
    return { minT: this.#minT, maxT: this.#maxT };
  }

  add({ labels, samples, exemplars }: BatchSeries, extraLabels: readonly Label[] = []): void {
    const series = this.#seriesOf(withExtra(labels, extraLabels));
    const { length, t, v, startT, histograms } = samples;
    const halves = new Uint32Array(v.buffer, v.byteOffset, v.length * 2);
    for (let i = 0; i < length; i++) {
      const hash = this.#hash;
      hash.begin(t[i]!, startT?.[i] ?? 0);
      const histogram = histograms?.[i];
      let value: number;
      let isStale: boolean;
      if (histogram === undefined) {
        isStale = isStaleBits(halves[2 * i + 1]!, halves[2 * i]!);
        hash.addWord(halves[2 * i]!);
        hash.addWord(halves[2 * i + 1]!);
        value = v[i]!;
      } else {
        isStale = isStaleHistogram(histogram);
        value = floatOfRaw(histogram.sum);
        if (isStale) {
          // What else it holds means nothing; that it is no float does.
          hash.addWord(STALE_NAN_LOW);
          hash.addWord(STALE_NAN_HIGH);
          hash.addWord(0);
        } else hash.addBytes(encodeHistogramPayload(histogram));
      }
      this.#addSample(series, t[i]!, value, isStale);
    }
    for (const { labels: own, value, t: time } of exemplars) {
      this.#hash.begin(time, 0);
      this.#hash.addBytes(Buffer.from(JSON.stringify([normalizeLabels(own), String(value)])));
      const day = this.#dayOf(series, time);
      const { low, high } = this.#hash.finish();
      day.exemplars++;
      day.hashLow = (day.hashLow + low) | 0;
      day.hashHigh = (day.hashHigh + high) | 0;
    }
  }

  #seriesOf(labels: readonly Label[]): SeriesDigest {
    const sorted = normalizeLabels(labels);
    const key = JSON.stringify(sorted.map(({ name, value }) => [name, value]));
    let series = this.series.get(key);
    if (series === undefined) {
      const last = { t: Number.NaN, value: 0, low: 0, high: 0, isStale: false };
      series = { name: printLabels(sorted), days: new Map(), last };
      this.series.set(key, series);
    }
    return series;
  }

  /** Of samples for one time that follow each other the last counts, but a stale marker never replaces a number. */
  #addSample(series: SeriesDigest, t: number, value: number, isStale: boolean): void {
    const day = this.#dayOf(series, t);
    const { last } = series;
    if (last.t === t) {
      if (isStale && !last.isStale) return;
      day.count--;
      if (Number.isFinite(last.value)) day.sum -= last.value;
      day.hashLow = (day.hashLow - last.low) | 0;
      day.hashHigh = (day.hashHigh - last.high) | 0;
    }
    const { low, high } = this.#hash.finish();
    Object.assign(last, { t, value, low, high, isStale });
    day.count++;
    day.firstT = Math.min(day.firstT, t);
    day.lastT = Math.max(day.lastT, t);
    if (Number.isFinite(value)) day.sum += value;
    day.hashLow = (day.hashLow + low) | 0;
    day.hashHigh = (day.hashHigh + high) | 0;
  }

  #dayOf({ days }: SeriesDigest, t: number): DayDigest {
    this.#minT = Math.min(this.#minT, t);
    this.#maxT = Math.max(this.#maxT, t);
    const number = dayOf(t);
    let day = days.get(number);
    if (day === undefined) {
      day = {
        day: number,
        count: 0,
        exemplars: 0,
        firstT: Number.POSITIVE_INFINITY,
        lastT: Number.NEGATIVE_INFINITY,
        sum: 0,
        hashLow: 0,
        hashHigh: 0,
      };
      days.set(number, day);
    }
    return day;
  }
}

function withExtra(labels: readonly Label[], extra: readonly Label[]): readonly Label[] {
  if (extra.length === 0) return labels;
  const names = new Set(extra.map(({ name }) => name));
  return [...labels.filter(({ name }) => !names.has(name)), ...extra];
}

/** Two hashes of 32 bits of what one sample is. */
class SampleHash {
  #low = 0;
  #high = 0;
  readonly #time = new DataView(new ArrayBuffer(8));

  begin(t: number, startT: number): void {
    this.#low = 0x9e3779b1;
    this.#high = 0x85ebca77;
    this.#addDouble(t + 0);
    this.#addDouble(startT + 0);
  }

  addWord(word: number): void {
    this.#low = Math.imul(rotate(this.#low ^ Math.imul(word, 0xcc9e2d51), 13), 5) + 0xe6546b64;
    this.#high = Math.imul(rotate(this.#high ^ Math.imul(word, 0x1b873593), 15), 9) + 0x38b34ae5;
  }

  addBytes(bytes: Uint8Array): void {
    this.addWord(bytes.length);
    for (const byte of bytes) this.addWord(byte + 1);
  }

  finish(): { readonly low: number; readonly high: number } {
    return { low: mix(this.#low), high: mix(this.#high ^ this.#low) };
  }

  #addDouble(value: number): void {
    this.#time.setFloat64(0, value);
    this.addWord(this.#time.getInt32(0));
    this.addWord(this.#time.getInt32(4));
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function mix(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
