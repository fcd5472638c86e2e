// One stream of samples on its way into the store, whatever its protocol: decoded into a collector, stored in
// batches while it goes on arriving, with what was refused remembered and counted.

import type { Label } from '../../model/labels.ts';
import {
  type LineProblem,
  type Losses,
  RowCollector,
  recycleRows,
} from '../../protocol/row-collector.ts';
import type { Rejection } from '../../storage/errors.ts';
import type { Database, WriteBatch, WriteResult } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { isPartial } from './partial-write.ts';

/** A batch is stored when it is this large: a few ms of work between two pieces. */
const BATCH_SIZE = 20_000;
/** Batches being made durable while the next is decoded. More would only take memory. */
const MAX_BATCHES_IN_FLIGHT = 4;
/** Refusals and bad lines remembered for the answer. */
const MAX_REMEMBERED = 100;

/** What became of a stream so far. */
export interface ImportReport {
  readonly samplesWritten: number;
  readonly histogramsWritten: number;
  readonly exemplarsWritten: number;
  readonly badLines: number;
  /** What was wrong with the first of them. */
  readonly problems: readonly LineProblem[];
  /** Samples, histograms and exemplars that the store refused. */
  readonly refusedTotal: number;
  readonly refusals: readonly Rejection[];
  /** False if a line or anything else was left out. */
  readonly isWhole: boolean;
}

export interface ImportRunOptions {
  /** Names the protocol in counters and in the ledger of refusals. */
  readonly protocol: string;
  readonly database: Pick<Database, 'name' | 'write'>;
  readonly extraLabels?: readonly Label[];
  /** Told of each batch that is stored, for counting. */
  readonly onStored: (result: WriteResult) => void;
  /** Told of lines that were refused, for protocols that have no answer: how many, and the first of them. */
  readonly onBadLines?: (badLines: number, listed: readonly LineProblem[]) => void;
}

export class ImportRun {
  /** Decoders put here what they find. */
  readonly collector: RowCollector;
  readonly #context: ApiContext;
  readonly #options: ImportRunOptions;
  readonly #inFlight: Promise<void>[] = [];
  readonly #counts = { samplesWritten: 0, histogramsWritten: 0, exemplarsWritten: 0 };
  #badLines = 0;
  readonly #problems: LineProblem[] = [];
  #refusedTotal = 0;
  readonly #refusals: Rejection[] = [];
  #isWhole = true;

  constructor(context: ApiContext, options: ImportRunOptions) {
    this.#context = context;
    this.#options = options;
    this.collector = new RowCollector(options.extraLabels);
  }

  /**
   * Stores what has been collected once there is enough of it, and waits while too much is on its way: await it
   * before decoding more, and the sender is held back. Throws what the store throws; nothing more may come then.
   */
  async relieve(): Promise<void> {
    if (this.collector.size < BATCH_SIZE) return;
    this.#store();
    while (this.#inFlight.length >= MAX_BATCHES_IN_FLIGHT) await this.#inFlight.shift();
  }

  /** Stores what has been collected; resolves when everything is durable. */
  async flush(): Promise<void> {
    this.#store();
    while (this.#inFlight.length > 0) await this.#inFlight.shift();
  }

  report(): ImportReport {
    return {
      ...this.#counts,
      badLines: this.#badLines,
      problems: this.#problems,
      refusedTotal: this.#refusedTotal,
      refusals: this.#refusals,
      isWhole: this.#isWhole,
    };
  }

  #store(): void {
    this.#noteProblems();
    if (this.collector.isEmpty) return;
    const batch = this.collector.take();
    const stored = this.#write(batch);
    // Awaited by whoever comes next; until then a failure is not unhandled.
    stored.catch(() => {});
    this.#inFlight.push(stored);
  }

  async #write(batch: WriteBatch): Promise<void> {
    const { database, protocol, onStored } = this.#options;
    const result = await database.write(batch);
    recycleRows(batch);
    onStored(result);
    this.#counts.samplesWritten += result.samplesWritten;
    this.#counts.histogramsWritten += result.histogramsWritten;
    this.#counts.exemplarsWritten += result.exemplarsWritten;
    if (!isPartial(result)) return;
    this.#isWhole = false;
    this.#context.rejections.addResult(protocol, database.name, result);
    this.#refusedTotal += result.rejectedTotal;
    remember(this.#refusals, result.rejections);
  }

  #noteProblems(): void {
    const { httpMetrics, rejections } = this.#context;
    const { protocol, database, onBadLines } = this.#options;
    const { badLines, listed, losses } = this.collector.takeProblems();
    httpMetrics.countLosses(protocol, losses satisfies Readonly<Losses>);
    if (badLines === 0) return;
    this.#isWhole = false;
    this.#badLines += badLines;
    remember(this.#problems, listed);
    rejections.addLines(protocol, database.name, listed, badLines);
    onBadLines?.(badLines, listed);
  }
}

function remember<T>(list: T[], more: readonly T[]): void {
  list.push(...more.slice(0, MAX_REMEMBERED - list.length));
}
