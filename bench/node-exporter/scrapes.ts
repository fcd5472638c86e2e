// Real data: what the node exporter of this machine says while the bench runs, as remote-write bodies.

import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { normalizeLabels } from '../../src/model/labels.ts';
import { encodeWriteRequestV1 } from '../../src/protocol/remote-write/v1.ts';
import { RowCollector } from '../../src/protocol/row-collector.ts';
import { SeriesTable } from '../../src/protocol/series-table.ts';
import { TextFormatDecoder } from '../../src/protocol/text-format/decoder.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { groupRows } from '../../src/storage/rows.ts';
import { type Corpus, type LaneBody, TICK_MS, writeLanes } from '../corpus.ts';
import { findProgram } from '../files.ts';

const PROGRAMS = ['prometheus-node-exporter', 'node_exporter'];
/** Scraped so often, and sent as if it had been every 15 s: a minute of watching makes a quarter of an hour. */
const SCRAPE_MS = 1000;
const MAX_LINE_BYTES = 65_536;
/** Of every scrape; a scrape without it is not whole. */
const CLOCK = 'node_time_seconds';
const TARGET_LABELS = [
  { name: 'instance', value: '10.0.0.1:9100' },
  { name: 'job', value: 'node' },
];

/** Scrapes in the background from when it is told to. */
export class NodeExporterScrapes {
  readonly #count: number;
  #scraped = 0;
  /** The file, when all scrapes are in it. */
  #file: Promise<string> | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  /** Does nothing if it has begun. That there is no node exporter is told to who asks for the bodies. */
  begin(): void {
    if (this.#file !== undefined) return;
    this.#file = this.#collect();
    this.#file.catch(() => {});
  }

  /** `37 of 600 scrapes`. */
  describe(): string {
    return `${this.#scraped} of ${this.#count} scrapes`;
  }

  /** Waits for the last scrape and writes all of them as the bodies of one lane, ending now. */
  async writeBodies(folder: string): Promise<Corpus> {
    this.begin();
    const lines = readFileSync(await this.#file!, 'utf8')
      .trimEnd()
      .split('\n');
    const scrapes = lines.map((line) => JSON.parse(line) as string);
    return writeScrapes(scrapes, Date.now(), folder);
  }

  async #collect(): Promise<string> {
    const program = findProgram(PROGRAMS);
    if (program === undefined) throw new Error(`none of ${PROGRAMS.join(', ')} is on PATH`);
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-scrapes-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'scrapes');
    const here = import.meta.url;
    const script = new URL(here.endsWith('.ts') ? './collector.ts' : './collector.js', here);
    const child = fork(fileURLToPath(script), [
      program,
      file,
      String(SCRAPE_MS),
      String(this.#count),
    ]);
    child.on('message', (scraped) => {
      this.#scraped = Number(scraped);
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error('the node exporter could not be scraped');
    return file;
  }
}

/** Writes scrapes as the bodies of one lane, 15 s apart, the last at `endT` (ms). */
export function writeScrapes(scrapes: readonly string[], endT: number, folder: string): Corpus {
  let series = 0;
  const toBody = (text: string, i: number): LaneBody => {
    const batch = decodeScrape(text, endT - (scrapes.length - 1 - i) * TICK_MS);
    series = Math.max(series, batch.length);
    return { body: encodeWriteRequestV1({ series: batch }), samples: batch.length };
  };
  const files = writeLanes(
    folder,
    1,
    () => scrapes.map(toBody),
    () => {},
  );
  return {
    ...files,
    series,
    ticks: scrapes.length,
    tickMs: TICK_MS,
    endT,
    protocol: 'remote-write-1',
    checked: { metric: CLOCK, samples: scrapes.length },
  };
}

function decodeScrape(text: string, t: number): BatchSeries[] {
  const collector = new RowCollector(TARGET_LABELS);
  const decoder = new TextFormatDecoder(collector, MAX_LINE_BYTES, {
    isOpenMetrics: false,
    now: t,
    seriesTable: new SeriesTable({ maxSeries: 2 ** 16, maxKeyBytes: 2 ** 24 }),
  });
  decoder.push(Buffer.from(text));
  decoder.end();
  return groupRows(collector.take().rows!).map((series) => ({
    ...series,
    labels: normalizeLabels(series.labels),
  }));
}
