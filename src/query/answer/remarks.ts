// Warnings and infos as the API lists them.

import type { Annotation } from '../../promql/annotations.ts';
import { placeOf } from '../../promql/language/position.ts';

/** Most listed of each kind. */
const MAX_LISTED = 10;

/** What Prometheus says when `limit` cut the result. */
export const TRUNCATED_WARNING = 'results truncated due to limit';

export interface Remarks {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** `others` are warnings that do not come from the evaluation; they come first. */
export function remarksOf(
  query: string,
  annotations: readonly Annotation[],
  others: readonly string[],
): Remarks {
  const print = (annotation: Annotation): string =>
    `PromQL ${annotation.kind}: ${annotation.text} (${placeOf(query, annotation.position)})`;
  const warnings = annotations.filter(({ kind }) => kind === 'warning');
  const infos = annotations.filter(({ kind }) => kind === 'info');
  return {
    warnings: listed('warning', [...others, ...warnings.map(print)]),
    infos: listed('info', infos.map(print)),
  };
}

function listed(kind: Annotation['kind'], texts: readonly string[]): readonly string[] {
  const omitted = texts.length - MAX_LISTED;
  if (omitted <= 0) return texts;
  return [...texts.slice(0, MAX_LISTED), `${omitted} more ${kind} annotations omitted`];
}
