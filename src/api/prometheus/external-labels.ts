// External labels of remote read: what a Prometheus server calls itself. Readers select by them and
// see them on every series, although they are not stored.

import { compareLabels, type Labels, labelValue, normalizeLabels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { copyColumns } from '../../model/sample.ts';
import type { Querier, SelectHints, SeriesEntry } from '../../storage/interface.ts';

/** Equality with an external label becomes "the series has no such label of its own". */
function withoutExternalLabels(matchers: readonly Matcher[], external: Labels): readonly Matcher[] {
  if (external.length === 0) return matchers;
  return matchers.map((matcher) => {
    const { type, name, value } = matcher;
    const isExternal = type === '=' && value !== '' && labelValue(external, name) === value;
    return isExternal ? { type, name, value: '' } : matcher;
  });
}

/** The series' labels and the external ones; the series' own win. */
function mergeExternalLabels(labels: Labels, external: Labels): Labels {
  if (external.length === 0) return labels;
  const missing = external.filter(({ name }) => labelValue(labels, name) === '');
  return normalizeLabels([...labels, ...missing]);
}

/**
 * As `querier.select`, with external labels merged and series sorted by the result. Adding a label can
 * change the order; where it does, all series of the query are held in memory to sort them.
 */
export async function* selectWithExternalLabels(
  querier: Querier,
  matchers: readonly Matcher[],
  external: Labels,
  hints: SelectHints,
): AsyncGenerator<SeriesEntry, void> {
  const stored = withoutExternalLabels(matchers, external);
  if (external.length === 0) {
    yield* querier.select(stored, hints);
    return;
  }
  const merged = (labels: Labels): Labels => mergeExternalLabels(labels, external);
  const order = (await querier.series([stored])).map(merged);
  if (isSorted(order)) {
    for await (const { labels, samples } of querier.select(stored, hints)) {
      yield { labels: merged(labels), samples };
    }
    return;
  }
  const entries: SeriesEntry[] = [];
  for await (const { labels, samples } of querier.select(stored, hints)) {
    entries.push({ labels: merged(labels), samples: copyColumns(samples) });
  }
  yield* entries.sort((a, b) => compareLabels(a.labels, b.labels));
}

/** Label sets alone, likewise. */
export async function seriesWithExternalLabels(
  querier: Querier,
  matchers: readonly Matcher[],
  external: Labels,
): Promise<Labels[]> {
  const series = await querier.series([withoutExternalLabels(matchers, external)]);
  if (external.length === 0) return series;
  return series.map((labels) => mergeExternalLabels(labels, external)).sort(compareLabels);
}

function isSorted(series: readonly Labels[]): boolean {
  return series.every((labels, i) => i === 0 || compareLabels(series[i - 1]!, labels) <= 0);
}
