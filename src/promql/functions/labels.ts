// label_replace and label_join: they look at labels only, so each series is done once for all steps.

import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import { type CapturingRegexp, compileCapturing } from '../../runtime/regexp.ts';
import { executionFailed } from '../errors.ts';
import { isLabelName, setLabel } from '../eval/label-sets.ts';
import type { StepSeries } from '../eval/step-series.ts';
import type { FunctionCall } from './interface.ts';
import { expandTemplate, parseTemplate } from './replacement-template.ts';

type Vectors = readonly (readonly StepSeries[] | undefined)[];

/** label_replace(v, dst, replacement, src, regex). Series that do not match stay as they are. */
export function labelReplace(call: FunctionCall, vectors: Vectors): StepSeries[] {
  const [, destination, replacement, source, pattern] = call.strings as [unknown, ...string[]];
  const regexp = compile(pattern!);
  if (!isLabelName(destination!)) {
    throw executionFailed(`invalid destination label name in label_replace(): ${destination}`);
  }
  const template = parseTemplate(replacement!, regexp.groups);
  // Many series share a value, and matching costs more than looking it up.
  const byValue = new Map<string, string | undefined>();
  return vectors[0]!.map((row) => {
    const value = labelValue(row.labels, source!);
    let replaced = byValue.get(value);
    if (replaced === undefined && !byValue.has(value)) {
      const captures = regexp.captures(value);
      replaced = captures === undefined ? undefined : expandTemplate(template, captures);
      byValue.set(value, replaced);
    }
    return replaced === undefined ? row : relabelled(row, destination!, replaced);
  });
}

function compile(pattern: string): CapturingRegexp {
  try {
    return compileCapturing(pattern);
  } catch (error) {
    throw executionFailed(`invalid regular expression in label_replace(): ${pattern}`, error);
  }
}

/** label_join(v, dst, separator, src…): a source that is not there counts as ''. */
export function labelJoin(call: FunctionCall, vectors: Vectors): StepSeries[] {
  const [, destination, separator, ...sources] = call.strings as [unknown, ...string[]];
  for (const source of sources) {
    if (!isLabelName(source)) {
      throw executionFailed(`invalid source label name in label_join(): ${source}`);
    }
  }
  if (!isLabelName(destination!)) {
    throw executionFailed(`invalid destination label name in label_join(): ${destination}`);
  }
  return vectors[0]!.map((row) => {
    const joined = sources.map((source) => labelValue(row.labels, source)).join(separator);
    return relabelled(row, destination!, joined);
  });
}

/** Who writes the metric name wants to keep it. */
function relabelled(row: StepSeries, name: string, value: string): StepSeries {
  const dropName = name === METRIC_NAME ? false : row.dropName;
  return { ...row, labels: setLabel(row.labels, name, value), dropName };
}
