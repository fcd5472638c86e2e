// /api/v1/features: what this server can do and what is turned on, under Prometheus' names.

import type { Settings } from '../../config/settings.ts';
import type { Feature } from '../../config/value-types.ts';
import { FUNCTIONS } from '../../promql/language/functions.ts';
import { AGGREGATORS, MODIFIERS, OPERATORS } from '../../promql/language/token.ts';
import type { ApiContext } from '../context.ts';
import { sendData } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';

type Flags = Readonly<Record<string, boolean>>;

export function featuresEndpoint({ settings }: ApiContext): Endpoint {
  return {
    methods: ['GET'],
    paths: readPaths('/api/v1/features'),
    access: 'known',
    errorShape: 'prometheus',
    handle: (request, reply) => sendData(request, reply, features(settings)),
  };
}

function features(settings: Settings): Readonly<Record<string, Flags>> {
  const isOn = (feature: Feature): boolean => settings['enable-feature'].includes(feature);
  return {
    api: apiFeatures(settings, isOn('search-api')),
    otlp_receiver: {
      delta_conversion: isOn('otlp-deltatocumulative'),
      native_delta_ingestion: isOn('otlp-native-delta-ingestion'),
    },
    prometheus: { agent_mode: false, auto_reload_config: false, server_mode: true },
    promql: languageFeatures(isOn),
    promql_functions: functionFeatures(isOn('promql-experimental-functions')),
    promql_operators: operatorFeatures(isOn('promql-experimental-functions')),
    tsdb: { exemplar_storage: true, native_histograms: true },
  };
}

function apiFeatures(settings: Settings, hasSearch: boolean): Flags {
  return {
    admin: settings['web.enable-admin-api'],
    exclude_alerts: true,
    label_values_match: true,
    lifecycle: settings['web.enable-lifecycle'],
    'openapi_3.1': true,
    query_stats: true,
    query_warnings: true,
    remote_write_receiver: true,
    search: hasSearch,
    search_fuzz_alg_jarowinkler: true,
    search_fuzz_alg_subsequence: true,
    time_range_labels: true,
    time_range_series: true,
  };
}

/** Keywords by name, then what has none. */
function languageFeatures(isOn: (feature: Feature) => boolean): Flags {
  const keywords = Object.fromEntries([...MODIFIERS].map((keyword) => [keyword, true]));
  const extended = isOn('promql-extended-range-selectors');
  const fill = isOn('promql-binop-fill-modifiers');
  return sorted({
    ...keywords,
    anchored: extended,
    smoothed: extended,
    fill,
    fill_left: fill,
    fill_right: fill,
    at_modifier: true,
    delayed_name_removal: isOn('promql-delayed-name-removal'),
    duration_expr: true,
    negative_offset: true,
    per_query_lookback_delta: true,
    per_step_stats: isOn('promql-per-step-stats'),
    subqueries: true,
    type_and_unit_labels: isOn('type-and-unit-labels'),
  });
}

function functionFeatures(hasExperimental: boolean): Flags {
  const signatures = [...FUNCTIONS.values()];
  return sorted(
    Object.fromEntries(
      signatures.map(({ name, experimental }) => [name, !experimental || hasExperimental]),
    ),
  );
}

function operatorFeatures(hasExperimental: boolean): Flags {
  const names = [...OPERATORS, ...AGGREGATORS];
  return sorted(
    Object.fromEntries(names.map((name) => [name, !name.startsWith('limit') || hasExperimental])),
  );
}

function sorted(flags: Flags): Flags {
  return Object.fromEntries(Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1)));
}
