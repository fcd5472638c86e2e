// What all decoders of streams have in common: bytes come in pieces of any size, samples go to a RowCollector.

import { LineSplitter } from './line-splitter.ts';
import type { RowCollector } from './row-collector.ts';
import { viewOf } from './series-table.ts';

/**
 * Decodes one stream, be it a request's body or a connection. It holds no more than an unfinished line, so
 * that a body of any size takes bounded memory. Never throws for what a line says: that is refused at the collector.
 */
export interface StreamDecoder {
  /** Decodes what is complete with these bytes, which may be reused afterwards. */
  push(bytes: Uint8Array): void;
  /** Decodes the rest. The decoder is done then. */
  end(): void;
}

/**
 * Decodes lines, one after another. For protocols where a bad line is refused alone. Blank lines are skipped;
 * they and all others are counted, from 1.
 */
export abstract class LineStreamDecoder implements StreamDecoder {
  protected readonly collector: RowCollector;
  /** Lines that came before the one being decoded. */
  #linesBefore = 0;
  readonly #splitter: LineSplitter;

  constructor(collector: RowCollector, maxLineBytes: number) {
    this.collector = collector;
    this.#splitter = new LineSplitter(maxLineBytes, {
      lines: (bytes, start, end) => this.#decodeLines(bytes, start, end),
      tooLong: () => {
        this.#linesBefore++;
        this.collector.refuse(this.#linesBefore, `longer than ${maxLineBytes} bytes`);
      },
    });
  }

  push(bytes: Uint8Array): void {
    this.#splitter.push(bytes);
  }

  end(): void {
    this.#splitter.end();
  }

  /** Number of the line being decoded. */
  protected get line(): number {
    return this.#linesBefore + 1;
  }

  /**
   * Decodes the line of bytes [start, end), without its line feed or CR LF and never empty. Answers what is wrong with
   * it, or undefined. What it found goes to the collector.
   */
  protected abstract decodeLine(bytes: Uint8Array, start: number, end: number): string | undefined;

  /**
   * The short way: decodes the line that begins at `start` if there is nothing unusual in it, and answers where the next
   * one begins; else 0, and {@link decodeLine} gets it. `view` shows the same bytes. This one leaves all to that.
   */
  protected plainLine(_bytes: Uint8Array, _view: DataView, _start: number, _end: number): number {
    return 0;
  }

  /** [start, end) is whole lines; the last may lack its line feed. */
  #decodeLines(bytes: Uint8Array, start: number, end: number): void {
    const view = viewOf(bytes);
    for (let at = start; at < end; this.#linesBefore++) {
      at = this.plainLine(bytes, view, at, end) || this.#exactLine(bytes, at, end);
    }
  }

  /** Answers where the next line begins. */
  #exactLine(bytes: Uint8Array, start: number, end: number): number {
    const feed = bytes.indexOf(0x0a, start);
    const isLast = feed < 0 || feed >= end;
    let lineEnd = isLast ? end : feed;
    if (lineEnd > start && bytes[lineEnd - 1] === 0x0d) lineEnd--;
    if (lineEnd > start) {
      const problem = this.decodeLine(bytes, start, lineEnd);
      if (problem !== undefined) this.collector.refuse(this.line, problem);
    }
    return isLast ? end : feed + 1;
  }
}
