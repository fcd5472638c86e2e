// What each database takes, for /metrics.

import type { Lifecycle } from '../runtime/lifecycle.ts';
import type { LabeledValue, Metrics } from '../runtime/metrics.ts';
import type { Storage } from '../storage/interface.ts';
import type { Usage } from './usage.ts';

interface NamedUsage {
  readonly name: string;
  readonly usage: ReturnType<Usage['ofDatabase']>;
}

export function addDatabaseMetrics(
  metrics: Metrics,
  lifecycle: Lifecycle<Storage>,
  counted: Usage,
): void {
  const usages = (): NamedUsage[] => {
    const storage = lifecycle.current;
    const names = storage?.databaseNames() ?? [];
    return names.flatMap((name) => {
      const database = storage?.database(name);
      return database === undefined ? [] : [{ name, usage: counted.ofDatabase(database) }];
    });
  };
  const each = (read: (usage: NamedUsage['usage']) => number) => (): LabeledValue[] =>
    usages().map(({ name, usage }) => ({ value: read(usage), labels: [name] }));
  metrics.gauges(
    'tidemark_database_active_series',
    'Series that have had samples lately.',
    ['database'],
    each(({ activeSeries }) => activeSeries),
  );
  metrics.gauges(
    'tidemark_database_disk_bytes',
    'Bytes of long-term storage.',
    ['database'],
    each(({ diskBytes }) => diskBytes),
  );
  metrics.gauges(
    'tidemark_database_stored_samples',
    'Samples in long-term storage.',
    ['database'],
    each(({ storedSamples }) => storedSamples),
  );
  metrics.counters(
    'tidemark_database_samples_written_total',
    'Samples and histograms that were accepted.',
    ['database'],
    each(({ samplesWritten }) => samplesWritten),
  );
  metrics.counters(
    'tidemark_database_new_series_total',
    'Series that were not known before.',
    ['database'],
    each(({ newSeries }) => newSeries),
  );
  metrics.counters(
    'tidemark_database_quota_refusals_total',
    'Writes, series and queries that a quota refused.',
    ['database', 'quota'],
    () =>
      usages().flatMap(({ name, usage }) =>
        Object.entries(usage.refusals).map(([quota, value]) => ({ value, labels: [name, quota] })),
      ),
  );
}
