// count_values: as many series per group as there are different values.

import { formatF, quote } from '../../model/go-text.ts';
import type { Labels } from '../../model/labels.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import { executionFailed } from '../errors.ts';
import type { AggregateExpr } from '../language/ast.ts';
import type { Evaluator, Scope } from './interface.ts';
import { deleteLabels, isLabelName, keepLabels, labelsKey, setLabel } from './label-sets.ts';
import { joined, rowBytes, stepwiseCount } from './rows.ts';
import { newStepSeries, Presence, type StepSeries } from './step-series.ts';

/** Throws PROMQL_EXECUTION for a label that cannot be. */
export function countValues(ev: Evaluator, aggregate: AggregateExpr, scope: Scope): StepSeries[] {
  const label = aggregate.param?.kind === 'string' ? aggregate.param.value : '';
  if (!isLabelName(label)) {
    throw executionFailed(`invalid label name ${quote(label)}`);
  }
  const steps = scope.steps.count;
  const count = stepwiseCount(ev, scope);
  const labelsOf = resultLabels(aggregate, label);
  const byKey = new Map<string, StepSeries>();
  for (const row of ev.rows(aggregate.expr, scope)) {
    count.gather(row);
    const ofRow = new Map<string, StepSeries>();
    for (let i = 0; i < steps; i++) {
      if (row.present[i] === Presence.none) continue;
      const text =
        row.present[i] === Presence.histogram
          ? row.histograms![i]!.toString()
          : formatF(row.values[i]!);
      let series = ofRow.get(text);
      if (series === undefined) {
        const labels = labelsOf(row.labels, text);
        const key = labelsKey(labels);
        series = byKey.get(key);
        if (series === undefined) {
          ev.control.reserve(rowBytes(steps));
          series = newStepSeries(labels, steps);
          byKey.set(key, series);
        }
        ofRow.set(text, series);
      }
      series.present[i] = Presence.float;
      series.values[i]! += 1;
    }
  }
  const result = [...byKey.values()];
  for (const series of result) count.emit(series);
  count.finish();
  return joined(ev, result, scope);
}

function resultLabels(
  { without, grouping }: AggregateExpr,
  label: string,
): (labels: Labels, value: string) => Labels {
  if (without) {
    const names = [...grouping, METRIC_NAME];
    return (labels, value) => deleteLabels(setLabel(labels, label, value), names);
  }
  const names = [...grouping, label];
  return (labels, value) => keepLabels(setLabel(labels, label, value), names);
}
