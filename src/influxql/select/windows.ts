// The intervals of GROUP BY time(…), and where a time lies in them. Without an interval there is one, as
// long as the statement's time range.

import { MAX_TIME_NS, MIN_TIME_NS, offsetAt } from '../../protocol/influxql/index.ts';
import { nsOf, type Time, timeOfNs } from './time.ts';

export interface Window {
  readonly start: Time;
  /** The first time past it. */
  readonly end: Time;
}

export interface WindowOptions {
  /** 0n: no interval. */
  readonly intervalNs: bigint;
  readonly offsetNs: bigint;
  readonly timeZone: string | undefined;
  readonly startNs: bigint;
  readonly endNs: bigint;
}

const NS_PER_MS = 1_000_000n;
/** Offsets of time zones change on such boundaries only. */
const ZONE_SLOT_MS = 900_000;

export class Windows {
  readonly intervalNs: bigint;
  readonly #options: WindowOptions;
  /** Whole milliseconds and no zone: plain arithmetic does. */
  readonly #plain: { readonly intervalMs: number; readonly offsetMs: number } | undefined;
  readonly #all: Window;
  readonly #zoneOffsets = new Map<number, bigint>();

  constructor(options: WindowOptions) {
    const { intervalNs, offsetNs, timeZone, startNs, endNs } = options;
    this.#options = options;
    this.intervalNs = intervalNs;
    const isWhole = intervalNs % NS_PER_MS === 0n && offsetNs % NS_PER_MS === 0n;
    this.#plain =
      intervalNs > 0n && isWhole && timeZone === undefined
        ? { intervalMs: Number(intervalNs / NS_PER_MS), offsetMs: Number(offsetNs / NS_PER_MS) }
        : undefined;
    this.#all = { start: timeOfNs(startNs), end: timeOfNs(endNs + 1n) };
  }

  get hasInterval(): boolean {
    return this.intervalNs > 0n;
  }

  of(time: Time): Window {
    if (this.intervalNs === 0n) return this.#all;
    if (this.#plain !== undefined && typeof time === 'number') {
      const { intervalMs, offsetMs } = this.#plain;
      const start = Math.floor((time - offsetMs) / intervalMs) * intervalMs + offsetMs;
      return { start, end: start + intervalMs };
    }
    const { start, end } = this.#exactly(nsOf(time));
    return { start: timeOfNs(start), end: timeOfNs(end) };
  }

  /** The same intervals in another time range. */
  within(startNs: bigint, endNs: bigint): Windows {
    return new Windows({ ...this.#options, startNs, endNs });
  }

  startOf(time: Time): Time {
    return this.of(time).start;
  }

  /** What clocks of the statement's zone are ahead of UTC by, in nanoseconds. */
  zoneOffset(time: Time): bigint {
    return this.#zoneAt(nsOf(time));
  }

  #exactly(timeNs: bigint): { start: bigint; end: bigint } {
    const { offsetNs } = this.#options;
    const interval = this.intervalNs;
    const t = timeNs - offsetNs;
    const zone = this.#zoneAt(t);
    let into = (t + zone) % interval;
    if (into < 0n) into += interval;
    let start = MIN_TIME_NS + into >= t ? MIN_TIME_NS : t - into;
    // The interval may have begun before clocks were changed.
    const startShift = zone - this.#zoneAt(start);
    if (startShift !== 0n && abs(startShift) < interval) start += startShift;
    const left = interval - into;
    let end = MAX_TIME_NS - left <= t ? MAX_TIME_NS : t + left;
    const endZone = this.#zoneAt(end);
    const endShift = zone - endZone;
    if (endShift !== 0n && abs(endShift) < interval) {
      // Hours that come twice belong to the interval before; hours that are left out, to the one after.
      if (endShift > 0n || this.#zoneAt(end + endShift) === endZone) end += endShift;
    }
    if (start !== MIN_TIME_NS) start += offsetNs;
    if (end !== MAX_TIME_NS) end += offsetNs;
    return { start, end };
  }

  #zoneAt(ns: bigint): bigint {
    const { timeZone } = this.#options;
    if (timeZone === undefined || timeZone === 'UTC') return 0n;
    const slot = Math.floor(Number(ns / NS_PER_MS) / ZONE_SLOT_MS);
    let offset = this.#zoneOffsets.get(slot);
    if (offset === undefined) {
      offset = BigInt(offsetAt(slot * ZONE_SLOT_MS, timeZone)) * NS_PER_MS;
      this.#zoneOffsets.set(slot, offset);
    }
    return offset;
  }
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
