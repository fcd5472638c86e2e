// rate, increase and delta of native histograms in anchored and smoothed ranges.

import { ResetHint } from '../../model/native-histogram.ts';
import { addHistograms, subtractHistograms } from '../histogram/arithmetic.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { type ExtendedWindow, isLeftInterpolated, isRightInterpolated } from './extended-window.ts';
import type { RateKind } from './extrapolation.ts';
import { type HistogramNotes, isGauge } from './histogram-notes.ts';
import { interpolateHistogram } from './interpolation.ts';
import type { HistogramPoints } from './points.ts';

/** Of one series, window by window. */
export class ExtendedHistogramRate {
  readonly #points: HistogramPoints;
  readonly #isCounter: boolean;
  readonly #notes: HistogramNotes;

  constructor(points: HistogramPoints, kind: RateKind, notes: HistogramNotes) {
    this.#points = points;
    this.#isCounter = kind.isCounter;
    this.#notes = notes;
  }

  /** What was added in the window, a gauge; undefined, with a remark, if histograms do not fit. */
  compute(window: ExtendedWindow): FloatHistogram | undefined {
    if (!this.#checkWindow(window)) return undefined;
    const left = this.#leftEnd(window);
    const right = this.#rightEnd(window);
    if (left === undefined || right === undefined) return undefined;
    if (!this.#isCounter && !(isGauge(left) && isGauge(right))) this.#notes.notGauge();
    let result = this.#notes.take(subtractHistograms(right, left), 'subtraction');
    const losses = this.#isCounter ? this.#lostAtResets(window, left, right) : [];
    if (result !== undefined && losses.length > 0) {
      const lost = this.#sum(losses);
      result = lost && this.#notes.take(addHistograms(result, lost), 'addition');
    }
    return result?.withResetHint(ResetHint.gauge).compact();
  }

  #checkWindow(window: ExtendedWindow): boolean {
    const { h } = this.#points;
    const isCustom = h[window.first]!.usesCustomBuckets;
    for (let j = window.first; j <= window.last; j++) {
      if (h[j]!.usesCustomBuckets !== isCustom) {
        this.#notes.mixedSchemas();
        return false;
      }
      if (this.#isCounter && isGauge(h[j]!)) this.#notes.notCounter();
    }
    return true;
  }

  #leftEnd(window: ExtendedWindow): FloatHistogram | undefined {
    return isLeftInterpolated(this.#points.t, window)
      ? this.#interpolate(window.first, window.startT)
      : this.#points.h[window.first];
  }

  #rightEnd(window: ExtendedWindow): FloatHistogram | undefined {
    return isRightInterpolated(this.#points.t, window)
      ? this.#interpolate(window.last - 1, window.endT)
      : this.#points.h[window.last];
  }

  #interpolate(j: number, time: number): FloatHistogram | undefined {
    return interpolateHistogram(this.#points, j, time, this.#isCounter, this.#notes);
  }

  #sum(histograms: readonly FloatHistogram[]): FloatHistogram | undefined {
    let sum = histograms[0];
    for (let j = 1; j < histograms.length && sum !== undefined; j++) {
      sum = this.#notes.take(addHistograms(sum, histograms[j]!), 'addition');
    }
    return sum;
  }

  /** What each reset inside the window took away. */
  #lostAtResets(
    window: ExtendedWindow,
    left: FloatHistogram,
    right: FloatHistogram,
  ): FloatHistogram[] {
    const { t, h } = this.#points;
    let next = window.first + 1;
    let previous = left;
    if (isLeftInterpolated(t, window) && h[next]!.detectReset(h[next - 1]!)) {
      // The left end was interpolated across this reset and has it in its value.
      previous = h[next]!;
      next++;
    }
    // Both ends were interpolated between the same two histograms, or are the same one.
    if (next > window.last) return [];
    const lost: FloatHistogram[] = [];
    // The last one stands for the right end, which carries its hint: looked at as such only.
    for (; next < window.last; next++) {
      if (h[next]!.detectReset(previous)) lost.push(previous);
      previous = h[next]!;
    }
    if (right.detectReset(previous)) lost.push(previous);
    return lost;
  }
}
