// Which samples may enter a store at all: limits on labels and times. Pure rules; the store passes
// the clock and its settings in.

/** Limits that a store applies to what it is given. */
export interface AdmissionLimits {
  /** Labels per series, the metric name included. */
  readonly maxLabels: number;
  /** Bytes of UTF-8. */
  readonly maxLabelNameBytes: number;
  readonly maxLabelValueBytes: number;
  /** How far a timestamp may lie in the future, in ms. */
  readonly maxFutureMs: number;
  /** Age in ms past which samples are not kept; 0 keeps everything. */
  readonly retentionMs: number;
}

export const DEFAULT_LIMITS: AdmissionLimits = {
  maxLabels: 64,
  maxLabelNameBytes: 1024,
  maxLabelValueBytes: 16_384,
  maxFutureMs: 600_000,
  retentionMs: 400 * 86_400_000,
};
