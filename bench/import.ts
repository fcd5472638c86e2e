// `npm run bench:import`: streams of gigabytes, made while they are sent, each to a server of its own, and the memory
// that the server takes on the way.

import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { errorMessage } from '../src/runtime/error.ts';
import { describeCommit, describeMachine, repositoryFolder } from './machine.ts';
import { withFolder } from './measure.ts';
import { listOf } from './options.ts';
import { memoryOf } from './process-stats.ts';
import { FORMATS, type Format } from './protocols/formats.ts';
import { StreamSource } from './protocols/stream-source.ts';
import { RunningServer } from './server.ts';
import { markdownTable } from './table.ts';
import { tidemarkKinds } from './tidemark.ts';
import { exitOnSignals, say, withWorkFolder } from './workspace.ts';

const MiB = 2 ** 20;
const STAGES = 10;
const POLL_MS = 20;
/** Least bytes of a stream: less of it is over before there is anything to see. */
const MIN_MEBIBYTES = 16;
/** Memory of the second half divided by that of the first, past which it is not flat. */
const MAX_RATIO = 1.2;

/** Streams of any length, but for the face of InfluxDB, which takes 25,000,000 bytes a request as InfluxDB does. */
const REQUEST_BYTES: ReadonlyMap<string, number> = new Map([
  ['json-lines', Number.POSITIVE_INFINITY],
  ['text', Number.POSITIVE_INFINITY],
  ['influx-1.x', 24_000_000],
]);

const USAGE = `npm run bench:import -- [options]
Ends with 1 if the server's memory in the second half of a stream is more than ${MAX_RATIO} times that in the first.

  --size MIB      of each stream (2048)
  --formats LIST  of ${[...REQUEST_BYTES.keys()].join(',')}
  --dir FOLDER    for data, on the disk to be measured (${tmpdir()})
`;

interface Options {
  readonly bytes: number;
  readonly formats: readonly Format[];
  readonly folder: string;
}

function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: '2048' },
      formats: { type: 'string', default: [...REQUEST_BYTES.keys()].join(',') },
      dir: { type: 'string', default: tmpdir() },
    },
  });
  const size = Number(values.size);
  if (!(Number.isInteger(size) && size >= MIN_MEBIBYTES)) {
    throw new Error(`--size: want a number from ${MIN_MEBIBYTES}`);
  }
  const formats = listOf(values.formats).map((name) => {
    const found = FORMATS.find((format) => format.name === name && REQUEST_BYTES.has(name));
    if (found === undefined) throw new Error(`--formats: ${name} is none of them`);
    return found;
  });
  return { bytes: size * MiB, formats, folder: values.dir };
}

interface Measured {
  readonly format: Format;
  readonly requests: number;
  readonly samples: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Most memory in each tenth of the stream, bytes. */
  readonly peaks: readonly number[];
}

async function measure(format: Format, bytes: number, folder: string): Promise<Measured> {
  const [kind] = tidemarkKinds(repositoryFolder());
  return withFolder(folder, async () => {
    const server = await RunningServer.start(kind!, folder);
    const source = new StreamSource(format, bytes);
    const peaks = new Array<number>(STAGES).fill(0);
    const look = (): void => {
      const stage = Math.min(STAGES - 1, Math.floor((STAGES * source.bytes) / bytes));
      peaks[stage] = Math.max(peaks[stage]!, memoryOf(server.pid).ownBytes);
    };
    const timer = setInterval(look, POLL_MS);
    try {
      const started = performance.now();
      let requests = 0;
      for (; !source.isDone; requests++) {
        const pieces = source.pieces(REQUEST_BYTES.get(format.name)!);
        await post(server.url, format, unhurried(pieces));
        look();
      }
      const seconds = (performance.now() - started) / 1000;
      const accepted = await server.kind.acceptedSamples(server);
      if (accepted !== source.samples) {
        throw new Error(`it accepted ${accepted} samples of ${source.samples}`);
      }
      return { format, requests, samples: accepted, bytes: source.bytes, seconds, peaks };
    } finally {
      clearInterval(timer);
      await server.stop();
    }
  });
}

/** With a turn of the event loop between two: where the server takes all at once, no timer would ever be due. */
async function* unhurried(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for (const piece of pieces) {
    yield piece;
    await nextTurn();
  }
}

/** One request whose body is sent as fast as the server takes it. */
async function post(
  url: string,
  { headers, intakes }: Format,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  const intake = intakes.tidemark!;
  if (!('path' in intake)) throw new Error('the protocol has no path');
  const sent = request(`${url}${intake.path}`, { method: 'POST', agent: false, headers });
  const answered = new Promise<void>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      text(response).then((body) => {
        if (response.statusCode === 204) resolve();
        else reject(new Error(`${response.statusCode}: ${body.slice(0, 500)}`));
      }, reject);
    });
  });
  await Promise.all([pipeline(Readable.from(pieces), sent), answered]);
}

function ratioOf({ peaks }: Measured): number {
  return Math.max(...peaks.slice(STAGES / 2)) / Math.max(...peaks.slice(0, STAGES / 2));
}

function render(results: readonly Measured[], folder: string): string {
  const stages = Array.from({ length: STAGES }, (_, i) => `${((i + 1) * 100) / STAGES} %`);
  const lines = [
    `commit ${describeCommit()}; ${describeMachine(folder).join('; ')}`,
    '',
    'Most memory of the server, without pages of files, in each tenth of the stream, MiB; second half ÷ first.',
    '',
    ...markdownTable(
      ['', 'MiB', 'requests', 'M samples', 'M samples/s', ...stages, '÷'],
      results.map((measured) => [
        measured.format.title,
        (measured.bytes / MiB).toFixed(0),
        String(measured.requests),
        (measured.samples / 1e6).toFixed(1),
        (measured.samples / 1e6 / measured.seconds).toFixed(2),
        ...measured.peaks.map((peak) => (peak / MiB).toFixed(0)),
        ratioOf(measured).toFixed(2),
      ]),
    ),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n\n${USAGE}`);
    return 2;
  }
  return withWorkFolder(options.folder, async (folder) => {
    const results: Measured[] = [];
    for (const format of options.formats) {
      const measured = await measure(format, options.bytes, join(folder, 'server'));
      say(`${format.name}: ${measured.peaks.map((peak) => (peak / MiB).toFixed(0)).join(' ')} MiB`);
      results.push(measured);
    }
    process.stdout.write(render(results, folder));
    return results.every((measured) => ratioOf(measured) <= MAX_RATIO) ? 0 : 1;
  });
}

exitOnSignals();
process.exitCode = await main(process.argv.slice(2));
