// What Tidemark wants to reach: the most that its figure may be of a peer's in the same run.

/** Limits by peer, for Tidemark as it comes, and for its log synced later where that has limits of its own. */
export interface Targets {
  readonly synced: Limits;
  readonly unsynced?: Limits;
}

/** By name of the peer. */
export type Limits = Readonly<Record<string, number>>;

export type TargetName =
  | 'steadyCpu'
  | 'newSeriesCpu'
  | 'syntheticBytes'
  | 'realBytes'
  | 'peakMemory'
  /** Of the median of all queries of a class … */
  | 'aggregates'
  | 'matrices'
  | 'instants'
  | 'repeats'
  /** … and no single one may lose. */
  | 'noneAbove'
  /** Of what the peer loses. */
  | 'mixedLoss'
  | 'startUp';

export const TARGETS: Readonly<Record<TargetName, Targets>> = {
  steadyCpu: { synced: limits(0.35, 0.1), unsynced: limits(0.25) },
  newSeriesCpu: { synced: limits(0.35, 0.15) },
  syntheticBytes: { synced: limits(0.97, 0.45) },
  realBytes: { synced: limits(1, 0.35) },
  peakMemory: { synced: limits(0.75, 0.4) },
  aggregates: { synced: limits(0.7, 0.25) },
  matrices: { synced: limits(1, 0.7) },
  instants: { synced: limits(1, 1.5) },
  repeats: { synced: limits(1.5, 0.1) },
  noneAbove: { synced: limits(1) },
  mixedLoss: { synced: limits(1) },
  startUp: { synced: limits(1, 1) },
};

function limits(victoriaMetrics: number, prometheus?: number): Limits {
  const own = { 'victoria-metrics': victoriaMetrics };
  return prometheus === undefined ? own : { ...own, prometheus };
}

/** Undefined where there is no limit or nothing to judge. */
export function isMet(
  ratio: number | undefined,
  limits: Limits | undefined,
  peer: string,
): boolean | undefined {
  const limit = limits?.[peer];
  return limit === undefined || ratio === undefined ? undefined : ratio <= limit;
}
