// What a run of a bench leaves behind, as its JSON file has it, and the figures of its servers beside each other.

/** Measured figures by name; a measure that a server does not have is absent. */
export type Figures = Readonly<Partial<Record<MeasureName, number>>>;

export type MeasureName =
  | 'samplesPerSecond'
  /** CPU seconds a million samples, up to the last answer. */
  | 'loadCpu'
  /** The same of the second half of the bytes alone: series are known by then, and code is compiled. */
  | 'steadyCpu'
  /** The same up to the end of all flushes and merges that follow. */
  | 'settledCpu'
  | 'loadPeakBytes'
  | 'settledPeakBytes'
  /** Largest memory without pages of mapped files, by samples, settling included. */
  | 'ownPeakBytes'
  | 'bytesPerSample'
  | 'indexBytes'
  /** Of the loader. */
  | 'loaderCpuSeconds'
  | 'retries'
  /** 99th percentile of the answers to bodies. */
  | 'answerP99Ms'
  /** A while after everything is settled; without pages of mapped files. */
  | 'restBytes'
  | 'ownRestBytes'
  /** Median of the queries that every size of the growth axis is asked. */
  | 'aggregateMs'
  | 'instantMs'
  /** Share, 0…1, of full-precision samples that come back with other bits. */
  | 'changedShare'
  | 'startSeconds'
  | 'startCpuSeconds'
  | 'startPeakBytes'
  /** After a clean stop. */
  | 'cleanStartSeconds'
  | 'cleanStartCpuSeconds'
  | 'logBytes'
  /** How much of the sending before the kill is not there after the start, though it was acknowledged. */
  | 'lostSeconds';

/** One server once through a cell. */
export interface Run {
  readonly server: string;
  /** 0, 1, …; runs of one round stand beside each other in time. */
  readonly round: number;
  readonly figures: Figures;
  /** Why the figures are missing or not to be trusted; undefined if all went well. */
  readonly problem: string | undefined;
}

export interface CellResult {
  readonly name: string;
  readonly kind: 'load' | 'replay';
  readonly series: number;
  readonly ticks: number;
  readonly samples: number;
  readonly bodies: number;
  readonly rawBytes: number;
  readonly compressedBytes: number;
  readonly runs: readonly Run[];
}

export interface ServerInfo {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly flags: readonly string[];
}

/** What a run of any bench leaves behind. */
export interface RunResults<Cell> {
  readonly date: string;
  readonly commit: string;
  readonly quick: boolean;
  readonly machine: readonly string[];
  readonly servers: readonly ServerInfo[];
  /** Names of peers that were not found. */
  readonly missing: readonly string[];
  readonly cells: readonly Cell[];
}

export type Results = RunResults<CellResult>;

/** All repeats of one measure on one server. */
export function figuresOf(cell: CellResult, server: string, measure: MeasureName): number[] {
  return cell.runs
    .filter((run) => run.server === server && run.problem === undefined)
    .flatMap(({ figures }) => figures[measure] ?? []);
}

/** One server's figure by another's, round by round: both saw the same mood of the machine. */
export function ratiosOf(
  cell: CellResult,
  server: string,
  peer: string,
  measure: MeasureName,
): number[] {
  return cell.runs
    .filter((run) => run.server === server && run.problem === undefined)
    .flatMap(({ round, figures }) => {
      const beside = cell.runs.find(
        (run) => run.server === peer && run.round === round && run.problem === undefined,
      );
      const own = figures[measure];
      const other = beside?.figures[measure];
      return own === undefined || other === undefined || other === 0 ? [] : [own / other];
    });
}

/**
 * Whole runs of single cells as one; of a cell that several have, the last counts. Throws where they
 * are not of the same commit, machine and servers: the page states those once for all cells.
 */
export function joinResults<Cell extends { readonly name: string }>(
  all: readonly RunResults<Cell>[],
): RunResults<Cell> {
  const last = all.at(-1);
  if (last === undefined) throw new Error('no results');
  const cells = new Map<string, Cell>();
  for (const results of all) {
    if (results.quick) throw new Error('quick results are not for the page');
    for (const part of ['commit', 'machine', 'servers', 'missing'] as const) {
      const [own, other] = [JSON.stringify(results[part]), JSON.stringify(last[part])];
      if (own !== other) throw new Error(`results differ in ${part}: ${own} and ${other}`);
    }
    for (const cell of results.cells) cells.set(cell.name, cell);
  }
  return { ...last, cells: [...cells.values()] };
}
