// What can be asked of Prometheus' API, and of ours in its manner.

import { GET, type Method, type Operation, operation, POST } from './operation.ts';

const READ: readonly Method[] = ['get', 'post'];
const QUERY = ['query!', 'timeout', 'limit', 'lookback_delta', 'stats', 'nocache', 'trace'];
const RANGE = ['start', 'end'];
const SEARCH = [
  ...['match[]', 'search[]', 'fuzz_threshold', 'fuzz_alg', 'case_sensitive'],
  ...['sort_by', 'sort_dir', 'include_score', ...RANGE, 'limit', 'batch_size'],
];
const NDJSON = { media: 'application/x-ndjson' };
const PROTOBUF = { media: 'application/x-protobuf' };

export const READING: readonly Operation[] = [
  operation(READ, '/api/v1/query', 'Evaluates an expression at one time.', {
    parameters: ['time', ...QUERY],
  }),
  operation(READ, '/api/v1/query_range', 'Evaluates an expression over a range of time.', {
    parameters: ['start!', 'end!', 'step!', ...QUERY],
  }),
  operation(READ, '/api/v1/query_exemplars', 'Exemplars of what an expression selects.', {
    parameters: ['query!', ...RANGE],
  }),
  operation(READ, '/api/v1/format_query', 'An expression, formatted.', { parameters: ['query!'] }),
  operation(READ, '/api/v1/parse_query', 'An expression as a tree.', { parameters: ['query!'] }),
  operation(READ, '/api/v1/labels', 'Label names.', { parameters: ['match[]', ...RANGE, 'limit'] }),
  operation(GET, '/api/v1/label/{name}/values', 'Values of a label.', {
    parameters: ['name!', 'match[]', ...RANGE, 'limit'],
  }),
  operation(READ, '/api/v1/series', 'Label sets of series.', {
    parameters: ['match[]!', ...RANGE, 'limit'],
  }),
  operation(GET, '/api/v1/metadata', 'Type, help and unit of metrics.', {
    parameters: ['metric', 'limit', 'limit_per_metric'],
  }),
  operation(READ, '/api/v1/search/metric_names', 'Metric names that fit.', {
    parameters: [...SEARCH, 'include_metadata'],
    answer: NDJSON,
  }),
  operation(READ, '/api/v1/search/label_names', 'Label names that fit.', {
    parameters: SEARCH,
    answer: NDJSON,
  }),
  operation(READ, '/api/v1/search/label_values', 'Values of a label that fit.', {
    parameters: ['label!', ...SEARCH],
    answer: NDJSON,
  }),
  operation(READ, '/api/v1/export', 'Samples as JSON lines.', {
    parameters: ['match[]!', ...RANGE, 'format', 'max_rows_per_line', 'include_stale'],
    answer: { media: 'application/stream+json' },
  }),
  operation(READ, '/api/v1/export/csv', 'Float samples as CSV, in fields that are chosen.', {
    parameters: ['match[]!', ...RANGE, 'format!'],
    answer: { media: 'text/csv' },
  }),
  operation(READ, '/api/v1/export/parquet', 'Everything as a Parquet file.', {
    parameters: ['match[]!', ...RANGE],
    answer: { media: 'application/vnd.apache.parquet' },
  }),
  operation(GET, '/federate', 'Newest samples, for a Prometheus to scrape.', {
    parameters: ['match[]!'],
    answer: { media: 'text/plain' },
  }),
  operation(POST, '/api/v1/read', 'Remote read.', {
    aliases: ['/api/v1/prom/read', '/api/prom_read', '/api/prom/read', '/api/v3/read'],
    body: PROTOBUF,
    answer: PROTOBUF,
  }),
  operation(GET, '/api/v1/targets', 'Scrape targets: none.', {
    parameters: ['scrapePool', 'state'],
  }),
  operation(GET, '/api/v1/targets/metadata', 'Metadata by target: none.', {
    parameters: ['match_target', 'metric', 'limit'],
  }),
  operation(GET, '/api/v1/targets/relabel_steps', 'Relabeling of a target: there is none.', {
    parameters: ['scrapePool!', 'labels!'],
  }),
  operation(GET, '/api/v1/scrape_pools', 'Scrape pools: none.'),
  operation(GET, '/api/v1/scrape_pools/config', 'Configuration of a scrape pool: there is none.', {
    parameters: ['scrapePool!'],
  }),
  operation(GET, '/api/v1/alertmanagers', 'Alertmanagers: none.'),
  operation(GET, '/api/v1/rules', 'Rule groups: none.', {
    parameters: [
      ...['type', 'rule_name[]', 'rule_group[]', 'file[]', 'match[]'],
      ...['exclude_alerts', 'group_limit', 'group_next_token'],
    ],
  }),
  operation(GET, '/api/v1/alerts', 'Active alerts: none.'),
  operation(GET, '/api/v1/status/buildinfo', 'Versions.'),
  operation(GET, '/api/v1/status/runtimeinfo', 'The process.'),
  operation(GET, '/api/v1/status/flags', 'Settings.'),
  operation(GET, '/api/v1/status/config', 'Settings that prometheus.yml has as well.'),
  operation(GET, '/api/v1/status/walreplay', 'Whether the log has been replayed.'),
  operation(GET, '/api/v1/status/tsdb', 'How many series, and of what.', { parameters: ['limit'] }),
  operation(GET, '/api/v1/status/tsdb/blocks', 'Units of long-term storage.'),
  operation(GET, '/api/v1/status/databases', 'Retention, quotas and what each database takes.'),
  operation(GET, '/api/v1/status/rejected', 'Samples that were refused.', {
    parameters: ['limit'],
  }),
  operation(GET, '/api/v1/status/self_metrics', "The server's own metrics.", {
    parameters: ['metric_name_pattern'],
  }),
  operation(GET, '/api/v1/status/active_queries', 'Queries at work and in the queue.'),
  operation(GET, '/api/v1/status/top_queries', 'Queries that took most time.', {
    parameters: ['limit'],
  }),
  operation(GET, '/api/v1/features', 'What the server can do.'),
  operation(GET, '/api/v1/openapi.yaml', 'This document.', {
    answer: { media: 'application/yaml' },
  }),
  operation(GET, '/api/v1/notifications', 'What operators should know.'),
  operation(GET, '/api/v1/notifications/live', 'The same as it happens.', {
    answer: { media: 'text/event-stream' },
  }),
];
