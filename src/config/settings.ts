// THE table of settings. Flag, environment variable and YAML key of a setting follow from its name:
// `wal.sync-interval` is --wal.sync-interval, TIDEMARK_WAL_SYNC_INTERVAL and `wal: {sync-interval: …}`.

import { FIELD_NAMINGS, type FieldNaming } from '../model/field-naming.ts';
import type { Labels } from '../model/labels.ts';
import { DAY_MS } from '../model/time-range.ts';
import type { Network } from '../runtime/networks.ts';
import { type ListenEntry, listenType, optionalListenType } from './listen-type.ts';
import { hostNamesType, networksType } from './network-types.ts';
import { type SocketListenEntry, socketListenType } from './socket-listen-type.ts';
import {
  booleanType,
  choiceType,
  countType,
  durationType,
  type Feature,
  featuresType,
  labelMapType,
  namesType,
  originsType,
  pathType,
  routePrefixType,
  separatorType,
  sizeType,
  urlType,
  type ValueType,
  versionType,
} from './value-types.ts';

export type WalSync = 'always' | 'interval';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Prometheus' names of the ways in which OpenTelemetry's names become ours. */
export const OTLP_TRANSLATION_STRATEGIES = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
] as const;
export type OtlpTranslationStrategy = (typeof OTLP_TRANSLATION_STRATEGIES)[number];

/** All settings of the server by name. Durations in ms, sizes in bytes. */
export interface Settings {
  readonly data: string;
  readonly listen: readonly ListenEntry[];
  readonly retention: number;
  readonly 'external-labels': Labels;
  readonly auth: boolean;
  readonly 'wal.sync': WalSync;
  readonly 'wal.sync-interval': number;
  readonly 'wal.max-size': number;
  readonly 'databases.auto-create': boolean;
  readonly 'influx.version': string;
  readonly 'influx.auto-create-database': boolean;
  readonly 'influx.naming': FieldNaming;
  readonly 'influx.strings': 'drop' | 'reject';
  readonly 'influx.listen': readonly SocketListenEntry[];
  readonly 'influx.metric-separator': string;
  readonly 'influx.metric-skip-single-field': boolean;
  readonly 'influx.metric-skip-measurement': boolean;
  readonly 'influx.metric-strings': 'drop' | 'reject' | 'zero';
  readonly 'graphite.listen': readonly SocketListenEntry[];
  readonly 'graphite.pickle-listen': readonly SocketListenEntry[];
  readonly 'graphite.sanitize-names': boolean;
  readonly 'opentsdb.listen': readonly SocketListenEntry[];
  readonly 'opentsdb.strict': boolean;
  readonly 'datadog.sanitize-names': boolean;
  readonly 'otlp.grpc-listen': readonly ListenEntry[];
  readonly 'otlp.translation-strategy': OtlpTranslationStrategy;
  readonly 'otlp.promote-resource-attributes': readonly string[];
  readonly 'otlp.promote-all-resource-attributes': boolean;
  readonly 'otlp.ignore-resource-attributes': readonly string[];
  readonly 'otlp.keep-identifying-resource-attributes': boolean;
  readonly 'otlp.convert-histograms-to-nhcb': boolean;
  readonly 'otlp.promote-scope-metadata': boolean;
  readonly 'otlp.label-name-underscore-sanitization': boolean;
  readonly 'otlp.label-name-preserve-multiple-underscores': boolean;
  readonly 'otlp.delta-max-series': number;
  readonly 'otlp.delta-max-idle': number;
  readonly 'sockets.max-connections': number;
  readonly 'sockets.idle-timeout': number;
  readonly 'sockets.max-line-size': number;
  readonly 'sockets.max-frame-size': number;
  readonly 'sockets.udp-memory': number;
  readonly 'web.route-prefix': string;
  readonly 'web.external-url': string;
  readonly 'web.trusted-proxies': readonly Network[];
  readonly 'web.allowed-hosts': readonly string[];
  readonly 'web.cors-origin': readonly string[];
  readonly 'web.enable-admin-api': boolean;
  readonly 'web.enable-lifecycle': boolean;
  readonly 'web.allow-public': boolean;
  readonly 'web.max-connections': number;
  readonly 'limits.max-body-size': number;
  readonly 'limits.max-decoded-size': number;
  readonly 'limits.max-line-size': number;
  readonly 'limits.body-memory': number;
  readonly 'limits.max-labels': number;
  readonly 'limits.max-label-name-size': number;
  readonly 'limits.max-label-value-size': number;
  readonly 'limits.max-future': number;
  readonly 'limits.remote-read-samples': number;
  readonly 'limits.remote-read-concurrency': number;
  readonly 'query.lookback-delta': number;
  readonly 'query.default-step': number;
  readonly 'query.timeout': number;
  readonly 'query.max-concurrency': number;
  readonly 'query.max-queued': number;
  readonly 'query.threads': number;
  readonly 'query.max-length': number;
  readonly 'query.max-samples': number;
  readonly 'query.max-memory': number;
  readonly 'query.total-memory': number;
  readonly 'query.cache-size': number;
  readonly 'export.max-concurrency': number;
  readonly 'export.max-duration': number;
  readonly 'enable-feature': readonly Feature[];
  readonly 'log.level': LogLevel;
}

