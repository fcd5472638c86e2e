// `tidemark import`: a file into a running server, block by block. A block counts once the server has it on disk.

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Label } from '../../model/labels.ts';
import { AppError } from '../../runtime/error.ts';
import { nodeFileSystem } from '../../runtime/file-system.ts';
import { serverRefused } from '../errors.ts';
import { type Block, countLineFeeds, LINE_FEED } from './blocks.ts';
import type { Connection, Params, ServerAnswer } from './connection.ts';
import { type FileImportFormat, IMPORT_TARGETS } from './formats.ts';
import {
  type ImportCounts,
  type ImportPosition,
  ImportState,
  stateFileOf,
} from './import-state.ts';
import { type BarOutput, ProgressBar } from './progress-bar.ts';
import { blocksOf, STANDARD_INPUT, sizeOf } from './source.ts';
import { type VerifiableFormat, verify } from './verify.ts';

/** Lines of the server about what it refused; more of them are counted. */
const MAX_TOLD = 20;
/** A server that is busy, or away, is asked again after a second, two, four and so on, for so long in all. */
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;
const RETRY_FOR_MS = 600_000;

export interface ImportOptions {
  readonly file: string;
  readonly format: FileImportFormat;
  readonly database: string;
  /** The columns of CSV. */
  readonly columns: string | undefined;
  /** Set on every series. */
  readonly labels: readonly Label[];
  /** Undefined: beside the file. */
  readonly stateFile: string | undefined;
  /** Forget how far an import of this file has got. */
  readonly isRestart: boolean;
  readonly verify: boolean;
  /** Compare only. */
  readonly isVerifyOnly: boolean;
}

const COUNTS_HEADER = 'x-tidemark-import';
/** InfluxDB's texts where some points of a block, or all of them, are not stored. */
const PARTIAL_WRITE = 'partial write';
const UNREADABLE = 'unable to parse';

/** How long to wait between attempts; a test need not wait at all. */
export type Sleep = (ms: number) => Promise<void>;

const sleepReally: Sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

/**
 * False if the server refused something, or verifying found a difference. Throws CLIENT_REFUSED, CLIENT_UNREACHABLE,
 * CLIENT_IMPORT_STATE and what reading the file does.
 */
export async function runImport(
  connection: Connection,
  options: ImportOptions,
  output: BarOutput,
  now: () => number = Date.now,
  sleep: Sleep = sleepReally,
): Promise<boolean> {
  let isWhole = true;
  if (!options.isVerifyOnly) {
    isWhole = await new ImportJob(connection, options, output, now, sleep).run();
  }
  if (!options.verify && !options.isVerifyOnly) return isWhole;
  const { file, format, database, labels } = options;
  const bar = new ProgressBar('verify', output);
  const comparison = await verify(
    connection,
    {
      file,
      format: format as VerifiableFormat,
      extraLabels: labels,
      database,
      matches: ['{}'],
      isWhole: false,
    },
    bar,
  );
  for (const line of comparison.lines) bar.say(line);
  return isWhole && comparison.isEqual;
}

const NO_COUNTS: ImportCounts = {
  samples: 0,
  histograms: 0,
  exemplars: 0,
  refused: 0,
  badLines: 0,
};

class ImportJob {
  readonly #connection: Connection;
  readonly #options: ImportOptions;
  readonly #bar: ProgressBar;
  readonly #now: () => number;
  readonly #sleep: Sleep;
  /** None for standard input, which cannot be read again. */
  readonly #state: ImportState | undefined;
  readonly #totalBytes: number | undefined;
  #told = 0;

  constructor(
    connection: Connection,
    options: ImportOptions,
    output: BarOutput,
    now: () => number,
    sleep: Sleep,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#bar = new ProgressBar('import', output);
    this.#now = now;
    this.#sleep = sleep;
    this.#totalBytes = sizeOf(options.file);
    this.#state = options.file === STANDARD_INPUT ? undefined : this.#stateOf(options.file);
  }

