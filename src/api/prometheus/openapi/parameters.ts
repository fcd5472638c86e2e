// Parameters of all operations: of the URL, of forms, and members of JSON objects.

export interface Parameter {
  readonly description: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'list' | 'texts' | 'time' | 'duration';
}

const time = (description: string): Parameter => ({ description, type: 'time' });
const duration = (description: string): Parameter => ({ description, type: 'duration' });
const text = (description: string): Parameter => ({ description, type: 'string' });
const count = (description: string): Parameter => ({ description, type: 'integer' });
const flag = (description: string): Parameter => ({ description, type: 'boolean' });
const texts = (description: string): Parameter => ({ description, type: 'texts' });
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
  name: text('Name of what is meant; label names that are not plain are written `U__…`.'),
  metric: text('Metric name.'),
  limit_per_metric: count('Most entries for one metric.'),
  match_target: text('Selector of targets by their labels.'),
  scrapePool: text('Name of a scrape pool.'),
  labels: text('Labels as a JSON object.'),
  state: text('`active`, `dropped` or `any`.'),
  type: text('`alert` or `record`; of names, `metrics`, `tagk` or `tagv`.'),
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
  id: text('As the list of its kind shows it.'),
  format: text(
    'JSON lines: `victoriametrics` leaves out what that form does not know. CSV: fields with commas between them.',
  ),
  max_rows_per_line: count('Most samples on a line.'),
  include_stale: flag('Writes stale markers, too.'),
  timestamp: text('Of samples without one: Unix time in milliseconds.'),
  pushGroup: text(
    '`job/<job>`, then more labels as `<name>/<value>`; `<name>@base64` takes any value.',
  ),
  extra_label: list('Label to add, as name=value.'),
  password: text('Made and told once, if left out.'),
  admin: flag('May do everything.'),
  privilege: text('`read`, `write`, `all` or `none`.'),
  database: text('Name of a database.'),
  extraLabels: texts('Labels set on all that is written through it, over what the sender says.'),
  disabled: flag('Refuses what it is used for.'),
  databases: list('Names of databases, or `*` alone for all.'),
  scopes: list('What may be done with it: `read`, `write`, `admin`.'),
  expiresAt: time('From when on it is void.'),
  expiresIn: duration('The same, from now.'),
  retention: text('How long samples are kept: a duration, `0` for ever, or `default`.'),
  maxActiveSeries: count('Most series with recent samples; 0 is no limit.'),
  maxNewSeriesPerSecond: count('Most series that begin in a second; 0 is no limit.'),
  maxSamplesPerSecond: count('Most samples taken in a second; 0 is no limit.'),
  maxDiskBytes: count('Most bytes on disk; 0 is no limit.'),
  maxConcurrentQueries: count('Most queries at the same time; 0 is no limit.'),
  fieldNaming: text(
    'How metrics of fields are named: `value-as-name`, `always-suffix`, `default`.',
  ),
  tenant: text('Name of a database; `0` is `default`.'),
  db: text('Name of a database.'),
  m: text(
    '`aggregator:[downsample:][rate:]metric{tag=filter}`; without the first parts where series are looked for.',
  ),
  ms: flag('Times in milliseconds.'),
  arrays: flag('Points as lists.'),
  show_query: flag('Repeats the query beside its result.'),
  max: count('Most names in the answer.'),
  details: flag('Says what was wrong with each point.'),
  summary: flag('Says how many points were stored.'),
  sync: flag('Without effect: points are on disk before the answer.'),
  sync_timeout: count('Without effect.'),
  api_key: text('A key of the server, as `<id>.<secret>`.'),
  rp: text('A retention policy of the database.'),
  q: text('Statements of InfluxQL, with semicolons between them; of names, how they begin.'),
  params: text('Values of bound parameters as a JSON object.'),
  epoch: text('Times as numbers of this unit: `ns`, `u`, `ms`, `s`, `m` or `h`.'),
  chunked: flag('Answers in pieces.'),
  chunk_size: count('Rows in a piece.'),
  pretty: flag('Writes JSON on many lines.'),
  precision: text('Unit of the times: `ns`, `u`, `ms`, `s`, `m` or `h`.'),
  consistency: text('`any`, `one`, `quorum` or `all`, which mean the same here.'),
  bucket: text('A database, or `database/policy`.'),
  verbose: flag('Answers with the version.'),
};
