// What an axis of the whole bench is. Each axis has a file of its name in bench/axes/.

import type { MeasureName } from '../results.ts';
import type { ServerKind } from '../server.ts';
import type { Caveat } from './caveats.ts';
import type { LoadPlan } from './loads.ts';
import type { Targets } from './targets.ts';

/** How much is measured: all that the page shows, or small cells, under five minutes in all. */
export type Scale = 'whole' | 'quick';

export interface Axis {
  /** As `--axes` and the results name it, and its file. */
  readonly name: string;
  /** What is measured and how, as sentences for the page. */
  readonly measures: string;
  /** In the order in which they run. */
  readonly cells: (scale: Scale) => readonly AxisCell[];
}

/** A part of an axis that is measured at once; its results are kept as soon as they are there. */
export interface AxisCell {
  /** Within its axis. */
  readonly name: string;
  /** Servers that take part if they are there; default: all but the Tidemark whose log is synced later. */
  readonly servers?: readonly string[];
  /** Most repeats that it is worth; default: what was asked for. */
  readonly maxRounds?: number;
  /** Loads that it looks at. Each is measured once in a run of the bench, for all cells together. */
  readonly loads?: readonly LoadPlan[];
  /** Seconds besides those of the loads, on two cores of 2026: a first guess, corrected by what has been measured. */
  readonly seconds?: (kinds: readonly ServerKind[], rounds: number) => number;
  readonly run: (run: CellRun) => Promise<readonly Row[]>;
}

/** What a cell is given. */
export interface CellRun {
  readonly kinds: readonly ServerKind[];
  readonly rounds: number;
  /** Empty, and removed afterwards. */
  readonly folder: string;
  /** Measures a load, or has it from an earlier cell. */
  readonly load: (plan: LoadPlan) => Promise<LoadRuns>;
  /** Says what is done now, and the share of the cell that is behind it, 0…1. */
  readonly step: (what: string, share: number) => void;
  /** Notes something that makes a figure missing or doubtful. */
  readonly problem: (text: string) => void;
}

/** The repeats of a load, by measure. */
export interface LoadRuns {
  /** Values by server and round, each multiplied by `scale`; null where there is none. */
  readonly values: (measure: LoadMeasure, scale?: number) => Values;
}

export type LoadMeasure = MeasureName | 'wallSeconds';

/** By server, then by round; null where a server has no figure. */
export type Values = Readonly<Record<string, readonly (number | null)[]>>;

/** One line of the table; less is better in all of them. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly values: Values;
  /** Instead of ratios of the values: those of several other rows, by peer. */
  readonly ratios?: Readonly<Record<string, readonly number[]>>;
  readonly targets?: Targets;
  /** What a peer does not do bears on this row. */
  readonly caveats?: readonly Caveat[];
}

/** What a cell leaves in the file of results. */
export interface AxisCellResult {
  /** `axis/cell`. */
  readonly name: string;
  readonly axis: string;
  readonly cell: string;
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly problems: readonly string[];
}