  /** False if anything was refused. */
  async run(): Promise<boolean> {
    const { file, format, isRestart } = this.#options;
    if (isRestart) this.#state?.remove();
    const begun = this.#state?.read();
    if (begun !== undefined) this.#bar.say(`import: going on at ${describe(begun, format)}`);
    let position: ImportPosition = begun ?? {
      end: 0,
      lines: 0,
      comments: '',
      timestamp: this.#now(),
      counts: NO_COUNTS,
    };
    const params = this.#paramsOf(position.timestamp);
    const blocks = blocksOf(file, format, position)[Symbol.asyncIterator]();
    let fileBytes = 0;
    // The next block is read while the server works on this one.
    let next = blocks.next();
    try {
      for (;;) {
        const { done, value: block } = await next;
        if (done === true) break;
        next = blocks.next();
        // Awaited with the next turn; until then a failure is not unhandled.
        next.catch(() => {});
        const counts = await this.#send(block, params);
        position = {
          ...position,
          end: block.end,
          lines: block.linesBefore + linesOf(block),
          comments: block.comments,
          counts: sum(position.counts, counts),
        };
        this.#state?.write(position);
        fileBytes = block.fileBytes;
        this.#bar.update({
          bytes: fileBytes,
          totalBytes: this.#totalBytes,
          samples: samplesOf(position.counts),
        });
      }
    } finally {
      await blocks.return(undefined);
    }
    this.#state?.remove();
    return this.#finish(position.counts, this.#totalBytes ?? fileBytes);
  }

  #finish(counts: ImportCounts, bytes: number): boolean {
    const { samples, histograms, exemplars, refused, badLines } = counts;
    this.#bar.finish({ bytes, totalBytes: this.#totalBytes, samples: samplesOf(counts) });
    this.#bar.say(
      `import: stored ${samples} samples, ${histograms} histograms, ${exemplars} exemplars; refused ${refused} samples and ${badLines} lines`,
    );
    return refused === 0 && badLines === 0;
  }

  #stateOf(file: string): ImportState {
    const { size, mtimeMs } = statSync(file);
    const { database, format, stateFile } = this.#options;
    return new ImportState(nodeFileSystem, resolve(stateFile ?? stateFileOf(file)), {
      fileBytes: size,
      fileModifiedMs: mtimeMs,
      server: this.#connection.server,
      database,
      format,
      parameters: JSON.stringify(this.#paramsOf(undefined)),
    });
  }

  #paramsOf(timestamp: number | undefined): Params {
    const { format, database, columns, labels } = this.#options;
    const params: [string, string][] = [['db', database]];
    for (const { name, value } of labels) params.push(['extra_label', `${name}=${value}`]);
    if (format === 'csv') params.push(['format', columns ?? '']);
    // So that a block that is sent again says the same.
    const hasTimestamp = format === 'prometheus' || format === 'openmetrics';
    if (timestamp !== undefined && hasTimestamp) params.push(['timestamp', String(timestamp)]);
    return params;
  }

  /** Sends a block until the server has it. */
  async #send(block: Block, params: Params): Promise<ImportCounts> {
    const { path, contentType } = IMPORT_TARGETS[this.#options.format];
    const started = this.#now();
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, MAX_RETRY_MS)) {
      let why: string;
      try {
        const answer = await this.#connection.post(path, params, block.bytes, {
          'Content-Type': contentType,
        });
        if (isPartial(answer)) this.#tell(answer.text, block);
        if (answer.status < 300 || isPartial(answer)) return this.#countsOf(block, answer);
        if (answer.status !== 503 && answer.status !== 429) {
          throw serverRefused(this.#connection.server, answer.status, answer.text);
        }
        why = `${this.#connection.server} answered ${answer.status}: ${answer.text}`;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'CLIENT_UNREACHABLE') throw error;
        if (this.#now() - started > RETRY_FOR_MS) throw error;
        why = error.message;
      }
      if (this.#now() - started > RETRY_FOR_MS) {
        throw serverRefused(this.#connection.server, 503, why);
      }
      this.#bar.say(`${why}; trying again in ${waitMs / 1000} s`);
      await this.#sleep(waitMs);
    }
  }

  #countsOf(block: Block, { headers, text }: ServerAnswer): ImportCounts {
    const { badRows } = block;
    for (const { line, message } of badRows) this.#tellOne(`row ${line}: ${message}`);
    const printed = headers[COUNTS_HEADER];
    const counts =
      typeof printed === 'string' ? parseCounts(printed) : countsOfPoints(linesOf(block), text);
    return { ...counts, badLines: counts.badLines + badRows.length };
  }

  /** Passes on what the server says of a block, with numbers of lines as they are in the file. */
  #tell(text: string, { linesBefore, repeatedLines }: Block): void {
    const [first, ...lines] = text.split('\n');
    for (const line of lines.length === 0 ? [first!] : lines) {
      const isRow = this.#options.format === 'parquet';
      const told = line.replace(/^line (\d+): /, (_, number: string) =>
        isRow ? '' : `line ${Number(number) + linesBefore - repeatedLines}: `,
      );
      this.#tellOne(told);
    }
  }

  #tellOne(line: string): void {
    this.#told++;
    if (this.#told <= MAX_TOLD) this.#bar.say(line);
    if (this.#told === MAX_TOLD) this.#bar.say('more is counted, and at /api/v1/status/rejected');
  }
}

/** Lines of the file that a block has; the last one may lack its line feed. */
function linesOf({ bytes, repeatedLines }: Block): number {
  const isOpen = bytes.length > 0 && bytes.at(-1) !== LINE_FEED;
  return countLineFeeds(bytes) + Number(isOpen) - repeatedLines;
}

/** What can be stored of the block has been. */
function isPartial({ status, headers, text }: ServerAnswer): boolean {
  if (status !== 400) return false;
  if (headers[COUNTS_HEADER] !== undefined) return true;
  return text.includes(PARTIAL_WRITE) || text.includes(UNREADABLE);
}

function parseCounts(text: string): ImportCounts {
  const count = (name: string): number => {
    return Number(new RegExp(`(?:^| )${name}=(\\d+)`).exec(text)?.[1] ?? 0);
  };
  return {
    samples: count('samples'),
    histograms: count('histograms'),
    exemplars: count('exemplars'),
    refused: count('refused'),
    badLines: count('bad-lines'),
  };
}

/** Of line protocol, whose answers say what is wrong, but not of how many lines. */
function countsOfPoints(lines: number, text: string): ImportCounts {
  const isPartial = text.includes(PARTIAL_WRITE);
  if (!isPartial && text.includes(UNREADABLE)) return { ...NO_COUNTS, badLines: lines };
  const badLines = isPartial ? Number(/dropped=(\d+)/.exec(text)?.[1]) || 1 : 0;
  return { ...NO_COUNTS, samples: lines - badLines, badLines };
}

function sum(a: ImportCounts, b: ImportCounts): ImportCounts {
  return {
    samples: a.samples + b.samples,
    histograms: a.histograms + b.histograms,
    exemplars: a.exemplars + b.exemplars,
    refused: a.refused + b.refused,
    badLines: a.badLines + b.badLines,
  };
}

function samplesOf({ samples, histograms }: ImportCounts): number {
  return samples + histograms;
}

function describe({ end, counts }: ImportPosition, format: FileImportFormat): string {
  const where = format === 'parquet' ? `row group ${end + 1}` : `byte ${end}`;
  return `${where}, ${samplesOf(counts)} samples are stored`;
}
