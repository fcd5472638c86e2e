// Graphite, OpenTSDB, DataDog, line protocol, CSV, JSON lines and the text format beside VictoriaMetrics: the same inputs to
// both, and the same exported from both, but for what docs/reference/protocols.md says.

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Listeners } from '../../src/api/listeners.ts';
import { graphitePlaintext } from '../../src/api/sockets/graphite.ts';
import { SocketListeners } from '../../src/api/sockets/index.ts';
import { SILENT_LOGGER } from '../../src/runtime/log.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { waitFor } from '../support/child.ts';
import { Random } from '../support/random.ts';
import { VictoriaMetrics, victoriaMetrics } from '../support/victoria-metrics.ts';
import { type Protocol, T } from './case.ts';
import { CLIENT_CASES, TOLD_ELSEWHERE } from './client-cases.ts';
import { IMPORT_CASES } from './import-cases.ts';

const DEADLINE_MS = 60_000;
const RANDOM_LINES = 2000;
/** Times this close are now. */
const NOW_MS = 120_000;

const program = victoriaMetrics();
if (program === undefined) {
  process.stdout.write('VictoriaMetrics: skipped, no victoria-metrics found (TIDEMARK_PEERS)\n');
}

/** Where one of the two takes what. */
interface Side {
  readonly name: string;
  readonly ports: { readonly graphite: number; readonly opentsdb: number };
  readonly putUrl: string;
  readonly url: string;
  export(): Promise<string[]>;
}

/** Where both take what is sent a request for each case. */
const IMPORT_PATHS: Readonly<Partial<Record<Protocol, string>>> = {
  influx: '/influx/write',
  csv: '/api/v1/import/csv',
  json: '/api/v1/import',
  text: '/api/v1/import/prometheus',
};

/** Samples as texts by the name of their case. */
type Samples = ReadonlyMap<string, readonly string[]>;

const CASES = [...CLIENT_CASES, ...IMPORT_CASES];
const NAMES = CASES.map((_, i) => `case${String(i).padStart(3, '0')}`);

describe.skipIf(program === undefined)('VictoriaMetrics', () => {
  let victoria: VictoriaMetrics;
  let api: TestApi;
  let http: Listeners;
  let sockets: SocketListeners;
  const sides: Side[] = [];
  const samples: Samples[] = [];
  const random: string[][] = [];

  beforeAll(async () => {
    victoria = await VictoriaMetrics.start(program!);
    api = startApi();
    await api.app.ready();
    http = new Listeners(api.app, { maxConnections: 100, logger: SILENT_LOGGER });
    sockets = new SocketListeners(api.context);
    const address = { host: '127.0.0.1', port: 0 };
    const { port } = await http.listen(address);
    const entry = { ...address, transports: ['tcp' as const] };
    const graphite = await sockets.listen(entry, graphitePlaintext(api.context));
    const opentsdb = await sockets.listenForOpentsdb(entry, http);
    sides.push({
      name: 'ours',
      ports: { graphite: graphite.port, opentsdb: opentsdb.port },
      putUrl: `http://127.0.0.1:${opentsdb.port}`,
      url: `http://127.0.0.1:${port}`,
      export: async () => {
        const query = new URLSearchParams({ 'match[]': '{__name__!=""}' });
        const { body } = await api.app.inject({ method: 'GET', url: `/api/v1/export?${query}` });
        // What is known of metrics is said before their series.
        return body.split('\n').filter((line) => line.startsWith('{"metric":'));
      },
    });
    sides.push({
      name: 'theirs',
      ports: victoria.ports,
      putUrl: `http://127.0.0.1:${victoria.ports.opentsdbHttp}`,
      url: victoria.url,
      export: () => victoria.export(),
    });
    for (const side of sides) {
      await sendCases(side);
      await sendRandom(side);
      const exported = await whenComplete(side);
      samples.push(byCase(exported));
      random.push(exported.filter((line) => line.includes('"random')).sort());
    }
  }, 2 * DEADLINE_MS);

  afterAll(async () => {
    await Promise.all([http?.close(100), sockets?.close(100), victoria?.stop()]);
    await api?.app.close();
  });

  test.each(CASES.map((one, i) => ({ ...one, name: NAMES[i]! })))(
    '$protocol $name',
    ({ name, input, difference }) => {
      const [ours, theirs] = samples.map((of) => of.get(name) ?? []);
      const sent = input(name);
      if (difference === undefined)
        expect({ sent, stored: ours }).toEqual({ sent, stored: theirs });
      else {
        expect({ sent, ours, theirs }).toEqual({
          sent,
          ours: [...difference.ours].sort(),
          theirs: [...difference.theirs].sort(),
        });
      }
    },
  );

  test(`${RANDOM_LINES} random lines of Graphite and OpenTSDB`, () => {
    const [ours, theirs] = random;
    expect(ours!.length).toBeGreaterThan(100);
    expect(ours).toEqual(theirs);
  });
});

test('every difference is told', () => {
  const page = new URL('../../docs/reference/protocols.md', import.meta.url);
  const text = readFileSync(page, 'utf8').replaceAll(/\s+/g, ' ');
  const told = [...CASES.flatMap(({ difference }) => difference?.told ?? []), ...TOLD_ELSEWHERE];
  for (const sentence of told) expect(text).toContain(sentence);
});

