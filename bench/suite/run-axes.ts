// Runs the cells of the axes one after the other.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../src/runtime/error.ts';
import type { ServerKind } from '../server.ts';
import type { Axis, AxisCell, AxisCellResult, CellRun, Row, Scale } from './axis.ts';
import { guessLoadSeconds, kindsOf, SharedLoads } from './loads.ts';
import { type LineTarget, ProgressLine } from './progress-line.ts';
import { OWN_UNSYNCED } from './ratios.ts';
import { Schedule } from './schedule.ts';
import { printDuration } from './table.ts';

export interface AxesRun {
  readonly axes: readonly Axis[];
  readonly scale: Scale;
  readonly rounds: number;
  readonly kinds: readonly ServerKind[];
  readonly folder: string;
  /** Where the progress is written. */
  readonly target: LineTarget;
}

interface PlannedCell {
  readonly axis: Axis;
  readonly cell: AxisCell;
  readonly kinds: readonly ServerKind[];
  readonly rounds: number;
  readonly guessSeconds: number;
}

/** Measures everything; `keep` is called as soon as a cell is there. */
export async function runAxes(run: AxesRun, keep: (cell: AxisCellResult) => void): Promise<void> {
  const plan = planCells(run);
  const schedule = new Schedule(plan.map(({ guessSeconds }) => guessSeconds));
  const loads = new SharedLoads(run);
  let at = 0;
  let begun = performance.now();
  let step = 'starting';
  let share = 0;
  const elapsed = (): number => (performance.now() - begun) / 1000;
  const line = new ProgressLine(run.target, () => ({
    cell: at + 1,
    cells: plan.length,
    name: nameOf(plan[at]!),
    step,
    remainingSeconds: schedule.remaining(at, elapsed(), share),
  }));
  try {
    for (; at < plan.length; at++) {
      const planned = plan[at]!;
      begun = performance.now();
      const result = await runCell(planned, run.folder, loads, (what, behind) => {
        step = what;
        share = behind;
        line.refresh();
      });
      const seconds = elapsed();
      schedule.finish(at, seconds);
      for (const problem of result.problems) line.say(`${result.name}: ${problem}`);
      line.say(`${result.name}: done in ${printDuration(seconds)}`);
      keep({ ...result, seconds });
    }
  } finally {
    line.end();
  }
}

/** The cells with the servers that are there, and a guess of their time; a load counts where it is looked at first. */
export function planCells({ axes, scale, rounds, kinds }: AxesRun): PlannedCell[] {
  const loaded = new Set<string>();
  return axes.flatMap((axis) =>
    axis.cells(scale).map((cell) => {
      const own = cell.servers ?? kinds.map(({ name }) => name).filter((n) => n !== OWN_UNSYNCED);
      const cellKinds = kindsOf(own, kinds);
      const cellRounds = Math.min(rounds, cell.maxRounds ?? rounds);
      let guessSeconds = cell.seconds?.(cellKinds, cellRounds) ?? 0;
      for (const load of cell.loads ?? []) {
        if (!loaded.has(load.name)) guessSeconds += guessLoadSeconds(load, kinds, rounds);
        loaded.add(load.name);
      }
      return { axis, cell, kinds: cellKinds, rounds: cellRounds, guessSeconds };
    }),
  );
}

function nameOf({ axis, cell }: PlannedCell): string {
  return `${axis.name}/${cell.name}`;
}

/** A cell that fails leaves its problem, and the others go on. */
async function runCell(
  planned: PlannedCell,
  parent: string,
  loads: SharedLoads,
  step: CellRun['step'],
): Promise<Omit<AxisCellResult, 'seconds'>> {
  const { axis, cell, kinds, rounds } = planned;
  const folder = join(parent, 'cell');
  mkdirSync(folder);
  const problems: string[] = [];
  const problem = (text: string): void => {
    problems.push(text);
  };
  let rows: readonly Row[] = [];
  step('starting', 0);
  try {
    const load: CellRun['load'] = (plan) => loads.measure(plan, step, problem);
    rows = await cell.run({ kinds, rounds, folder, load, step, problem });
  } catch (error) {
    problem(errorMessage(error));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  return { name: nameOf(planned), axis: axis.name, cell: cell.name, rows, problems };
}
