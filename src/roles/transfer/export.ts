// `tidemark export`: from a running server into a file, which has its name only once it is whole.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { exportBroken } from '../errors.ts';
import type { Connection, Params } from './connection.ts';
import { type SampleCounter, sampleCounter, seriesOf, summaryOf } from './export-answer.ts';
import type { FileExportFormat } from './formats.ts';
import { type BarOutput, ProgressBar } from './progress-bar.ts';
import { type VerifiableFormat, verify } from './verify.ts';

/** Names standard output. */
export const STANDARD_OUTPUT = '-';
/** Behind the name of a file that is not whole yet. */
const PARTIAL_SUFFIX = '.partial';

export interface ExportOptions {
  readonly file: string;
  readonly format: FileExportFormat;
  readonly isGzip: boolean;
  readonly database: string;
  readonly matches: readonly string[];
  /** As the server reads them. */
  readonly start: string | undefined;
  readonly end: string | undefined;
  /** Of CSV. */
  readonly fields: string | undefined;
  readonly verify: boolean;
}

/** False if verifying found a difference. Throws CLIENT_EXPORT_BROKEN, CLIENT_REFUSED and CLIENT_UNREACHABLE. */
export async function runExport(
  connection: Connection,
  options: ExportOptions,
  output: BarOutput,
): Promise<boolean> {
  const { file, format, isGzip, database, matches } = options;
  const bar = new ProgressBar('export', output);
  const answer = await connection.open(pathOf(format), paramsOf(options), {
    'Accept-Encoding': isGzip ? 'gzip' : 'identity',
  });
  const isFile = file !== STANDARD_OUTPUT;
  const partial = `${file}${PARTIAL_SUFFIX}`;
  const target: Writable = isFile ? createWriteStream(partial, { flush: true }) : process.stdout;
  const bytes = await receive(answer, target, counterOf(options), bar);
  if (isFile) {
    target.end();
    await once(target, 'close');
  }
  const summary = summaryOf(answer);
  if (summary === undefined) {
    throw exportBroken(connection.server, bytes, isFile ? `What came is in ${partial}.` : '');
  }
  if (isFile) await rename(partial, file);
  bar.finish({ bytes, totalBytes: undefined, samples: samplesOf(summary) });
  bar.say(`export: ${summary}`);
  if (!options.verify) return true;
  const comparison = await verify(
    connection,
    {
      file,
      format: format as VerifiableFormat,
      extraLabels: [],
      database,
      matches,
      isWhole: true,
    },
    new ProgressBar('verify', output),
  );
  for (const line of comparison.lines) bar.say(line);
  return comparison.isEqual;
}

function pathOf(format: FileExportFormat): string {
  if (format === 'csv' || format === 'parquet') return `api/v1/export/${format}`;
  return 'api/v1/export';
}

function paramsOf({ format, database, matches, start, end, fields }: ExportOptions): Params {
  const params: [string, string][] = [['db', database]];
  for (const match of matches) params.push(['match[]', match]);
  if (start !== undefined) params.push(['start', start]);
  if (end !== undefined) params.push(['end', end]);
  if (format === 'victoriametrics') params.push(['format', format]);
  if (format === 'csv') params.push(['format', fields ?? '']);
  return params;
}

/** Of a compressed answer the plain bytes are counted beside it. */
function counterOf({ format, isGzip }: ExportOptions): SampleCounter | undefined {
  const counter = sampleCounter(format);
  if (counter === undefined || !isGzip) return counter;
  const plain = createGunzip();
  plain.on('data', (piece: Buffer) => counter.push(piece));
  // A stream that breaks off is found by its missing end.
  plain.on('error', () => {});
  return {
    get samples() {
      return counter.samples;
    },
    get series() {
      return counter.series;
    },
    push: (piece) => void plain.write(piece),
  };
}

/** Bytes that came, whether or not these are all. */
async function receive(
  answer: IncomingMessage,
  target: Writable,
  counter: SampleCounter | undefined,
  bar: ProgressBar,
): Promise<number> {
  const series = seriesOf(answer);
  let bytes = 0;
  let failure: unknown;
  target.once('error', (error) => {
    failure = error;
    answer.destroy();
  });
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      bytes += piece.length;
      counter?.push(piece);
      if (!target.write(piece)) await whenWritable(target);
      const ended = counter?.series;
      const fraction = ended === undefined || !series ? undefined : ended / series;
      bar.update({ bytes, totalBytes: undefined, samples: counter?.samples ?? 0, fraction });
    }
  } catch {
    // The connection broke: that the answer is not complete tells.
  }
  if (failure !== undefined) throw failure;
  return bytes;
}

/** Resolves when the target takes more, or never will. Leaves no listener behind: an export waits thousands of times. */
function whenWritable(target: Writable): Promise<void> {
  if (target.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      target.off('drain', done).off('close', done);
      resolve();
    };
    target.once('drain', done).once('close', done);
  });
}

/** Of the server's summary. */
function samplesOf(summary: string): number {
  let samples = 0;
  for (const match of summary.matchAll(/(?:^| )(?:samples|histograms)=(\d+)/g)) {
    samples += Number(match[1]);
  }
  return samples;
}
