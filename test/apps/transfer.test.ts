// `tidemark export` and `tidemark import` against a server on sockets: what comes out goes in again, whatever happens
// on the way.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { Connection } from '../../src/roles/transfer/connection.ts';
import { runImport } from '../../src/roles/transfer/import.ts';
import { LiveApi } from '../support/live-api.ts';

const NOW = Math.floor(Date.now() / 1000) * 1000;

let live: LiveApi;
let folder: string;
let told = '';

beforeEach(async () => {
  live = await LiveApi.start({});
  folder = mkdtempSync(join(tmpdir(), 'tidemark-transfer-'));
  told = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await live.close();
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string): string => join(folder, name);
const tidemark = (...args: string[]): Promise<number> =>
  main([...args, '--server', live.url, '--user', '']);

async function fill(lines: string, database = 'default'): Promise<void> {
  const answer = await live.api.app.inject({
    method: 'POST',
    url: `/api/v1/import?db=${database}`,
    payload: lines,
  });
  expect(answer.statusCode, answer.body).toBe(204);
}

const contentOf = async (database: string): Promise<string> =>
  (await live.api.app.inject(`/api/v1/export?match[]={}&db=${database}`)).body;

const LINES = [
  '{"metadata":{"metric":"a","type":"counter","help":"A.","unit":""}}',
  `{"metric":{"__name__":"a","job":"x"},"values":[1.5,"NaN:7ff0000000000002","NaN:fff8000000000123"],"timestamps":[${NOW - 2000},${NOW - 1000},${NOW}],"startTimestamps":[${NOW - 9000},0,0]}`,
  `{"metric":{"__name__":"b"},"values":[],"timestamps":[],"histograms":[{"kind":"integer","count":"3","zeroCount":"1","sum":4.5,"schema":0,"zeroThreshold":0,"positiveSpans":[[0,1]],"positiveCounts":["2"]}],"histogramTimestamps":[${NOW}]}`,
  `{"metric":{"__name__":"c"},"values":[],"timestamps":[],"exemplars":[{"labels":{"trace_id":"1"},"value":2,"timestamp":${NOW}}]}`,
]
  .map((line) => `${line}\n`)
  .join('');

test.each(['all.jsonl', 'all.jsonl.gz', 'all.parquet'])(
  '%s: out, verified, in and out again',
  async (name) => {
    await fill(LINES);
    await live.api.storage.createDatabase('copy');
    const file = path(name);
    expect(await tidemark('export', '--output', file, '--verify'), told).toBe(0);
    expect(told).toContain('complete; series=3; samples=3; histograms=1; exemplars=1');
    expect(told).toContain(
      'compared 3 series, 3 days of series, 4 samples, 1 exemplars: all equal',
    );
    expect(await tidemark('import', file, '--database', 'copy', '--verify'), told).toBe(0);
    expect(told).toContain('stored 3 samples, 1 histograms, 1 exemplars; refused 0 samples');
    expect(await contentOf('copy')).toBe(LINES);
    const again = path(`again-${name}`);
    expect(await tidemark('export', '--output', again, '--database', 'copy')).toBe(0);
    expect(readFileSync(again).equals(readFileSync(file))).toBe(true);
    // Neither half a file nor notes are left.
    expect(readdirSync(folder).sort()).toEqual([`again-${name}`, name].sort());
  },
);

test('an export that waits for its file again and again leaves no listeners behind', async () => {
  const times = Array.from({ length: 20_000 }, (_, i) => NOW - i * 1000);
  const values = times.map((t, i) => Math.sin(t + i));
  await fill(`${JSON.stringify({ metric: { __name__: 'm' }, values, timestamps: times })}\n`);
  const warn = vi.spyOn(process, 'emitWarning');
  expect(await tidemark('export', '--output', path('long.jsonl')), told).toBe(0);
  expect(statSync(path('long.jsonl')).size).toBeGreaterThan(500_000);
  expect(warn).not.toHaveBeenCalled();
});

test.each([
  ['import', 'none.jsonl', 'ENOENT: no such file or directory'],
  ['import', '.', 'EISDIR: illegal operation on a directory'],
  ['export', 'none/all.jsonl', 'ENOENT: no such file or directory'],
])('%s of %s is a line that says why', async (command, name, why) => {
  const file = name === '.' ? folder : path(name);
  expect(await tidemark(command, ...(command === 'export' ? ['--output', file] : [file]))).toBe(1);
  const [line, ...rest] = told.trimEnd().split('\n').slice(-1);
  expect([line, rest]).toEqual([expect.stringContaining(`tidemark: ${why}`), []]);
  expect(told).not.toMatch(/^ +at /m);
});

test('to standard output, of chosen series and times', async () => {
  await fill(LINES);
  let written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += Buffer.from(text as Uint8Array).toString();
    return true;
  });
  const range = ['--start', String(NOW / 1000 - 2), '--end', String(NOW / 1000 - 2)];
  const format = ['--format', 'victoriametrics'];
  expect(await tidemark('export', ...format, '--match', 'a', '--match', 'b', ...range)).toBe(0);
  expect(written).toBe(
    `{"metric":{"__name__":"a","job":"x"},"values":[1.5],"timestamps":[${NOW - 2000}]}\n`,
  );
});

