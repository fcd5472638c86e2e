// What one sender has said, on its way into the store.

import { AppError } from '../../runtime/error.ts';
import type { WriteResult } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { ImportRun } from '../ingest/import-run.ts';
import { isPartial } from '../ingest/partial-write.ts';
import type { PatientWriter } from './patient-writer.ts';
import type { SocketDecoder, SocketInput, SocketProtocol } from './protocol.ts';
import type { SocketReports } from './reports.ts';

/** What a listener does with what arrives. */
export interface SocketTarget {
  readonly protocol: SocketProtocol;
  readonly writer: PatientWriter;
  readonly reports: SocketReports;
}

export interface SocketRunOptions extends SocketTarget {
  /** Address of the sender, for the log. */
  readonly client: string;
  readonly answer: (text: string) => void;
}

export class SocketRun {
  readonly #context: ApiContext;
  readonly #options: SocketRunOptions;
  readonly #run: ImportRun;
  readonly #input: SocketInput;

  constructor(context: ApiContext, options: SocketRunOptions) {
    this.#context = context;
    this.#options = options;
    const { protocol, writer, answer } = options;
    this.#run = new ImportRun(context, {
      protocol: protocol.name,
      database: writer,
      onStored: (result) => this.#noteStored(result),
      onBadLines: (badLines, [first]) => this.#noteBadLines(badLines, first?.message),
    });
    const { settings, seriesTables, clock } = context;
    this.#input = {
      collector: this.#run.collector,
      maxLineBytes: settings['sockets.max-line-size'],
      maxFrameBytes: settings['sockets.max-frame-size'],
      now: () => clock.now(),
      seriesTable: (variant) =>
        seriesTables.get(JSON.stringify([writer.name, protocol.name, variant])),
      answer,
    };
  }

  /** Samples decoded and not yet given to the store. */
  get size(): number {
    return this.#run.collector.size;
  }

  /** A decoder that puts what it finds here. */
  open(): SocketDecoder {
    return this.#options.protocol.open(this.#input);
  }

  countBytes(bytes: number): void {
    this.#context.httpMetrics.countReceivedBytes(this.#options.protocol.name, bytes);
  }

  /** Stores what has been decoded; resolves when it is durable, or lost and told. Never rejects. */
  async store(): Promise<void> {
    const { reports, protocol } = this.#options;
    const { size } = this.#run.collector;
    try {
      await this.#run.flush();
    } catch (error) {
      const reason = error instanceof AppError ? error.code : 'internal';
      reports.lost(protocol.name, reason, size, error);
    }
  }

  #noteStored(result: WriteResult): void {
    const { protocol, reports, writer, client } = this.#options;
    this.#context.httpMetrics.countReceived(protocol.name, result);
    if (!isPartial(result)) return;
    const { rejectedTotal: samples, rejections } = result;
    const [first] = rejections;
    reports.log('samples refused', protocol.name, {
      database: writer.name,
      client,
      samples,
      reason: first?.reason,
      series: first?.series.slice(0, 300),
      why: first?.message,
    });
  }

  #noteBadLines(lines: number, why: string | undefined): void {
    const { protocol, reports, writer, client } = this.#options;
    const database = writer.name;
    reports.log('lines refused', protocol.name, { database, client, lines, why });
  }
}
