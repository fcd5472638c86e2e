// What the OpenAPI document tells of each path below /api/v1: one row for each.

export type Method = 'get' | 'post' | 'put';

export interface Operation {
  readonly methods: readonly Method[];
  /** Below /api/v1. */
  readonly path: string;
  readonly summary: string;
  /** Names of {@link PARAMETERS}, a `!` behind those that must be there. */
  readonly parameters: readonly string[];
  /** What comes back, if it is not JSON in the usual envelope: a media type, or '' for nothing (204). */
  readonly answer?: string;
}

export interface Parameter {
  readonly description: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'list' | 'time' | 'duration';
}

const time = (description: string): Parameter => ({ description, type: 'time' });
const duration = (description: string): Parameter => ({ description, type: 'duration' });
const text = (description: string): Parameter => ({ description, type: 'string' });
const count = (description: string): Parameter => ({ description, type: 'integer' });
const flag = (description: string): Parameter => ({ description, type: 'boolean' });
const list = (description: string): Parameter => ({ description, type: 'list' });

export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  query: text('PromQL expression.'),
  time: time('Evaluation time; now by default.'),
  start: time('Start of the range, inclusive.'),
  end: time('End of the range, inclusive.'),
  step: duration('Width of a step.'),
  timeout: duration('Longest time to evaluate; capped by the server.'),
  limit: count('Most items in the answer; 0 is no limit.'),
  lookback_delta: duration('How far back an instant selector looks.'),
  stats: text('`true` adds statistics, `all` also those of each step where they are on.'),
  nocache: flag('Evaluates without the result cache.'),
  trace: flag('Adds what the query did.'),
  'match[]': list('Series selector; several mean their union.'),
  name: text('Label name; names that are not plain are written `U__…`.'),
  metric: text('Metric name.'),
  limit_per_metric: count('Most entries for one metric.'),
  match_target: text('Selector of targets by their labels.'),
  scrapePool: text('Name of a scrape pool.'),
  labels: text('Labels as a JSON object.'),
  state: text('`active`, `dropped` or `any`.'),
  type: text('`alert` or `record`.'),
  'rule_name[]': list('Only rules of these names.'),
  'rule_group[]': list('Only groups of these names.'),
  'file[]': list('Only groups of these files.'),
  exclude_alerts: flag('Leaves out active alerts.'),
  group_limit: count('Most groups in the answer.'),
  group_next_token: text('Where the answer before ended.'),
  metric_name_pattern: text('Regular expression for the whole metric name.'),
  'search[]': list('What is searched for; any of them may fit.'),
  fuzz_threshold: count('Least score in percent.'),
  fuzz_alg: text('`subsequence` or `jarowinkler`.'),
  case_sensitive: flag('Whether case matters; true by default.'),
  sort_by: text('`alpha` or `score`.'),
  sort_dir: text('`asc` or `dsc`.'),
  include_score: flag('Adds the score of each result.'),
  include_metadata: flag('Adds type, help and unit.'),
  batch_size: count('Results per line.'),
  label: text('Label name.'),
  id: text('As active_queries shows it.'),
  format: text('`victoriametrics` leaves out what that format does not know.'),
  max_rows_per_line: count('Most samples on a line.'),
  include_stale: flag('Writes stale markers, too.'),
  extra_label: list('Label to add, as name=value.'),
};

const QUERY = ['query!', 'timeout', 'limit', 'lookback_delta', 'stats', 'nocache', 'trace'];
const RANGE = ['start', 'end'];
const SEARCH = [
  ...['match[]', 'search[]', 'fuzz_threshold', 'fuzz_alg', 'case_sensitive'],
  ...['sort_by', 'sort_dir', 'include_score', ...RANGE, 'limit', 'batch_size'],
];
const READ: readonly Method[] = ['get', 'post'];
const GET: readonly Method[] = ['get'];
const CHANGE: readonly Method[] = ['post', 'put'];
const NDJSON = 'application/x-ndjson';

function operation(
  methods: readonly Method[],
  path: string,
  summary: string,
  parameters: readonly string[] = [],
  answer?: string,
): Operation {
  return { methods, path, summary, parameters, ...(answer === undefined ? {} : { answer }) };
}

