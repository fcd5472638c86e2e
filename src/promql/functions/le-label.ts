// The label `le` of classic histograms: the upper bound of a bucket, as text.

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/** The bound; undefined for what is no number, or none that a float can hold. */
export function parseBound(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const bound = Number(text);
    return Number.isFinite(bound) ? bound : undefined;
  }
  if (/^\+?inf(?:inity)?$/i.test(text)) return Infinity;
  return /^-inf(?:inity)?$/i.test(text) ? -Infinity : undefined;
}
