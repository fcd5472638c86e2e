// What the evaluator does with label sets: taking the name away, keeping or leaving out some labels,
// and keys by which equal sets are found in a Map.

import { compareStrings, type Label, type Labels, METRIC_NAME } from '../../model/labels.ts';

const UNDERSCORE = 0x5f;

/** Labels that say what a metric is. An operation that makes another quantity of it takes them away. */
export function isMetadataLabel(name: string): boolean {
  // Most names do not begin like these, and this is asked of every label of every series.
  if (name.charCodeAt(0) !== UNDERSCORE) return false;
  return name === METRIC_NAME || name === '__type__' || name === '__unit__';
}

/** The same set without metric name, type and unit; the same object if it has none of them. */
export function withoutMetadata(labels: Labels): Labels {
  for (const { name } of labels) {
    if (isMetadataLabel(name)) return labels.filter((label) => !isMetadataLabel(label.name));
  }
  return labels;
}

/** The same set without the metric name only. */
export function withoutMetricName(labels: Labels): Labels {
  return deleteLabels(labels, [METRIC_NAME]);
}

/** Only the labels named. */
export function keepLabels(labels: Labels, names: readonly string[]): Labels {
  return labels.filter(({ name }) => names.includes(name));
}

/** All but the labels named; the same object if it has none of them. */
export function deleteLabels(labels: Labels, names: readonly string[]): Labels {
  for (const { name } of labels) {
    if (names.includes(name)) return labels.filter((label) => !names.includes(label.name));
  }
  return labels;
}

/** The set with one label set to a value; '' takes it away. */
export function setLabel(labels: Labels, name: string, value: string): Labels {
  const result: Label[] = labels.filter((label) => label.name !== name);
  if (value === '') return result;
  let at = result.length;
  while (at > 0 && compareStrings(result[at - 1]!.name, name) > 0) at--;
  result.splice(at, 0, { name, value });
  return result;
}

/** Any text is a label name but the empty one, and what is no UTF-8: the parser makes lone surrogates of it. */
export function isLabelName(name: string): boolean {
  return name !== '' && !/\p{Surrogate}/u.test(name);
}

/**
 * Ends each string of a key. Half a surrogate pair is never in a well-formed label, so that two sets
 * have one key only if they are equal.
 */
const END = '\ud800';

/** A key that is equal for equal sets. */
export function labelsKey(labels: Labels): string {
  let key = '';
  for (const { name, value } of labels) key += name + END + value + END;
  return key;
}

/**
 * Makes keys of a part of the labels: only those of `names`, or all but them. Keys of one function are
 * equal iff these parts are; a name that is not there counts as ''.
 */
export function partKey(names: readonly string[], only: boolean): (labels: Labels) => string {
  if (!only) {
    return (labels) => {
      let key = '';
      for (const { name, value } of labels) {
        if (!names.includes(name)) key += name + END + value + END;
      }
      return key;
    };
  }
  if (names.length === 0) return () => '';
  const [first] = names;
  if (names.length === 1) return (labels) => textOf(labels, first!);
  return (labels) => {
    let key = '';
    for (const name of names) key += textOf(labels, name) + END;
    return key;
  };
}

function textOf(labels: Labels, wanted: string): string {
  for (const { name, value } of labels) if (name === wanted) return value;
  return '';
}
