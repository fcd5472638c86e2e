// How each protocol writes a host's fields, and where the servers take it.

import { snappyEncode } from '../../src/codec/snappy.ts';
import { encodeWriteRequestV1 } from '../../src/protocol/remote-write/v1.ts';
import { FIELDS, MEASUREMENT, type Tag } from './hosts.ts';

/** The moment of one host. */
export interface HostTick {
  readonly tags: readonly Tag[];
  /** ms, a whole second */
  readonly t: number;
  readonly values: Float64Array;
}

/** Where one server takes a protocol: a path of its HTTP port, or a flag that opens a port for it. */
export type Intake =
  | { readonly path: string }
  | { readonly tcpFlag: (port: number) => string }
  | { readonly httpFlag: (port: number) => string; readonly path: string };

export interface Format {
  readonly name: string;
  readonly title: string;
  /** Of requests; of no use to a socket. */
  readonly headers: Readonly<Record<string, string>>;
  /** One body. Sockets get one after another on a connection. */
  readonly encode: (ticks: readonly HostTick[]) => Uint8Array;
  /** Name of the first field's metric, once it is stored. */
  readonly checkedMetric: string;
  /** By the name of the server. One that does not take the protocol is left out. */
  readonly intakes: Readonly<Record<string, Intake>>;
}

const TIDEMARK = ['tidemark', 'tidemark-interval'];
const TEXT = { 'Content-Type': 'text/plain' };
const JSON_TYPE = { 'Content-Type': 'application/json' };
const PLAIN = `${MEASUREMENT}_${FIELDS[0]}`;
const DOTTED = `{"${MEASUREMENT}.${FIELDS[0]}"}`;
const VALUES = FIELDS.map((_, i) => i);

function intakes(tidemark: Intake, victoriaMetrics: Intake): Format['intakes'] {
  return {
    ...Object.fromEntries(TIDEMARK.map((name) => [name, tidemark])),
    'victoria-metrics': victoriaMetrics,
  };
}

/** Both at one path. */
function at(path: string): Format['intakes'] {
  return intakes({ path }, { path });
}

export const FORMATS: readonly Format[] = [
  {
    name: 'remote-write',
    checkedMetric: PLAIN,
    title: 'Remote write 1.0',
    headers: {
      'Content-Type': 'application/x-protobuf',
      'Content-Encoding': 'snappy',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    },
    encode: remoteWrite,
    intakes: at('/api/v1/write'),
  },
  {
    name: 'influx',
    checkedMetric: PLAIN,
    title: 'InfluxDB line protocol',
    headers: TEXT,
    encode: lines(({ tags, t, values }) => {
      const fields = VALUES.map((i) => `${FIELDS[i]}=${values[i]}`).join(',');
      return `${MEASUREMENT},${pairs(tags, '=', ',')} ${fields} ${t}000000\n`;
    }),
    intakes: at('/influx/write?db=default'),
  },
  {
    name: 'influx-1.x',
    checkedMetric: PLAIN,
    title: 'InfluxDB line protocol, as InfluxDB 1.x takes it',
    headers: TEXT,
    encode: lines(({ tags, t, values }) => {
      const fields = VALUES.map((i) => `${FIELDS[i]}=${values[i]}`).join(',');
      return `${MEASUREMENT},${pairs(tags, '=', ',')} ${fields} ${t}000000\n`;
    }),
    intakes: at('/write?db=default'),
  },
  {
    name: 'graphite',
    checkedMetric: DOTTED,
    title: 'Graphite plaintext with tags, TCP',
    headers: {},
    encode: eachField(
      (name, tags, t, value) => `${name};${pairs(tags, '=', ';')} ${value} ${t / 1000}\n`,
      '.',
    ),
    intakes: intakes(
      { tcpFlag: (port) => `--graphite.listen=127.0.0.1:${port}` },
      { tcpFlag: (port) => `-graphiteListenAddr=127.0.0.1:${port}` },
    ),
  },
  {
    name: 'text',
    checkedMetric: PLAIN,
    title: 'Prometheus text',
    headers: TEXT,
    encode: eachField((name, tags, t, value) => `${name}{${quoted(tags)}} ${value} ${t}\n`),
    intakes: at('/api/v1/import/prometheus'),
  },
  {
    name: 'csv',
    checkedMetric: PLAIN,
    title: 'CSV, ten values a line',
    headers: TEXT,
    encode: lines(
      ({ tags, t, values }) =>
        `${t},${tags.map(([, value]) => value).join(',')},${VALUES.map((i) => values[i]).join(',')}\n`,
    ),
    intakes: at(`/api/v1/import/csv?format=${csvFormat()}`),
  },
  {
    name: 'json-lines',
    checkedMetric: PLAIN,
    title: 'JSON lines, one sample a line',
    headers: JSON_TYPE,
    encode: eachField(
      (name, tags, t, value) =>
        `{"metric":{"__name__":"${name}",${jsonMembers(tags)}},"values":[${value}],"timestamps":[${t}]}\n`,
    ),
    intakes: at('/api/v1/import'),
  },
  {
    name: 'opentsdb',
    checkedMetric: DOTTED,
    title: 'OpenTSDB telnet',
    headers: {},
    encode: eachField(
      (name, tags, t, value) => `put ${name} ${t / 1000} ${value} ${pairs(tags, '=', ' ')}\n`,
      '.',
    ),
    intakes: intakes(
      { tcpFlag: (port) => `--opentsdb.listen=127.0.0.1:${port}` },
      { tcpFlag: (port) => `-opentsdbListenAddr=127.0.0.1:${port}` },
    ),
  },
  {
    name: 'opentsdb-http',
    checkedMetric: DOTTED,
    title: 'OpenTSDB HTTP',
    headers: JSON_TYPE,
    encode: list(
      (name, tags, t, value) =>
        `{"metric":"${name}","timestamp":${t / 1000},"value":${value},"tags":{${jsonMembers(tags)}}}`,
      ['[', ']'],
      '.',
    ),
    intakes: intakes(
      { path: '/opentsdb/api/put' },
      { httpFlag: (port) => `-opentsdbHTTPListenAddr=127.0.0.1:${port}`, path: '/api/put' },
    ),
  },
  {
    name: 'datadog-v1',
    checkedMetric: DOTTED,
    title: 'DataDog v1 series',
    headers: JSON_TYPE,
    encode: list(
      (name, tags, t, value) =>
        `{"metric":"${name}","points":[[${t / 1000},${value}]],"type":"gauge","host":"${hostOf(tags)}","tags":[${dataDogTags(tags)}]}`,
      ['{"series":[', ']}'],
      '.',
    ),
    intakes: at('/datadog/api/v1/series'),
  },
  {
    name: 'datadog-v2',
    checkedMetric: DOTTED,
    title: 'DataDog v2 series',
    headers: JSON_TYPE,
    encode: list(
      (name, tags, t, value) =>
        `{"metric":"${name}","type":3,"points":[{"timestamp":${t / 1000},"value":${value}}],"resources":[{"name":"${hostOf(tags)}","type":"host"}],"tags":[${dataDogTags(tags)}]}`,
      ['{"series":[', ']}'],
      '.',
    ),
    intakes: at('/datadog/api/v2/series'),
  },
];

