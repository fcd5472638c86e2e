// How rate, increase and delta get from the samples inside a window to the whole window.

/** What tells rate, increase and delta apart. */
export interface RateKind {
  readonly isCounter: boolean;
  /** Per second. */
  readonly isRate: boolean;
}

/** Seconds of a duration in ms: whole seconds and the rest apart, so that rounding is Prometheus'. */
export function durationSeconds(ms: number): number {
  return Math.floor(ms / 1000) + (ms % 1000) / 1000;
}

/**
 * The factor from the increase between first and last sample to that of the window (startT, endT]. Times
 * in ms. Reaches to each end of the window if the next sample would be due there, else half an average
 * interval further; for a counter to the left not beyond where it was zero. `samples` ≥ 2.
 */
export function extrapolationFactor(
  startT: number,
  endT: number,
  firstT: number,
  lastT: number,
  samples: number,
  isCounter: boolean,
  first: number,
  increase: number,
): number {
  const sampled = (lastT - firstT) / 1000;
  const average = sampled / (samples - 1);
  const threshold = average * 1.1;
  let toStart = (firstT - startT) / 1000;
  if (toStart >= threshold) toStart = average / 2;
  if (isCounter && increase > 0 && first >= 0) {
    const toZero = sampled * (first / increase);
    if (toZero < toStart) toStart = toZero;
  }
  let toEnd = (endT - lastT) / 1000;
  if (toEnd >= threshold) toEnd = average / 2;
  return sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
}

/**
 * The same where the counter is known to have been 0 at `zeroT`, inside the window and before the first
 * sample; one sample is enough.
 */
export function extrapolationFactorFromZero(
  zeroT: number,
  endT: number,
  firstT: number,
  lastT: number,
  samples: number,
): number {
  const average = samples === 1 ? 0 : (lastT - firstT) / 1000 / (samples - 1);
  const sampled = (lastT - zeroT) / 1000;
  let toEnd = (endT - lastT) / 1000;
  if (toEnd >= average * 1.1) toEnd = average / 2;
  return (sampled + toEnd) / sampled;
}
