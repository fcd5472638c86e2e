// How far a transfer is: a bar on a terminal, a line from time to time where there is none.

/** What of a stream the bar needs. */
export interface BarOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface TransferState {
  readonly bytes: number;
  /** undefined: not known. */
  readonly totalBytes: number | undefined;
  readonly samples: number;
  /** How much of all is done, 0…1; if left out, what the bytes say. */
  readonly fraction?: number | undefined;
}

/** On a terminal, and elsewhere, where each goes into a log. */
const TTY_INTERVAL_MS = 200;
const LINE_INTERVAL_MS = 10_000;
/** Speeds are those of the last seconds. */
const WINDOW_MS = 10_000;
const BAR_WIDTH = 24;
const DEFAULT_COLUMNS = 80;
/** Back to the start of the line, and clear it. */
const CLEAR_LINE = '\r\u001b[K';

interface Moment {
  readonly at: number;
  readonly bytes: number;
  readonly samples: number;
  readonly fraction: number | undefined;
}

export class ProgressBar {
  readonly #title: string;
  readonly #output: BarOutput;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #moments: Moment[] = [];
  #shownAt: number;
  #hasBar = false;

  /** `now`: a steady clock in ms. */
  constructor(title: string, output: BarOutput, now: () => number = () => performance.now()) {
    this.#title = title;
    this.#output = output;
    this.#now = now;
    this.#startedAt = now();
    this.#shownAt = this.#startedAt;
  }

  /** Shows it, if that is due. Cheap enough for every piece. */
  update(state: TransferState): void {
    const at = this.#now();
    const intervalMs = this.#output.isTTY === true ? TTY_INTERVAL_MS : LINE_INTERVAL_MS;
    if (at - this.#shownAt < intervalMs) return;
    this.#shownAt = at;
    const { bytes, samples } = state;
    this.#moments.push({ at, bytes, samples, fraction: fractionOf(state) });
    while (this.#moments.length > 2 && at - this.#moments[0]!.at > WINDOW_MS) this.#moments.shift();
    this.#show(state, at);
  }

  /** A line of its own, above the bar. */
  say(line: string): void {
    this.#clear();
    this.#output.write(`${line}\n`);
  }

  /** Takes the bar away, and says what has been done in what time. */
  finish({ bytes, samples }: TransferState): void {
    this.#clear();
    const seconds = (this.#now() - this.#startedAt) / 1000;
    const speed = `${printCount(samples / Math.max(seconds, 0.001))} samples/s`;
    this.#output.write(
      `${this.#title}: ${printBytes(bytes)}, ${printCount(samples)} samples in ${printSeconds(seconds)} (${speed})\n`,
    );
  }

  #clear(): void {
    if (this.#hasBar) this.#output.write(CLEAR_LINE);
    this.#hasBar = false;
  }

  #show(state: TransferState, at: number): void {
    const first = this.#moments[0]!;
    const from =
      first.at === at ? { bytes: 0, samples: 0, fraction: 0, at: this.#startedAt } : first;
    const seconds = Math.max((at - from.at) / 1000, 0.001);
    const bytesPerSecond = (state.bytes - from.bytes) / seconds;
    const samplesPerSecond = (state.samples - from.samples) / seconds;
    const parts = [
      state.totalBytes === undefined
        ? printBytes(state.bytes)
        : `${printBytes(state.bytes)} of ${printBytes(state.totalBytes)}`,
      `${printBytes(bytesPerSecond)}/s`,
    ];
    if (state.samples > 0) parts.push(`${printCount(samplesPerSecond)} samples/s`);
    const fraction = fractionOf(state);
    const done = (fraction ?? 0) - (from.fraction ?? 0);
    if (fraction !== undefined && done > 0) {
      parts.push(`${printSeconds(((1 - fraction) / done) * seconds)} left`);
    }
    const percent = fraction === undefined ? '' : `${Math.floor(fraction * 100)} %, `;
    if (this.#output.isTTY !== true) {
      this.#output.write(`${this.#title}: ${percent}${parts.join(', ')}\n`);
      return;
    }
    const bar = fraction === undefined ? '' : `${barOf(fraction)} `;
    const text = `${this.#title} ${bar}${percent}${parts.join(', ')}`;
    const columns = this.#output.columns ?? DEFAULT_COLUMNS;
    this.#output.write(`${CLEAR_LINE}${text.slice(0, columns - 1)}`);
    this.#hasBar = true;
  }
}

function fractionOf({ bytes, totalBytes, fraction }: TransferState): number | undefined {
  if (fraction !== undefined) return Math.min(1, fraction);
  return totalBytes === undefined || totalBytes === 0 ? undefined : Math.min(1, bytes / totalBytes);
}

function barOf(fraction: number): string {
  const filled = Math.round(fraction * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`;
}

/** `1.2 GiB`. */
export function printBytes(bytes: number): string {
  let value = bytes;
  let unit = 'B';
  for (const larger of ['KiB', 'MiB', 'GiB', 'TiB']) {
    if (value < 1024) break;
    value /= 1024;
    unit = larger;
  }
  return unit === 'B' ? `${Math.round(value)} B` : `${value.toFixed(1)} ${unit}`;
}

/** `1,234,567`. */
export function printCount(count: number): string {
  return Math.round(count)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** `1h02m03s`, `4m05s` or `6s`. */
export function printSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  if (h > 0) return `${h}h${two(m)}m${two(s)}s`;
  return m > 0 ? `${m}m${two(s)}s` : `${s}s`;
}