export const OPERATIONS: readonly Operation[] = [
  operation(READ, '/query', 'Evaluates an expression at one time.', ['time', ...QUERY]),
  operation(READ, '/query_range', 'Evaluates an expression over a range of time.', [
    ...['start!', 'end!', 'step!'],
    ...QUERY,
  ]),
  operation(READ, '/query_exemplars', 'Exemplars of the series that an expression selects.', [
    'query!',
    ...RANGE,
  ]),
  operation(READ, '/format_query', 'An expression, formatted.', ['query!']),
  operation(READ, '/parse_query', 'An expression as a tree.', ['query!']),
  operation(READ, '/labels', 'Label names.', ['match[]', ...RANGE, 'limit']),
  operation(GET, '/label/{name}/values', 'Values of a label.', [
    'name!',
    'match[]',
    ...RANGE,
    'limit',
  ]),
  operation(READ, '/series', 'Label sets of series.', ['match[]!', ...RANGE, 'limit']),
  operation(GET, '/metadata', 'Type, help and unit of metrics.', [
    'metric',
    'limit',
    'limit_per_metric',
  ]),
  operation(
    READ,
    '/search/metric_names',
    'Metric names that fit.',
    [...SEARCH, 'include_metadata'],
    NDJSON,
  ),
  operation(READ, '/search/label_names', 'Label names that fit.', SEARCH, NDJSON),
  operation(
    READ,
    '/search/label_values',
    'Values of a label that fit.',
    ['label!', ...SEARCH],
    NDJSON,
  ),
  operation(
    READ,
    '/export',
    'Samples as JSON lines.',
    ['match[]!', ...RANGE, 'format', 'max_rows_per_line', 'include_stale'],
    'application/stream+json',
  ),
  operation(GET, '/targets', 'Scrape targets: none.', ['scrapePool', 'state']),
  operation(GET, '/targets/metadata', 'Metadata by target: none.', [
    'match_target',
    'metric',
    'limit',
  ]),
  operation(GET, '/targets/relabel_steps', 'Relabeling of a target: there is none.', [
    'scrapePool!',
    'labels!',
  ]),
  operation(GET, '/scrape_pools', 'Scrape pools: none.'),
  operation(GET, '/scrape_pools/config', 'Configuration of a scrape pool: there is none.', [
    'scrapePool!',
  ]),
  operation(GET, '/alertmanagers', 'Alertmanagers: none.'),
  operation(GET, '/rules', 'Rule groups: none.', [
    ...['type', 'rule_name[]', 'rule_group[]', 'file[]', 'match[]'],
    ...['exclude_alerts', 'group_limit', 'group_next_token'],
  ]),
  operation(GET, '/alerts', 'Active alerts: none.'),
  operation(GET, '/status/buildinfo', 'Versions.'),
  operation(GET, '/status/runtimeinfo', 'The process.'),
  operation(GET, '/status/flags', 'Settings.'),
  operation(GET, '/status/config', 'Settings that prometheus.yml has as well.'),
  operation(GET, '/status/walreplay', 'Whether the log has been replayed.'),
  operation(GET, '/status/tsdb', 'How many series, and of what.', ['limit']),
  operation(GET, '/status/tsdb/blocks', 'Units of long-term storage.'),
  operation(GET, '/status/databases', 'Retention, quotas and what each database takes.'),
  operation(GET, '/status/rejected', 'Samples that were refused.', ['limit']),
  operation(GET, '/status/self_metrics', "The server's own metrics.", ['metric_name_pattern']),
  operation(GET, '/status/active_queries', 'Queries at work and in the queue.'),
  operation(GET, '/status/top_queries', 'Queries that took most time.', ['limit']),
  operation(GET, '/features', 'What the server can do.'),
  operation(GET, '/openapi.yaml', 'This document.', [], 'application/yaml'),
  operation(GET, '/notifications', 'What operators should know.'),
  operation(GET, '/notifications/live', 'The same as it happens.', [], 'text/event-stream'),
  operation(['post'], '/read', 'Remote read.', [], 'application/x-protobuf'),
  operation(['post'], '/write', 'Remote write 1.0 and 2.0.', [], ''),
  operation(['post'], '/import', 'Stores JSON lines.', ['extra_label'], ''),
  operation(['post'], '/admin/queries/{id}/cancel', 'Stops a query.', ['id!'], ''),
  operation(CHANGE, '/admin/tsdb/delete_series', 'Deletes samples.', ['match[]!', ...RANGE], ''),
  operation(CHANGE, '/admin/tsdb/clean_tombstones', 'Frees what was deleted.', [], ''),
  operation(CHANGE, '/admin/tsdb/snapshot', 'Makes a snapshot.'),
];
