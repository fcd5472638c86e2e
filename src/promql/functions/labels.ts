// label_replace and label_join: they look at labels only, so each series is done once for all steps. Calls inside
// calls can make a label grow without end, so what is written is limited and counts as memory of the query.

import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import { type CapturingRegexp, compileCapturing } from '../../runtime/regexp.ts';
import { executionFailed, labelTooLong } from '../errors.ts';
import { isLabelName, setLabel } from '../eval/label-sets.ts';
import type { StepSeries } from '../eval/step-series.ts';
import type { FunctionCall } from './interface.ts';
import { expandedLength, expandTemplate, parseTemplate } from './replacement-template.ts';

type Vectors = readonly (readonly StepSeries[] | undefined)[];

/**
 * Longest value that may be written, in UTF-16 units: many times what is taken in. To match one this long takes an
 * expression a tenth of a second, and no query can be stopped meanwhile.
 */
const MAX_VALUE_LENGTH = 2 ** 17;
/** A UTF-16 unit at the most. */
const BYTES_PER_UNIT = 2;

/** label_replace(v, dst, replacement, src, regex). Series that do not match stay as they are. */
export function labelReplace(call: FunctionCall, vectors: Vectors): StepSeries[] {
  const [, destination, replacement, source, pattern] = call.strings as [unknown, ...string[]];
  const regexp = compile(pattern!);
  if (!isLabelName(destination!)) {
    throw executionFailed(`invalid destination label name in label_replace(): ${destination}`);
  }
  const template = parseTemplate(replacement!, regexp.groups);
  const { control } = call;
  // Many series share a value, and matching costs more than looking it up.
  const byValue = new Map<string, string | undefined>();
  return vectors[0]!.map((row) => {
    const value = labelValue(row.labels, source!);
    let replaced = byValue.get(value);
    if (replaced === undefined && !byValue.has(value)) {
      control.checkpoint();
      const captures = regexp.captures(value);
      if (captures !== undefined) {
        holdValue(call, expandedLength(template, captures));
        replaced = expandTemplate(template, captures);
      }
      byValue.set(value, replaced);
    }
    return replaced === undefined ? row : relabelled(call, row, destination!, replaced);
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
  const separatorsLength = separator!.length * Math.max(0, sources.length - 1);
  return vectors[0]!.map((row) => {
    const values = sources.map((source) => labelValue(row.labels, source));
    call.control.checkpoint();
    holdValue(
      call,
      values.reduce((length, value) => length + value.length, separatorsLength),
    );
    return relabelled(call, row, destination!, values.join(separator));
  });
}

/** Before a value of that length is made. Throws PROMQL_LABEL_TOO_LONG. */
function holdValue({ name, control }: FunctionCall, length: number): void {
  if (length > MAX_VALUE_LENGTH) throw labelTooLong(name, length, MAX_VALUE_LENGTH);
  control.reserve(length * BYTES_PER_UNIT);
}

/** Who writes the metric name wants to keep it. */
function relabelled(
  { control }: FunctionCall,
  row: StepSeries,
  name: string,
  value: string,
): StepSeries {
  // Equal series are found by keys, which have the text once more.
  control.reserve((name.length + value.length) * BYTES_PER_UNIT);
  const dropName = name === METRIC_NAME ? false : row.dropName;
  return { ...row, labels: setLabel(row.labels, name, value), dropName };
}
