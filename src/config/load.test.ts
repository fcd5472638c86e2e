import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadSettings, type SettingSources } from './load.ts';
import { renderFlagReference } from './reference.ts';
import {
  defaultSettings,
  environmentName,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
} from './settings.ts';

function sources(parts: Partial<SettingSources> & { yaml?: string }): SettingSources {
  return {
    flags: new Map(),
    environment: {},
    configFile: undefined,
    readFile: () => {
      if (parts.yaml !== undefined) return parts.yaml;
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    },
    ...parts,
  };
}

test('nothing configured gives the defaults', () => {
  expect(loadSettings(sources({}))).toEqual(defaultSettings());
});

test('flags win over variables, variables over the file', () => {
  const all = {
    flags: new Map([['retention' as const, ['3d']]]),
    environment: { TIDEMARK_RETENTION: '2d', TIDEMARK_WAL_SYNC: 'interval' },
    yaml: 'retention: 1d\nwal: {sync: always, max-size: 1MiB}\n',
  };
  const settings = loadSettings(sources(all));
  expect(settings.retention).toBe(3 * 86_400_000);
  expect(settings['wal.sync']).toBe('interval');
  expect(settings['wal.max-size']).toBe(2 ** 20);
});

test('lists and maps: sequences, maps and commas', () => {
  const yaml = 'listen: ["127.0.0.1:1", "[::1]:2"]\nexternal-labels:\n  region: eu\n  dc: "1"\n';
  const settings = loadSettings(sources({ yaml }));
  expect(settings.listen).toEqual([
    { host: '127.0.0.1', port: 1 },
    { host: '::1', port: 2 },
  ]);
  expect(settings['external-labels']).toEqual([
    { name: 'dc', value: '1' },
    { name: 'region', value: 'eu' },
  ]);
  const environment = { TIDEMARK_LISTEN: 'localhost:3, 127.0.0.1:4' };
  expect(loadSettings(sources({ environment })).listen).toHaveLength(2);
});

test.each<[name: string, yaml: string, message: string]>([
  [
    'a misspelt key',
    'data: /x\nretentoin: 1d\n',
    'tidemark.yaml:2:1: unknown key "retentoin"; did you mean "retention"?',
  ],
  [
    'a misspelt nested key',
    'wal:\n  sinc: always\n',
    'tidemark.yaml:2:3: unknown key "wal.sinc"; did you mean "wal.sync"?',
  ],
  [
    'a bad duration',
    'retention: forever\n',
    'tidemark.yaml:1:12: retention: expected a duration such as 90s, 12h or 400d, got "forever"',
  ],
  [
    'a number where a duration belongs',
    '\n\nretention:   400',
    'tidemark.yaml:3:14: retention: expected a duration such as 90s, 12h or 400d, got "400"',
  ],
  [
    'a bad choice',
    'wal:\n  sync: sometimes',
    'tidemark.yaml:2:9: wal.sync: expected one of always, interval, got "sometimes"',
  ],
  ['an empty value', 'data:\n', 'tidemark.yaml:1:6: data: expected a path, got nothing'],
  ['a list for a scalar', 'data: [a]', 'tidemark.yaml:1:7: data: expected a path, got a list'],
  ['a text for a group', 'wal: always', 'tidemark.yaml:1:6: "wal" must hold keys and values'],
  ['a list as the file', '- a', 'tidemark.yaml:1:1: the file must hold keys and values'],
])('%s is an error with its place', (_, yaml, message) => {
  expect(() => loadSettings(sources({ yaml }))).toThrow(expect.objectContaining({ message }));
});

test('broken YAML and doubled keys name line and column', () => {
  expect(() => loadSettings(sources({ yaml: 'data: "x\n' }))).toThrow(/^tidemark\.yaml:2:1: /);
  expect(() => loadSettings(sources({ yaml: 'data: a\ndata: b\n' }))).toThrow(
    /^tidemark\.yaml:2:1: .*unique/,
  );
});

