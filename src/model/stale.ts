// Prometheus' stale marker is one particular NaN. Engines may change a NaN's payload when it passes
// through arithmetic, so markers are recognised and copied by their two 32-bit halves.

export const STALE_NAN_HIGH = 0x7ff00000;
export const STALE_NAN_LOW = 0x00000002;

/** Prometheus' ordinary NaN: what a sender means that says no more than "not a number". */
export const NORMAL_NAN_HIGH = 0x7ff80000;
export const NORMAL_NAN_LOW = 0x00000001;

/** True if the 64 bits given as two unsigned halves are the stale marker. */
export function isStaleBits(high: number, low: number): boolean {
  return low === STALE_NAN_LOW && high === STALE_NAN_HIGH;
}

/** True if row `i` of a column of float64 holds the stale marker. */
export function isStaleAt(values: Float64Array, i: number): boolean {
  const at = values.byteOffset + i * 8;
  const view = new DataView(values.buffer, at, 8);
  return isStaleBits(view.getUint32(4, true), view.getUint32(0, true));
}

/** Writes the stale marker to row `i` of a column of float64. */
export function setStaleAt(values: Float64Array, i: number): void {
  const view = new DataView(values.buffer, values.byteOffset + i * 8, 8);
  view.setUint32(0, STALE_NAN_LOW, true);
  view.setUint32(4, STALE_NAN_HIGH, true);
}