type EncodeField = (name: string, tags: readonly Tag[], t: number, value: number) => string;

function lines(encode: (tick: HostTick) => string): Format['encode'] {
  return (ticks) => Buffer.from(ticks.map(encode).join(''));
}

function eachField(encode: EncodeField, separator = '_'): Format['encode'] {
  const names = FIELDS.map((field) => `${MEASUREMENT}${separator}${field}`);
  return lines(({ tags, t, values }) =>
    names.map((name, i) => encode(name, tags, t, values[i]!)).join(''),
  );
}

function list(
  encode: EncodeField,
  [before, after]: readonly [string, string],
  separator = '_',
): Format['encode'] {
  const names = FIELDS.map((field) => `${MEASUREMENT}${separator}${field}`);
  return (ticks) => {
    const elements = ticks.flatMap(({ tags, t, values }) =>
      names.map((name, i) => encode(name, tags, t, values[i]!)),
    );
    return Buffer.from(`${before}${elements.join(',')}${after}`);
  };
}

function remoteWrite(ticks: readonly HostTick[]): Uint8Array {
  const series = ticks.flatMap(({ tags, t, values }) => {
    const labels = tags.map(([name, value]) => ({ name, value }));
    return FIELDS.map((field, i) => ({
      labels: [{ name: '__name__', value: `${MEASUREMENT}_${field}` }, ...labels],
      samples: {
        length: 1,
        t: Float64Array.of(t),
        v: values.slice(i, i + 1),
        startT: undefined,
        histograms: undefined,
      },
      exemplars: [],
    }));
  });
  return snappyEncode(encodeWriteRequestV1({ series }));
}

function pairs(tags: readonly Tag[], equals: string, separator: string): string {
  return tags.map(([name, value]) => `${name}${equals}${value}`).join(separator);
}

function quoted(tags: readonly Tag[]): string {
  return tags.map(([name, value]) => `${name}="${value}"`).join(',');
}

function jsonMembers(tags: readonly Tag[]): string {
  return tags.map(([name, value]) => `"${name}":"${value}"`).join(',');
}

function hostOf(tags: readonly Tag[]): string {
  return tags.find(([name]) => name === 'hostname')![1];
}

function dataDogTags(tags: readonly Tag[]): string {
  return tags
    .filter(([name]) => name !== 'hostname')
    .map(([name, value]) => `"${name}:${value}"`)
    .join(',');
}

function csvFormat(): string {
  const labels = ['arch', 'datacenter', 'hostname', 'os', 'rack', 'region', 'service'];
  labels.push('service_environment', 'service_version', 'team');
  const columns = [
    '1:time:unix_ms',
    ...labels.map((name, i) => `${i + 2}:label:${name}`),
    ...FIELDS.map((field, i) => `${i + 12}:metric:${MEASUREMENT}_${field}`),
  ];
  return encodeURIComponent(columns.join(','));
}
