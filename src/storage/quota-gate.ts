// Holds one database to its quotas. Pure but for the clock that is passed in.

import {
  type DatabaseQuotas,
  DEFAULT_DATABASE_SETTINGS,
  type WriteQuota,
} from './database-settings.ts';
import { quotaExceeded } from './errors.ts';

/** Senders come in bursts: what a rate allows in so many seconds may come at once. */
const BURST_SECONDS = 5;

/** An average rate. What is taken may be more than is left: the next has to wait for that. */
class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#burst = Math.max(1, perSecond * BURST_SECONDS);
    this.#left = this.#burst;
    this.#at = now;
  }

  /** True if something may be taken now. */
  isOpen(now: number): boolean {
    const gained = ((now - this.#at) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#burst, this.#left + gained);
    this.#at = now;
    return this.#left > 0;
  }

  take(amount: number): void {
    this.#left -= amount;
  }
}

export class QuotaGate {
  readonly #database: string;
  /** ms, never going back */
  readonly #now: () => number;
  #quotas: DatabaseQuotas = DEFAULT_DATABASE_SETTINGS.quotas;
  #samples: RateLimit | undefined;
  #newSeries: RateLimit | undefined;
  /** Until then every series may be one that is only not known yet. */
  #settlingUntil: number;
  #samplesWritten = 0;
  #seriesAdded = 0;
  readonly #refusals: Record<WriteQuota, number> = {
    maxActiveSeries: 0,
    maxNewSeriesPerSecond: 0,
    maxSamplesPerSecond: 0,
    maxDiskBytes: 0,
  };

  /** For the first `settlingMs` the rate of new series is not limited: after a start all look new. */
  constructor(database: string, now: () => number, settlingMs: number) {
    this.#database = database;
    this.#now = now;
    this.#settlingUntil = now() + settlingMs;
  }

  get refusals(): Readonly<Record<WriteQuota, number>> {
    return this.#refusals;
  }

  get samplesWritten(): number {
    return this.#samplesWritten;
  }

  get newSeries(): number {
    return this.#seriesAdded;
  }

  /** True if new series have to be asked about. */
  get limitsSeries(): boolean {
    return this.#quotas.maxActiveSeries !== undefined || this.#newSeries !== undefined;
  }

  configure(quotas: DatabaseQuotas): void {
    const { maxSamplesPerSecond, maxNewSeriesPerSecond } = quotas;
    const limit = (rate: number | undefined): RateLimit | undefined =>
      rate === undefined ? undefined : new RateLimit(rate, this.#now());
    this.#samples = limit(maxSamplesPerSecond);
    this.#newSeries = limit(maxNewSeriesPerSecond);
    this.#quotas = quotas;
  }

  /** Known series look new for a while: the rate of new ones is not limited so long. */
  settle(settlingMs: number): void {
    this.#settlingUntil = this.#now() + settlingMs;
  }

  /** Throws STORAGE_QUOTA while the database takes too much of the disk. */
  admitToDisk(diskBytes: () => number): void {
    const { maxDiskBytes } = this.#quotas;
    if (maxDiskBytes === undefined) return;
    const bytes = diskBytes();
    if (bytes < maxDiskBytes) return;
    this.#refusals.maxDiskBytes++;
    throw quotaExceeded(this.#database, 'maxDiskBytes', maxDiskBytes, `it takes ${bytes} bytes`);
  }

  /** Takes samples from the rate, or throws STORAGE_QUOTA: then nothing of the write may be stored. */
  admitSamples(amount: number): void {
    if (this.#samples !== undefined && amount > 0) {
      if (!this.#samples.isOpen(this.#now())) {
        this.#refusals.maxSamplesPerSecond++;
        const { maxSamplesPerSecond } = this.#quotas;
        throw quotaExceeded(this.#database, 'maxSamplesPerSecond', maxSamplesPerSecond!);
      }
      this.#samples.take(amount);
    }
    this.#samplesWritten += amount;
  }

  /**
   * Lets a new series in, or answers why it is refused for good. Throws STORAGE_QUOTA where it may come later:
   * then nothing of the write may be stored.
   */
  admitNewSeries(activeSeries: () => number): string | undefined {
    const { maxActiveSeries, maxNewSeriesPerSecond } = this.#quotas;
    if (maxActiveSeries !== undefined) {
      const active = activeSeries();
      if (active >= maxActiveSeries) {
        this.#refusals.maxActiveSeries++;
        return `database ${JSON.stringify(this.#database)} has ${active} active series, its quota maxActiveSeries is ${maxActiveSeries}: known series go on, new ones are refused`;
      }
    }
    const now = this.#now();
    if (this.#newSeries !== undefined && now >= this.#settlingUntil) {
      if (!this.#newSeries.isOpen(now)) {
        this.#refusals.maxNewSeriesPerSecond++;
        throw quotaExceeded(this.#database, 'maxNewSeriesPerSecond', maxNewSeriesPerSecond!);
      }
      this.#newSeries.take(1);
    }
    return undefined;
  }

  /** A series has been added. */
  seriesAdded(): void {
    this.#seriesAdded++;
  }
}
