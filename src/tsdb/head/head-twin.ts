// The head as plain arrays and maps: the oracle of its tests. Keeps every write and applies the rules
// in the most literal way.

import type { AppendOutcome } from './head-memory.ts';
import type { HeadExemplar } from './side-record.ts';

/** One write of a sample; a float as its bits, a histogram as its payload. */
export interface TwinWrite {
  readonly t: number;
  readonly startT: number;
  readonly isStale: boolean;
  /** 16 hexadecimal digits, or `h:` and the payload. */
  readonly content: string;
}

interface TwinSeries {
  /** In order of arrival; repeats that were recognised are not in it. */
  writes: TwinWrite[];
  lastT: number;
  /** The newest write that was out of order or a histogram. */
  newestSide: TwinWrite | undefined;
  /** The newest in-order write if it was a float and nothing out of order came for its t. */
  newestFloat: TwinWrite | undefined;
  exemplars: HeadExemplar[];
}

export class HeadTwin {
  readonly #maxExemplars: number;
  #series = new Map<number, TwinSeries>();
  sampleCount = 0;
  exemplarCount = 0;

  constructor(maxExemplars: number = 100) {
    this.#maxExemplars = maxExemplars;
  }

  append(ref: number, write: TwinWrite): AppendOutcome {
    const series = this.#open(ref);
    const isFloat = !isHistogram(write);
    if (write.t > series.lastT) {
      series.lastT = write.t;
      series.newestFloat = isFloat ? write : undefined;
      if (!isFloat) series.newestSide = write;
      this.#keep(series, write);
      return 'stored';
    }
    const rival = series.newestSide?.t === write.t ? series.newestSide : series.newestFloat;
    if (rival !== undefined && isSame(rival, write)) return 'duplicate';
    if (write.t === series.lastT) series.newestFloat = undefined;
    series.newestSide = write;
    this.#keep(series, write);
    return 'outOfOrder';
  }

  appendExemplar(ref: number, t: number, payload: Uint8Array): AppendOutcome {
    const exemplars = this.#series.get(ref)?.exemplars ?? [];
    const newest = exemplars.at(-1);
    if (newest?.t === t && hex(newest.payload) === hex(payload)) return 'duplicate';
    if (exemplars.length >= this.#maxExemplars) return 'limit';
    this.#open(ref).exemplars.push({ t, payload });
    this.exemplarCount++;
    return 'stored';
  }

  /** Winners in [minT, maxT], ascending by t. */
  read(
    ref: number,
    minT: number,
    maxT: number,
    counters: { overwritten: number; duplicates: number },
  ): TwinWrite[] {
    const winners = new Map<number, TwinWrite>();
    for (const write of this.#series.get(ref)?.writes ?? []) {
      if (write.t < minT || write.t > maxT) continue;
      const rival = winners.get(write.t);
      if (rival !== undefined && isSame(rival, write)) counters.duplicates++;
      else if (rival !== undefined) counters.overwritten++;
      if (rival === undefined || !write.isStale || rival.isStale) winners.set(write.t, write);
    }
    return [...winners.values()].sort((a, b) => a.t - b.t);
  }

  exemplars(ref: number): HeadExemplar[] {
    const seen = new Set<string>();
    return (this.#series.get(ref)?.exemplars ?? [])
      .filter(({ t, payload }) => {
        const key = `${t}:${hex(payload)}`;
        return !seen.has(key) && seen.add(key);
      })
      .sort((a, b) => a.t - b.t);
  }

  refs(): number[] {
    return [...this.#series.keys()].sort((a, b) => a - b);
  }

  clear(): void {
    this.#series = new Map();
    this.sampleCount = 0;
    this.exemplarCount = 0;
  }

  #keep(series: TwinSeries, write: TwinWrite): void {
    series.writes.push(write);
    this.sampleCount++;
  }

  #open(ref: number): TwinSeries {
    let series = this.#series.get(ref);
    if (series === undefined) {
      series = {
        writes: [],
        lastT: Number.NEGATIVE_INFINITY,
        newestSide: undefined,
        newestFloat: undefined,
        exemplars: [],
      };
      this.#series.set(ref, series);
    }
    return series;
  }
}

export function isHistogram(write: TwinWrite): boolean {
  return write.content.startsWith('h:');
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function isSame(a: TwinWrite, b: TwinWrite): boolean {
  return a.t === b.t && a.startT === b.startT && a.content === b.content;
}
