import { expect, test } from 'vitest';
import { metricName } from './metric-name.ts';
import type { MetricKind } from './model.ts';
import type { TranslationStrategy } from './options.ts';

const WITH = 'UnderscoreEscapingWithSuffixes';
const WITHOUT = 'UnderscoreEscapingWithoutSuffixes';
const UTF8 = 'NoUTF8EscapingWithSuffixes';
const NONE = 'NoTranslation';

type Kind = MetricKind | 'counter';

/** Prometheus is asked for random names in test/differential-otlp. */
const CASES: readonly [
  strategy: TranslationStrategy,
  name: string,
  unit: string,
  kind: Kind,
  expected: string | undefined,
][] = [
  [WITH, 'http.server.duration', 's', 'histogram', 'http_server_duration_seconds'],
  [WITH, 'requests.count', '1', 'counter', 'requests_count_total'],
  [WITH, 'memory.usage', 'By', 'gauge', 'memory_usage_bytes'],
  [WITH, 'speed', 'm/s', 'gauge', 'speed_meters_per_second'],
  [WITH, 'cpu.utilization', '1', 'gauge', 'cpu_utilization_ratio'],
  [WITH, 'cpu.utilization', '1', 'sum', 'cpu_utilization'],
  [WITH, 'packets', '{packet}', 'sum', 'packets'],
  [WITH, 'packets', '{packet}/s', 'gauge', 'packets_per_second'],
  [WITH, 'packets', 'By/{packet}', 'gauge', 'packets_bytes'],
  [WITH, 'total.requests', '', 'counter', 'requests_total'],
  [WITH, 'requests_total', 's', 'counter', 'requests_seconds_total'],
  [WITH, 'ratio.of.ratio', '1', 'gauge', 'of_ratio'],
  [WITH, 'bytes.read', 'By', 'counter', 'bytes_read_total'],
  [WITH, 'a__b..c', '', 'gauge', 'a_b_c'],
  [WITH, '_lead.and.trail_', '', 'gauge', 'lead_and_trail'],
  [WITH, '5xx.errors', '', 'gauge', '_5xx_errors'],
  [WITH, 'rule:kept:colons', '', 'gauge', 'rule:kept:colons'],
  [WITH, 'weird', '%', 'gauge', 'weird_percent'],
  [WITH, 'x', 'widgets', 'gauge', 'x_widgets'],
  [WITH, 'x', 'foo bar', 'gauge', 'x_foo_bar'],
  [WITH, 'x', '°C', 'gauge', 'x_C'],
  [WITH, 'x', 'foo°/bar°', 'gauge', 'x_foo_per_bar'],
  [WITH, 'x', '/s', 'gauge', 'x_per_second'],
  [WITH, 'x', 'm/', 'gauge', 'x_meters'],
  [WITH, 'x', ' s ', 'gauge', 'x_seconds'],
  [WITH, 'x.seconds.per_second', 's/s', 'gauge', 'x_seconds_per_second_per_second'],
  [WITH, 'x', 'By/m/s', 'gauge', 'x_bytes_per_m_s'],
  [WITH, 'größe', '', 'gauge', 'gr_e'],
  [WITH, '温度', 'Cel', 'gauge', 'celsius'],
  [WITH, '温度', '', 'gauge', undefined],
  [WITH, '___', '', 'gauge', undefined],
  [WITH, '', 's', 'gauge', undefined],

  [WITHOUT, 'http.server.duration', 's', 'histogram', 'http_server_duration'],
  [WITHOUT, 'a__b..c', '', 'counter', 'a__b_c'],
  [WITHOUT, '.a.', '', 'gauge', 'a'],
  [WITHOUT, '5xx', '', 'gauge', '_5xx'],
  [WITHOUT, '__', '', 'gauge', '__'],
  [WITHOUT, '.__.', '', 'gauge', undefined],
  [WITHOUT, '', '', 'gauge', undefined],

  [UTF8, 'http.server.duration', 's', 'histogram', 'http.server.duration_seconds'],
  [UTF8, 'requests.total', '1', 'counter', 'requests_total'],
  [UTF8, 'requests', 'By/s', 'counter', 'requests_bytes_per_second_total'],
  [UTF8, 'cpu.ratio', '1', 'gauge', 'cpu_ratio'],
  [UTF8, 'x.bytes', 'By', 'gauge', 'x.bytes'],
  [UTF8, 'total', '', 'counter', 'total_total'],
  [UTF8, '温度', 'Cel', 'gauge', '温度_celsius'],
  [UTF8, 'x', 'foo°', 'gauge', 'x_foo°'],
  [UTF8, '', 's', 'gauge', undefined],

  [NONE, 'http.server.duration', 's', 'histogram', 'http.server.duration'],
  [NONE, '5xx__', '1', 'counter', '5xx__'],
  [NONE, '', '', 'gauge', undefined],
];

test.each(CASES)('%s: %j in %j of a %s is %j', (strategy, name, unit, kind, expected) => {
  const isMonotonic = kind === 'counter';
  const metric = { name, unit, kind: kind === 'counter' ? 'sum' : kind, isMonotonic } as const;
  expect(metricName(metric, strategy)).toBe(expected);
});