function inputsOf(protocol: Protocol): unknown[] {
  return CASES.flatMap((one, i) => (one.protocol === protocol ? [one.input(NAMES[i]!)] : []));
}

async function sendCases(side: Side): Promise<void> {
  const lines = (protocol: Protocol): string => `${inputsOf(protocol).join('\n')}\n`;
  await sendLines(side.ports.graphite, lines('graphite'));
  await sendLines(side.ports.opentsdb, lines('opentsdb'));
  await post(`${side.putUrl}/api/put`, inputsOf('opentsdb_http'));
  // One body each, because one of the two refuses whole bodies.
  for (const [protocol, path] of [
    ['datadog_v1', '/datadog/api/v1/series'],
    ['datadog_v2', '/datadog/api/v2/series'],
  ] as const) {
    for (const series of inputsOf(protocol)) await post(`${side.url}${path}`, { series: [series] });
  }
  // One body each, because each has parameters of its own.
  for (const [i, { protocol, input, params }] of CASES.entries()) {
    const path = IMPORT_PATHS[protocol];
    if (path === undefined) continue;
    const query = new URLSearchParams(params?.(NAMES[i]!) ?? {});
    await send(`${side.url}${path}?${query}`, `${input(NAMES[i]!)}\n`);
  }
}

async function send(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body, headers });
  await answer.arrayBuffer();
}

async function post(url: string, body: unknown): Promise<void> {
  return send(url, JSON.stringify(body), { 'Content-Type': 'application/json' });
}

/** Lines in which nothing is where the two differ. */
async function sendRandom(side: Side): Promise<void> {
  const random = new Random(1);
  const value = (): string => {
    const number = (random.below(2_000_001) - 1_000_000) / 10 ** random.below(4);
    return random.pick([String(number), number.toExponential(), String(Math.trunc(number))]);
  };
  const tags = (separator: string): string => {
    const keys = ['host', 'dc', 'a.b', 'é'].filter(() => random.below(2) === 0);
    return keys
      .map((key) => `${separator}${key}=${random.pick(['x', 'y-1', 'z/2', 'ü'])}`)
      .join('');
  };
  const graphite: string[] = [];
  const opentsdb: string[] = [];
  for (let i = 0; i < RANDOM_LINES; i++) {
    const name = `random.${random.below(20)}`;
    // No point twice: of two the one that comes later counts, and neither says which that is.
    if (i % 2 === 0) graphite.push(`${name}${tags(';')} ${value()} ${T - i}`);
    else opentsdb.push(`put ${name} ${T - i} ${value()}${tags(' ')}`);
  }
  await sendLines(side.ports.graphite, `${graphite.join('\n')}\n`);
  await sendLines(side.ports.opentsdb, `${opentsdb.join('\n')}\n`);
}

/** Sends all of it, and waits until the other side has ended, too. */
function sendLines(port: number, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(text));
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.resume();
  });
}

/** What is exported once everything is there: a marker is sent last. */
async function whenComplete(side: Side): Promise<string[]> {
  await sendLines(side.ports.graphite, `marker 1 ${T}\n`);
  await sendLines(side.ports.opentsdb, `put marker.opentsdb ${T} 1\n`);
  return waitFor(`the end of what ${side.name} took`, DEADLINE_MS, async () => {
    const lines = await side.export();
    const isThere = (name: string): boolean => lines.some((line) => line.includes(`"${name}"`));
    return isThere('marker') && isThere('marker.opentsdb') ? lines.map(normalize) : undefined;
  });
}

/** As VictoriaMetrics writes them, by how we do. */
const INFINITIES: Readonly<Record<string, string>> = { '+Inf': 'Infinity', '-Inf': '-Infinity' };

/** Labels in one order, times in order, one line a series. */
function normalize(line: string): string {
  const { metric, values, timestamps } = JSON.parse(line) as Exported;
  const labels = Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1));
  const order = timestamps.map((_, i) => i).sort((a, b) => timestamps[a]! - timestamps[b]!);
  return JSON.stringify({
    metric: Object.fromEntries(labels),
    values: order.map((i) => INFINITIES[String(values[i])] ?? values[i]),
    timestamps: order.map((i) => timestamps[i]),
  });
}

interface Exported {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly unknown[];
  readonly timestamps: readonly number[];
}

function byCase(lines: readonly string[]): Samples {
  const samples = new Map<string, string[]>();
  for (const line of lines) {
    const { metric, values, timestamps } = JSON.parse(line) as Exported;
    const { __name__: name = '', ...labels } = metric;
    const own = NAMES.find((one) => name.startsWith(one)) ?? 'other';
    // A name that a tag has made is seen by what follows the case's.
    const shown = name.startsWith(own) ? name.slice(own.length) : name;
    const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    const texts = timestamps.map((t, i) => `${shown}{${pairs.join(', ')}} ${values[i]} ${when(t)}`);
    // Which series comes first says nothing.
    samples.set(own, [...(samples.get(own) ?? []), ...texts].sort());
  }
  return samples;
}

function when(t: number): string {
  return Math.abs(t - Date.now()) < NOW_MS ? 'now' : String(t);
}