test('flags and variables are named in errors', () => {
  const flags = new Map([['wal.max-size' as const, ['much']]]);
  expect(() => loadSettings(sources({ flags }))).toThrow(
    /^--wal\.max-size: expected a size .*"much"/,
  );
  const environment = { TIDEMARK_LISTEN: 'nowhere' };
  expect(() => loadSettings(sources({ environment }))).toThrow(
    /^TIDEMARK_LISTEN: listen: expected/,
  );
});

test('a missing file matters only if it was named', () => {
  expect(() => loadSettings(sources({ configFile: 'other.yaml' }))).toThrow(
    /^other\.yaml: cannot be read/,
  );
});

test('listening in public needs its flag', () => {
  const listen = ['0.0.0.0:8086'];
  const flags = new Map([['listen' as const, listen]]);
  expect(() => loadSettings(sources({ flags }))).toThrow(/0\.0\.0\.0:8086 .*--web\.allow-public/);
  const allowed = new Map([...flags, ['web.allow-public' as const, ['true']] as const]);
  expect(loadSettings(sources({ flags: allowed })).listen[0]?.host).toBe('0.0.0.0');
});

test('listening in public without a way to authenticate needs its flag, with --auth as well', () => {
  for (const name of [
    'influx.listen',
    'graphite.listen',
    'graphite.pickle-listen',
    'opentsdb.listen',
  ] as const) {
    const flags = new Map([
      [name, [':2003']],
      ['auth' as const, ['true']],
    ]);
    expect(() => loadSettings(sources({ flags }))).toThrow(/this protocol has no authentication/);
    const allowed = new Map([...flags, ['web.allow-public' as const, ['true']]]);
    expect(loadSettings(sources({ flags: allowed }))[name]).toHaveLength(1);
    const near = new Map([[name, ['127.0.0.1:2003']]]);
    expect(loadSettings(sources({ flags: near }))[name]).toHaveLength(1);
  }
});

test("Prometheus' section of OpenTelemetry can be pasted", () => {
  const yaml = `
otlp:
  promote_resource_attributes:
    - service.name
    - k8s.pod.name
  translation_strategy: NoUTF8EscapingWithSuffixes
  promote_scope_metadata: true
`;
  expect(loadSettings(sources({ yaml }))).toMatchObject({
    'otlp.promote-resource-attributes': ['service.name', 'k8s.pod.name'],
    'otlp.translation-strategy': 'NoUTF8EscapingWithSuffixes',
    'otlp.promote-scope-metadata': true,
  });
});

test('OpenTelemetry over gRPC in public needs authentication or its flag', () => {
  const open = ['otlp.grpc-listen', ['0.0.0.0:4317']] as const;
  const load = (...more: readonly (readonly ['auth' | 'web.allow-public', string[]])[]) =>
    loadSettings(sources({ flags: new Map<SettingName, readonly string[]>([open, ...more]) }));
  expect(() => load()).toThrow(/^otlp.grpc-listen: 0.0.0.0:4317 can be reached/);
  const address = { host: '0.0.0.0', port: 4317 };
  expect(load(['auth', ['true']])['otlp.grpc-listen']).toEqual([address]);
  expect(load(['web.allow-public', ['true']])['otlp.grpc-listen']).toEqual([address]);
});

test('deltas are stored as they are or added up, not both', () => {
  const flags = new Map([
    ['enable-feature' as const, ['otlp-deltatocumulative,otlp-native-delta-ingestion']],
  ]);
  expect(() => loadSettings(sources({ flags }))).toThrow(/exclude each other/);
});

test('every default reads back as it prints', () => {
  for (const name of SETTING_NAMES) {
    const { type, fallback } = SETTINGS[name] as Setting<unknown>;
    const printed = type.print(fallback);
    const texts = type.isList ? printed.split(',').filter((part) => part !== '') : [printed];
    expect([name, type.parse(texts)]).toEqual([name, fallback]);
  }
});

test('environment names follow from setting names', () => {
  expect(environmentName('wal.sync-interval')).toBe('TIDEMARK_WAL_SYNC_INTERVAL');
});

test('docs/reference/flags.md is up to date', () => {
  const page = new URL('../../docs/reference/flags.md', import.meta.url);
  expect(readFileSync(page, 'utf8')).toBe(renderFlagReference());
});