export type SettingName = keyof Settings;

export interface Setting<T> {
  readonly type: ValueType<T>;
  readonly fallback: T;
  /** What it does, in one or two sentences. */
  readonly help: string;
}

type SettingTable = { readonly [K in SettingName]: Setting<Settings[K]> };

const MiB = 2 ** 20;
const MINUTE_MS = 60_000;

export const SETTINGS: SettingTable = {
  data: {
    type: pathType,
    fallback: './data',
    help: 'Folder that holds everything stored. One process may use it at a time.',
  },
  listen: {
    type: listenType,
    fallback: [{ host: '127.0.0.1', port: 8086 }],
    help: 'Address to serve HTTP on, or HTTPS with tls-cert and tls-key; client-ca demands certificates of clients, client-name one of these names in them, role=read and role=write let nothing else through. Repeat it for several.',
  },
  retention: {
    type: durationType,
    fallback: 400 * DAY_MS,
    help: 'Age past which samples are dropped. 0 keeps them for ever.',
  },
  'external-labels': {
    type: labelMapType,
    fallback: [],
    help: 'Labels that remote read takes out of matchers and adds to series. Repeat it for several.',
  },
  auth: {
    type: booleanType,
    fallback: false,
    help: 'Let nobody in who is not a user or a key. Until there is an administrator, only making the first one is allowed.',
  },
  'wal.sync': {
    type: choiceType(['always', 'interval']),
    fallback: 'always',
    help: 'When the log reaches the disk: before every answer, or at intervals (a power cut may then lose what was acknowledged last).',
  },
  'wal.sync-interval': {
    type: durationType,
    fallback: 1000,
    help: 'Time between syncs of the log with --wal.sync=interval.',
  },
  'wal.max-size': {
    type: sizeType,
    fallback: 1024 * MiB,
    help: 'Size of the log past which memory is flushed into a part.',
  },
  'databases.auto-create': {
    type: booleanType,
    fallback: true,
    help: 'Create a database on the first write to /insert/<tenant>/.',
  },
  'influx.version': {
    type: versionType,
    fallback: '1.8.10',
    help: 'Version of InfluxDB that its clients are told. They switch features by it.',
  },
  'influx.auto-create-database': {
    type: booleanType,
    fallback: false,
    help: 'Create a database on the first write to it by line protocol or /api/v1/prom/write. InfluxDB answers 404.',
  },
  'influx.naming': {
    type: choiceType(FIELD_NAMINGS),
    fallback: 'value-as-name',
    help: 'What metrics of fields are called: measurement_field always, or the measurement alone if the field is called value. Known fields keep their names; databases may have a naming of their own (databases set --field-naming).',
  },
  'influx.strings': {
    type: choiceType(['drop', 'reject']),
    fallback: 'drop',
    help: 'Samples are numbers: of a point of line protocol leave out the strings, or refuse the point.',
  },
  'influx.listen': {
    type: socketListenType(['tcp', 'udp']),
    fallback: [],
    help: 'Address to take lines of InfluxDB on, over TCP and UDP, as metrics; db=NAME says where they are stored. Repeat it for several. None by default; InfluxDB and Telegraf use :8089.',
  },
  'influx.metric-separator': {
    type: separatorType,
    fallback: '_',
    help: 'Between measurement and field in names of metrics, for lines of InfluxDB at /influx/write and --influx.listen.',
  },
  'influx.metric-skip-single-field': {
    type: booleanType,
    fallback: false,
    help: 'There, name the only field of a line by its measurement alone.',
  },
  'influx.metric-skip-measurement': {
    type: booleanType,
    fallback: false,
    help: 'There, name fields by themselves alone.',
  },
  'influx.metric-strings': {
    type: choiceType(['drop', 'reject', 'zero']),
    fallback: 'drop',
    help: 'There, of lines with strings that are no numbers leave those out, refuse the line, or store them as 0.',
  },
  'graphite.listen': {
    type: socketListenType(['tcp', 'udp']),
    fallback: [],
    help: 'Address to take lines of Graphite on, over TCP and UDP; db=NAME says where they are stored. Repeat it for several. None by default; Graphite uses :2003.',
  },
  'graphite.pickle-listen': {
    type: socketListenType(['tcp']),
    fallback: [],
    help: 'Address to take pickled points of Graphite on, as carbon-relay sends them; db=NAME says where they are stored. Repeat it for several. None by default; Graphite uses :2004.',
  },
  'graphite.sanitize-names': {
    type: booleanType,
    fallback: false,
    help: 'Replace characters of Graphite names other than letters, digits, colons, dots and underscores by underscores.',
  },
  'opentsdb.listen': {
    type: socketListenType(['tcp']),
    fallback: [],
    help: 'Address to serve OpenTSDB on, its telnet protocol and HTTP; db=NAME says where points are stored. Repeat it for several. None by default; OpenTSDB uses :4242.',
  },
  'opentsdb.strict': {
    type: booleanType,
    fallback: false,
    help: 'Refuse points of OpenTSDB that it would refuse: without tags, with more than 8, or with other characters than letters, digits and -_./',
  },
  'datadog.sanitize-names': {
    type: booleanType,
    fallback: true,
    help: 'Write names of DataDog as it does itself: other characters than letters, digits, dots and underscores become underscores.',
  },
  'otlp.grpc-listen': {
    type: optionalListenType,
    fallback: [],
    help: 'Address to take OpenTelemetry over gRPC on, usually port 4317; options as of --listen. Repeat it for several. None by default.',
  },
  'otlp.translation-strategy': {
    type: choiceType(OTLP_TRANSLATION_STRATEGIES),
    fallback: 'UnderscoreEscapingWithSuffixes',
    help: 'How metric and attribute names of OpenTelemetry become metric and label names: characters escaped or kept, units and types added or not.',
  },
  'otlp.promote-resource-attributes': {
    type: namesType,
    fallback: [],
    help: 'Attribute of OpenTelemetry resources that becomes a label of their series. Repeat it for several.',
  },
  'otlp.promote-all-resource-attributes': {
    type: booleanType,
    fallback: false,
    help: 'Make labels of all attributes of OpenTelemetry resources.',
  },
  'otlp.ignore-resource-attributes': {
    type: namesType,
    fallback: [],
    help: 'Attribute that --otlp.promote-all-resource-attributes leaves out. Repeat it for several.',
  },
  'otlp.keep-identifying-resource-attributes': {
    type: booleanType,
    fallback: false,
    help: 'Keep service.name, service.namespace and service.instance.id among the labels of target_info.',
  },
  'otlp.convert-histograms-to-nhcb': {
    type: booleanType,
    fallback: false,
    help: 'Store OpenTelemetry histograms with explicit bounds as native histograms with custom buckets.',
  },
  'otlp.promote-scope-metadata': {
    type: booleanType,
    fallback: false,
    help: 'Add labels otel_scope_… with name, version, schema and attributes of the scope.',
  },
  'otlp.label-name-underscore-sanitization': {
    type: booleanType,
    fallback: true,
    help: "Put 'key' before label names that start with one underscore.",
  },
  'otlp.label-name-preserve-multiple-underscores': {
    type: booleanType,
    fallback: true,
    help: 'Keep runs of underscores in label names.',
  },
  'otlp.delta-max-series': {
    type: countType,
    fallback: 200_000,
    help: 'Series of one database that --enable-feature=otlp-deltatocumulative adds up; histograms count for more. Past it new ones are refused.',
  },
  'otlp.delta-max-idle': {
    type: durationType,
    fallback: 60 * MINUTE_MS,
    help: 'Silence after which such a series is forgotten: what comes later starts at zero again.',
  },
  'sockets.max-connections': {
    type: countType,
    fallback: 1024,
    help: 'Open connections of one listener of Graphite, OpenTSDB or other lines past which new ones are refused.',
  },
  'sockets.idle-timeout': {
    type: durationType,
    fallback: 15 * MINUTE_MS,
    help: 'Time without a byte after which such a connection is closed.',
  },
  'sockets.max-line-size': {
    type: sizeType,
    fallback: MiB / 4,
    help: 'Longest line of such a connection.',
  },
  'sockets.max-frame-size': {
    type: sizeType,
    fallback: MiB,
    help: 'Largest frame of pickled points.',
  },
  'sockets.udp-memory': {
    type: sizeType,
    fallback: 32 * MiB,
    help: 'Memory for datagrams of one listener that wait to be stored. Past it they are dropped and counted.',
  },
  'web.route-prefix': {
    type: routePrefixType,
    fallback: '',
    help: 'Path below which every route is served.',
  },
  'web.external-url': {
    type: urlType,
    fallback: '',
    help: 'URL under which clients reach the server, with the path below which its routes are, for configurations that it prints. By default what a request says.',
  },
  'web.trusted-proxies': {
    type: networksType,
    fallback: [],
    help: 'Address, or network, of a proxy in front of the server, whose X-Forwarded-For, X-Forwarded-Host and X-Forwarded-Proto are believed. Repeat it for several.',
  },
  'web.allowed-hosts': {
    type: hostNamesType,
    fallback: [],
    help: "Name of a host that requests may be for, besides addresses, names without a dot and that of --web.external-url; '*' for all. Others are refused: by default only where the address is loopback and there is no authentication, so that no web page can reach it under a name of its own. Repeat it for several.",
  },
  'web.cors-origin': {
    type: originsType,
    fallback: [],
    help: "Origin whose web pages may read answers, or '*'. Repeat it for several. None by default.",
  },
  'web.enable-admin-api': {
    type: booleanType,
    fallback: false,
    help: 'Serve deletion of series and snapshots below /api/v1/admin/.',
  },
  'web.enable-lifecycle': {
    type: booleanType,
    fallback: false,
    help: 'Let POST /-/quit stop the server.',
  },
  'web.allow-public': {
    type: booleanType,
    fallback: false,
    help: 'Allow --listen on addresses that other machines can reach without --auth, and listeners of protocols that know no authentication.',
  },
  'web.max-connections': {
    type: countType,
    fallback: 8192,
    help: 'Open connections past which new ones are refused.',
  },
  'limits.max-body-size': {
    type: sizeType,
    fallback: 32 * MiB,
    help: 'Largest request body, as sent.',
  },
  'limits.max-decoded-size': {
    type: sizeType,
    fallback: 64 * MiB,
    help: 'Largest request body after decompression.',
  },
  'limits.max-line-size': {
    type: sizeType,
    fallback: 10 * MiB,
    help: 'Longest line of an import.',
  },
  'limits.body-memory': {
    type: sizeType,
    fallback: 512 * MiB,
    help: 'Memory that request bodies in flight may take together. Past it writes are told to come back later.',
  },
  'limits.max-labels': {
    type: countType,
    fallback: 64,
    help: 'Labels a series may have, the metric name included.',
  },
  'limits.max-label-name-size': {
    type: sizeType,
    fallback: 1024,
    help: 'Longest label name.',
  },
  'limits.max-label-value-size': {
    type: sizeType,
    fallback: 16 * 1024,
    help: 'Longest label value.',
  },
  'limits.max-future': {
    type: durationType,
    fallback: 600_000,
    help: 'How far a timestamp may lie in the future.',
  },
  'limits.remote-read-samples': {
    type: countType,
    fallback: 50_000_000,
    help: 'Samples one remote read may return in one message. 0 is no limit.',
  },
  'limits.remote-read-concurrency': {
    type: countType,
    fallback: 10,
    help: 'Remote reads answered at the same time; more wait in a queue. 0 is no limit.',
  },
  'query.lookback-delta': {
    type: durationType,
    fallback: 5 * MINUTE_MS,
    help: 'How far back an instant selector looks for the newest sample.',
  },
  'query.default-step': {
    type: durationType,
    fallback: MINUTE_MS,
    help: 'Step of subqueries that name none.',
  },
  'query.timeout': {
    type: durationType,
    fallback: 2 * MINUTE_MS,
    help: 'Longest time a query may take, waiting and sending included. Requests can ask for less.',
  },
  'query.max-concurrency': {
    type: countType,
    fallback: 20,
    help: 'Queries answered at the same time; more wait in a queue.',
  },
  'query.max-queued': {
    type: countType,
    fallback: 200,
    help: 'Queries that may wait. Past it they are refused with 503.',
  },
  'query.threads': {
    type: countType,
    fallback: 0,
    help: 'Threads that evaluate queries. 0 is one for each core.',
  },
  'query.max-length': {
    type: sizeType,
    fallback: MiB / 4,
    help: 'Longest text of a query.',
  },
  'query.max-samples': {
    type: countType,
    fallback: 50_000_000,
    help: 'Samples a query may hold in memory at the same time.',
  },
  'query.max-memory': {
    type: sizeType,
    fallback: 0,
    help: 'Memory that one query may take. 0 is half of --query.total-memory.',
  },
  'query.total-memory': {
    type: sizeType,
    fallback: 0,
    help: 'Memory that queries may take together. 0 is an eighth of what the machine or container has.',
  },
  'query.cache-size': {
    type: sizeType,
    fallback: 64 * MiB,
    help: 'Memory for results of range queries, to be used again. 0 turns the cache off.',
  },
  'export.max-concurrency': {
    type: countType,
    fallback: 4,
    help: 'Exports at the same time, each on a thread of its own; more wait in a queue.',
  },
  'export.max-duration': {
    type: durationType,
    fallback: DAY_MS,
    help: 'Longest time an export may take, waiting for its client included. 0 is no limit.',
  },
  'enable-feature': {
    type: featuresType,
    fallback: [],
    help: "Prometheus' name of an experimental feature to turn on. Repeat it for several.",
  },
  'log.level': {
    type: choiceType(['debug', 'info', 'warn', 'error']),
    fallback: 'info',
    help: 'Least severity that is logged.',
  },
};

export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS) as SettingName[];

/** The environment twin of a setting: `wal.sync` → `TIDEMARK_WAL_SYNC`. */
export function environmentName(name: string): string {
  return `TIDEMARK_${name.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}

/** Settings with nothing configured. */
export function defaultSettings(overrides: Partial<Settings> = {}): Settings {
  const entries = SETTING_NAMES.map((name) => [name, SETTINGS[name].fallback]);
  return { ...(Object.fromEntries(entries) as unknown as Settings), ...overrides };
}