test('CSV with its fields, compressed', async () => {
  await fill(LINES);
  const fields = '__name__,__value__,__timestamp__:unix_ms';
  const file = path('some.csv.gz');
  expect(
    await tidemark('export', '--output', file, '--fields', fields, '--end', String(NOW / 1000 - 1)),
  ).toBe(0);
  expect(gunzipSync(readFileSync(file)).toString()).toBe(`${fields}\na,1.5,${NOW - 2000}\n`);
});

test('Prometheus text: samples without times have that of the import', async () => {
  const file = path('page.prom');
  writeFileSync(file, `# TYPE up gauge\nup{job="x"} 1\nup{job="y"} 2 ${NOW}\n`);
  const before = Date.now();
  expect(await tidemark('import', file, '--format', 'prometheus', '--label', 'site=s'), told).toBe(
    0,
  );
  const content = await contentOf('default');
  expect(content).toContain('{"metadata":{"metric":"up","type":"gauge","help":"","unit":""}}\n');
  expect(content).toContain(
    `{"metric":{"__name__":"up","job":"y","site":"s"},"values":[2],"timestamps":[${NOW}]}`,
  );
  const [, t] = /"job":"x","site":"s"\},"values":\[1\],"timestamps":\[(\d+)\]/.exec(content)!;
  expect(Number(t)).toBeGreaterThanOrEqual(before);
});

test('what is refused is told by line of the file, and the rest is there', async () => {
  const file = path('bad.jsonl');
  const good = `{"metric":{"__name__":"g"},"values":[1],"timestamps":[${NOW}]}\n`;
  writeFileSync(file, `${good}oops\n${good}`);
  expect(await tidemark('import', file)).toBe(1);
  expect(told).toMatch(/^line 2: not valid JSON/m);
  expect(told).toContain(
    'stored 2 samples, 0 histograms, 0 exemplars; refused 0 samples and 1 lines',
  );
});

test('verifying alone finds what differs', async () => {
  await fill(LINES);
  const file = path('all.jsonl');
  writeFileSync(file, LINES.replace('[1.5,', '[1.25,'));
  expect(await tidemark('import', file, '--verify-only')).toBe(1);
  expect(told).toContain('DIFFERENT a{job="x"} on ');
  expect(told).toContain(': 1 differences\n');
  expect(await contentOf('default')).toBe(LINES);
});

