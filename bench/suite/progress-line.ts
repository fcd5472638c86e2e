// The line that says what runs and how long it will still take: kept up to date on a terminal, written now and
// then into a file.

import { printDuration } from './table.ts';

const TERMINAL_MS = 1000;
const FILE_MS = 30_000;

export interface LineTarget {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** What the line says. */
export interface Position {
  /** 1, 2, … */
  readonly cell: number;
  readonly cells: number;
  readonly name: string;
  readonly step: string;
  readonly remainingSeconds: number;
}

export class ProgressLine {
  readonly #target: LineTarget;
  readonly #position: () => Position;
  readonly #timer: NodeJS.Timeout;
  #shownAt = Number.NEGATIVE_INFINITY;

  /** Asks for the position whenever the line is due. */
  constructor(target: LineTarget, position: () => Position) {
    this.#target = target;
    this.#position = position;
    this.#timer = setInterval(() => this.refresh(), TERMINAL_MS);
  }

  /** Shows the line if it is due; for work that lets no timer come through. */
  refresh(): void {
    const now = performance.now();
    if (now - this.#shownAt < (this.#target.isTTY ? TERMINAL_MS : FILE_MS)) return;
    this.#shownAt = now;
    const line = printPosition(this.#position());
    this.#target.write(this.#target.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  }

  /** A line that stays, above the progress. */
  say(text: string): void {
    this.#target.write(`${this.#target.isTTY ? '\r\x1b[K' : ''}${text}\n`);
    if (this.#target.isTTY) this.#shownAt = Number.NEGATIVE_INFINITY;
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.#target.isTTY) this.#target.write('\r\x1b[K');
  }
}

export function printPosition({ cell, cells, name, step, remainingSeconds }: Position): string {
  return `[${cell}/${cells}] ${name}: ${step}, about ${printDuration(remainingSeconds)} left`;
}
