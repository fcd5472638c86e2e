// Queries in parts: an aggregation over rows that come of one selector each can be evaluated for parts of
// the selector's series on several threads, and the parts merged in the order of the series.

import type { Annotation } from '../annotations.ts';
import { tooManySamples } from '../errors.ts';
import type { AggregateExpr, Expr } from '../language/ast.ts';
import { childrenOf } from '../language/walk.ts';
import { isColumnOp } from './aggregate-columns.ts';
import { isRowwise } from './expr-shape.ts';
import type { QuerySampleStats } from './interface.ts';
import type { PackedGroups } from './packed-groups.ts';
import type { PartialAggregate } from './partial-aggregate.ts';
import type { QueryPlan } from './plan.ts';
import type { SampleStats } from './samples.ts';

/** What the evaluation of one part of an aggregation had to say and to count. */
export interface PartFigures {
  readonly annotations: readonly Annotation[];
  readonly stats: QuerySampleStats;
  /** Samples of the rows that were aggregated. */
  readonly heldSamples: number;
}

/** A part on the thread that evaluated it. Its groups are valid until `close`. */
export interface OpenPart extends PartFigures {
  readonly partial: PartialAggregate;
  /** Idempotent. */
  close(): void;
}

/** A part that can be posted to another thread. */
export interface PostedPart extends PartFigures {
  /** undefined if the groups hold sums of histograms: these have to be made on one thread. */
  readonly groups: PackedGroups | undefined;
}

/** All parts of an aggregation, in the order of the series. Merging them changes the first. */
export interface AggregateParts {
  readonly first: OpenPart;
  readonly others: readonly PostedPart[];
}

/**
 * The aggregations of a plan that can be evaluated in parts, in the order of the tree. Only those of the
 * query's own steps: what is in subqueries or the same at every step is evaluated by itself.
 */
export function splitAggregates(plan: QueryPlan): readonly AggregateExpr[] {
  const found: AggregateExpr[] = [];
  collect(plan.expr, found);
  return found;
}

function collect(expr: Expr, found: AggregateExpr[]): void {
  if (expr.kind === 'subquery' || expr.kind === 'stepInvariant') return;
  if (expr.kind === 'aggregate' && isColumnOp(expr.op) && isRowwise(expr.expr)) {
    found.push(expr);
    return;
  }
  for (const child of childrenOf(expr)) collect(child, found);
}

/** Indexes of the selections that are read where everything below `without` is known already. */
export function selectionsNeeded(
  expr: Expr,
  { selectionOf }: QueryPlan,
  without: ReadonlySet<Expr> = new Set(),
): Set<number> {
  const needed = new Set<number>();
  const visit = (node: Expr): void => {
    if (without.has(node)) return;
    const index = selectionOf.get(node);
    if (index !== undefined) needed.add(index);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(expr);
  return needed;
}

/**
 * Counts what the parts counted, as if they had been evaluated one after the other; operators below the
 * aggregation hold less, since each has the inputs of its part only. `maxSamples` is the query's limit,
 * `heldBefore` what it holds besides. Throws PROMQL_TOO_MANY_SAMPLES.
 */
export function countParts(
  parts: readonly PartFigures[],
  stats: SampleStats,
  heldBefore: number,
  maxSamples: number,
): void {
  let held = heldBefore;
  for (const part of parts) {
    stats.total += part.stats.totalQueryableSamples;
    stats.read += part.stats.samplesRead;
    addColumn(stats.totalPerStep, part.stats.totalQueryableSamplesPerStep);
    addColumn(stats.readPerStep, part.stats.samplesReadPerStep);
    stats.peak = Math.max(stats.peak, held + part.stats.peakSamples);
    held += part.heldSamples;
  }
  if (stats.peak > maxSamples) throw tooManySamples(maxSamples);
}

function addColumn(into: Float64Array | undefined, from: Float64Array | undefined): void {
  if (into === undefined || from === undefined) return;
  for (let i = 0; i < into.length; i++) into[i]! += from[i]!;
}