test.each<[what: string, args: string[], message: string]>([
  ['CSV without fields', ['export', '--format', 'csv'], '--fields'],
  ['verifying standard output', ['export', '--verify'], '--verify'],
  ['CSV without columns', ['import', 'x.csv'], '--columns'],
  ['Parquet from standard input', ['import', '-', '--format', 'parquet'], 'needs a file'],
  ['verifying text', ['import', 'x', '--format', 'prometheus', '--verify'], '--verify'],
  ['no label', ['import', 'x', '--label', 'y'], 'NAME=VALUE'],
])('%s is a mistake of usage', async (_what, args, message) => {
  expect(await tidemark(...args)).toBe(2);
  expect(told).toContain(message);
});

test('a server that refuses, and one that is not there', async () => {
  expect(await tidemark('export', '--database', 'nope', '--output', path('x.jsonl'))).toBe(1);
  expect(told).toContain('answered 404: ');
  expect(readdirSync(folder)).toEqual([]);
  expect(await main(['export', '--server', 'http://127.0.0.1:1'])).toBe(1);
  expect(told).toContain('no answer from http://127.0.0.1:1');
});

// Interruptions.

/** Stands between the commands and the server, and does to each request what the test says. */
class Middleman {
  readonly #server: Server;
  requests = 0;

  /** `act`: of the n-th request from 1. What is swallowed has reached the server. */
  constructor(act: (n: number) => 'pass' | 'refuse' | 'swallow' | { readonly cutAfter: number }) {
    this.#server = createServer((req, res) => {
      const what = act(++this.requests);
      if (what === 'refuse') {
        req.resume().once('end', () => res.writeHead(503, { 'Retry-After': '1' }).end('busy\n'));
        return;
      }
      const { host: _, ...headers } = req.headers;
      const passed = httpRequest(new URL(req.url!, live.url), { method: req.method!, headers });
      passed.on('response', (answer) => {
        if (what === 'swallow') {
          answer.resume().once('end', () => res.destroy());
          return;
        }
        res.writeHead(answer.statusCode!, answer.headers);
        let bytes = 0;
        answer.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (typeof what === 'object' && bytes > what.cutAfter) res.destroy();
          else res.write(piece);
        });
        answer.on('end', () => {
          res.addTrailers(answer.trailers as Record<string, string>);
          res.end();
        });
      });
      passed.on('error', () => res.destroy());
      res.on('close', () => passed.destroy());
      req.pipe(passed);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Lines of some kilobytes each: some blocks of few samples. */
const LONG_LINES = Array.from(
  { length: 900 },
  (_, i) =>
    `{"metric":{"__name__":"m${String(i).padStart(4, '0')}","long":"${'x'.repeat(15_000)}"},"values":[${i}],"timestamps":[${NOW + i}]}\n`,
).join('');

const importOf = (file: string) => ({
  file,
  format: 'json-lines' as const,
  database: 'default',
  columns: undefined,
  labels: [],
  stateFile: undefined,
  isRestart: false,
  verify: false,
  isVerifyOnly: false,
});

class Killed extends Error {}

test('an import that is killed goes on where it was: nothing is lost, nothing twice', async () => {
  const file = path('long.jsonl.gz');
  writeFileSync(file, gzipSync(LONG_LINES, { level: 1 }));
  // The second block is stored, and nobody hears of it.
  const middleman = new Middleman((n) => (n === 2 ? 'swallow' : 'pass'));
  const url = await middleman.listen();
  const connection = new Connection({ url, user: undefined, password: undefined });
  try {
    const run = (sleep: () => Promise<void>) =>
      runImport(connection, importOf(file), process.stderr, Date.now, sleep);
    await expect(run(() => Promise.reject(new Killed()))).rejects.toThrow(Killed);
    const state = JSON.parse(readFileSync(`${file}.tidemark-import`, 'utf8')) as {
      position: { end: number };
    };
    expect(state.position.end).toBeGreaterThan(1 << 20);
    expect(await run(() => Promise.reject(new Error('no more waiting')))).toBe(true);
    expect(told).toContain(`going on at byte ${state.position.end}, `);
    expect(told).toContain('import: stored 900 samples,');
    // Four blocks, one of them twice.
    expect(middleman.requests).toBe(5);
    expect(await contentOf('default')).toBe(LONG_LINES);
    expect(readdirSync(folder)).toEqual(['long.jsonl.gz']);
  } finally {
    connection.close();
    middleman.close();
  }
});

test('a server that is busy or away is asked again', async () => {
  const file = path('some.jsonl');
  writeFileSync(file, LINES);
  const middleman = new Middleman((n) => (n === 1 ? 'refuse' : n === 2 ? 'swallow' : 'pass'));
  const url = await middleman.listen();
  const connection = new Connection({ url, user: undefined, password: undefined });
  const waits: number[] = [];
  try {
    const sleep = async (ms: number): Promise<void> => void waits.push(ms);
    expect(await runImport(connection, importOf(file), process.stderr, Date.now, sleep)).toBe(true);
    expect(waits).toEqual([1000, 2000]);
    expect(told).toMatch(/answered 503: busy; trying again in 1 s\n.*; trying again in 2 s\n/);
    expect(await contentOf('default')).toBe(LINES);
  } finally {
    connection.close();
    middleman.close();
  }
});

test('notes of another import are not gone on with, but with --restart', async () => {
  const file = path('some.jsonl');
  writeFileSync(file, LINES);
  const { size, mtimeMs } = statSync(file);
  const identity = {
    fileBytes: size - 1,
    fileModifiedMs: mtimeMs,
    server: live.url,
    database: 'default',
    format: 'json-lines',
    parameters: '[["db","default"]]',
  };
  const notes = `${file}.tidemark-import`;
  const position = { end: size, lines: 0, comments: '', timestamp: NOW, counts: {} };
  writeFileSync(notes, JSON.stringify({ version: 1, identity, position }));
  expect(await tidemark('import', file)).toBe(1);
  expect(told).toContain('differs in the size of the file');
  expect(await contentOf('default')).toBe('');
  writeFileSync(notes, 'nonsense');
  expect(await tidemark('import', file)).toBe(1);
  expect(await tidemark('import', file, '--restart')).toBe(0);
  expect(await contentOf('default')).toBe(LINES);
});

test('an export that breaks off is told from a whole one', async () => {
  await fill(LONG_LINES);
  const middleman = new Middleman(() => ({ cutAfter: 1 << 20 }));
  const url = await middleman.listen();
  const file = path('cut.jsonl');
  try {
    expect(await main(['export', '--server', url, '--output', file])).toBe(1);
    expect(told).toMatch(
      /broke the export off after \d+ bytes; .* What came is in .*cut\.jsonl\.partial/,
    );
    expect(readdirSync(folder)).toEqual(['cut.jsonl.partial']);
  } finally {
    middleman.close();
  }
});

test('line protocol and CSV', async () => {
  const lines = path('cpu.lp');
  writeFileSync(
    lines,
    `cpu,host=a value=1 ${NOW}000000\nnonsense\ncpu,host=b value=2 ${NOW}000000`,
  );
  expect(await tidemark('import', lines, '--format', 'influx')).toBe(1);
  expect(told).toContain('import: stored 2 samples,');
  expect(told).toContain("unable to parse 'nonsense'");
  expect(told).toContain('and 1 lines');
  const csv = path('load.csv');
  writeFileSync(csv, `host,load,at\nc,3.5,${NOW / 1000}\n`);
  const columns = '1:label:host,2:metric:load,3:time:unix_s';
  expect(await tidemark('import', csv, '--columns', columns), told).toBe(0);
  const content = await contentOf('default');
  expect(content).toContain('"host":"b"');
  expect(content).toContain(
    `{"metric":{"__name__":"load","host":"c"},"values":[3.5],"timestamps":[${NOW}]}`,
  );
});
