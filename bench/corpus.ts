// The bodies of one cell of the benchmark, made once and replayed to every server: a folder with two
// files per lane, the compressed bodies one after another and their lengths. A lane is a share of the
// targets; its bodies are sent in order over one connection, as a shard of Prometheus does.

import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { snappyEncode } from '../src/codec/snappy.ts';
import { decodeWriteRequestV1 } from '../src/protocol/remote-write/v1.ts';
import { encodeWriteRequestV2 } from '../src/protocol/remote-write/v2.ts';
import {
  CLOCK_METRIC,
  SERIES_PER_TARGET,
  type SeriesShape,
  type ShapeName,
  targetShape,
} from './shape.ts';
import { TargetWire } from './target-wire.ts';
import { Xorshift } from './xorshift.ts';

/** What a corpus has unless its spec says otherwise. */
export const LANES = 4;
export const TICK_MS = 15_000;
/** 2,000 samples, as Prometheus sends by default. */
export const TARGETS_PER_BODY = 4;
/** Every lane has whole targets, and enough that no body holds a series twice. */
const MIN_SERIES = LANES * TARGETS_PER_BODY * SERIES_PER_TARGET;

export interface CorpusSpec {
  /** Active at any time: whole targets of 500, as many in every lane. */
  readonly series: number;
  /** Samples of every series. */
  readonly ticks: number;
  /** Time in ms at which the last tick ends. */
  readonly endT: number;
  readonly tickMs?: number;
  readonly lanes?: number;
  /** Where a lane has fewer targets, a body holds several ticks of them, as a sender's that catches up. */
  readonly targetsPerBody?: number;
  /** Default: 1.0. */
  readonly protocol?: Protocol;
  readonly values?: ShapeName;
  /** Targets that go while others come; default: all stay. */
  readonly churn?: Churn;
}

export type Protocol = 'remote-write-1' | 'remote-write-2';

export interface Churn {
  /** Every so many ticks … */
  readonly everyTicks: number;
  /** … so many targets are replaced by new ones, the oldest first. */
  readonly targets: number;
}

/** The files of all lanes, and what is in them. */
export interface LaneFiles {
  readonly folder: string;
  readonly lanes: number;
  readonly samples: number;
  readonly bodies: number;
  /** Before compression. */
  readonly rawBytes: number;
  readonly compressedBytes: number;
}

/** What a server is sent, and what it must hold afterwards. */
export interface Corpus extends LaneFiles {
  readonly series: number;
  readonly ticks: number;
  readonly tickMs: number;
  readonly endT: number;
  readonly protocol: Protocol;
  readonly checked: CheckedMetric;
}

/** A metric whose samples tell whether all have been kept. */
export interface CheckedMetric {
  readonly metric: string;
  /** Of all of its series. */
  readonly samples: number;
}

/** Says why a corpus of so many series cannot be made; undefined if it can. */
export function unfitSeries(series: number): string | undefined {
  const unit = LANES * SERIES_PER_TARGET;
  if (series % unit === 0 && series >= MIN_SERIES) return undefined;
  return `${series} series: want a multiple of ${unit}, at least ${MIN_SERIES}`;
}

export function lanePath(folder: string, lane: number): string {
  return join(folder, `lane-${lane}.bodies`);
}

export function lengthsPath(folder: string, lane: number): string {
  return join(folder, `lane-${lane}.lengths`);
}

/** Lengths in bytes of a lane's bodies, in order. */
export function readBodyLengths(folder: string, lane: number): Uint32Array {
  const bytes = readFileSync(lengthsPath(folder, lane));
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Writes the bodies into an existing empty folder. */
export function writeCorpus(
  spec: CorpusSpec,
  folder: string,
  onProgress: (samplesDone: number) => void,
): Corpus {
  const { series, ticks, endT, protocol = 'remote-write-1' } = spec;
  const { lanes = LANES, tickMs = TICK_MS } = spec;
  const files = writeLanes(folder, lanes, (lane) => laneBodies(spec, lane), onProgress);
  const checked = { metric: CLOCK_METRIC, samples: (series / SERIES_PER_TARGET) * ticks };
  return { ...files, series, ticks, tickMs, endT, protocol, checked };
}

export interface LaneBody {
  /** Uncompressed; valid until the next one is asked for. */
  readonly body: Uint8Array;
  readonly samples: number;
}

/** Compresses the bodies of every lane into the lane's files. */
export function writeLanes(
  folder: string,
  lanes: number,
  bodiesOf: (lane: number) => Iterable<LaneBody>,
  onProgress: (samplesDone: number) => void,
): LaneFiles {
  let bodies = 0;
  let rawBytes = 0;
  let compressedBytes = 0;
  let samples = 0;
  for (let lane = 0; lane < lanes; lane++) {
    const lengths: number[] = [];
    const fd = openSync(lanePath(folder, lane), 'w');
    for (const { body, samples: inBody } of bodiesOf(lane)) {
      const compressed = snappyEncode(body);
      writeSync(fd, compressed);
      lengths.push(compressed.length);
      rawBytes += body.length;
      compressedBytes += compressed.length;
      samples += inBody;
      onProgress(samples);
    }
    // Or the first servers would have our dirty pages written out during their syncs.
    fsyncSync(fd);
    closeSync(fd);
    writeFileSync(lengthsPath(folder, lane), Uint32Array.from(lengths));
    bodies += lengths.length;
  }
  return { folder, lanes, samples, bodies, rawBytes, compressedBytes };
}

/** A lane's requests: its targets in turn, tick after tick, four to a body unless the spec says otherwise. */
export function* laneBodies(spec: CorpusSpec, lane: number): Generator<LaneBody> {
  const { targetsPerBody = TARGETS_PER_BODY, protocol } = spec;
  const shape = targetShape(spec.values);
  const targets = targetsOfLane(spec, lane).map((target) => new LaneTarget(target, shape));
  const longest = targets.reduce((bytes, { wire }) => Math.max(bytes, wire.byteLength), 0);
  // A target that comes later may have longer names.
  const buffer = new Uint8Array(targetsPerBody * 2 * longest);
  const toBody = (bytes: Uint8Array): Uint8Array =>
    protocol === 'remote-write-2' ? encodeWriteRequestV2(decodeWriteRequestV1(bytes)) : bytes;
  let filled = 0;
  let pending = 0;
  for (let tick = 0; tick < spec.ticks; tick++) {
    for (const [slot, { target }] of targets.entries()) {
      const present = targetAt(spec, target, tick);
      if (present !== targets[slot]!.present) targets[slot]!.become(present);
    }
    for (const { wire, offsetMs } of targets) {
      buffer.set(wire.next(tickStart(spec, tick) + offsetMs), filled);
      filled += wire.byteLength;
      if (++pending < targetsPerBody) continue;
      yield { body: toBody(buffer.subarray(0, filled)), samples: pending * SERIES_PER_TARGET };
      filled = pending = 0;
    }
  }
  if (pending === 0) return;
  yield { body: toBody(buffer.subarray(0, filled)), samples: pending * SERIES_PER_TARGET };
}

/** The place of a target that others may take later. */
class LaneTarget {
  /** Number of the place: that of its first target. */
  readonly target: number;
  /** Number of the target that has it. */
  present: number;
  wire: TargetWire;
  offsetMs: number;
  readonly #shape: readonly SeriesShape[];

  constructor(target: number, shape: readonly SeriesShape[]) {
    this.target = this.present = target;
    this.wire = new TargetWire(target, shape);
    this.offsetMs = tickOffsetMs(target);
    this.#shape = shape;
  }

  become(target: number): void {
    this.present = target;
    this.wire = new TargetWire(target, this.#shape);
  }
}

/** Numbers of the targets in a lane. */
export function targetsOfLane(
  { series, lanes = LANES }: Pick<CorpusSpec, 'series' | 'lanes'>,
  lane: number,
): number[] {
  const perLane = series / SERIES_PER_TARGET / lanes;
  return Array.from({ length: perLane }, (_, i) => lane * perLane + i);
}

/** Number of the target that has the place of target number `first` at a tick. */
export function targetAt(
  { series, churn }: Pick<CorpusSpec, 'series' | 'churn'>,
  first: number,
  tick: number,
): number {
  if (churn === undefined) return first;
  const places = series / SERIES_PER_TARGET;
  const replaced = Math.floor(tick / churn.everyTicks) * churn.targets;
  return first + places * Math.ceil(Math.max(0, replaced - first) / places);
}

/** The end of the last tick is `endT`. */
export function tickStart(
  { ticks, endT, tickMs = TICK_MS }: Pick<CorpusSpec, 'ticks' | 'endT' | 'tickMs'>,
  tick: number,
): number {
  return endT - (ticks - tick) * tickMs;
}

/** Every target is scraped at its own fixed moment of the interval. */
export function tickOffsetMs(target: number): number {
  return new Xorshift(~target).below(TICK_MS);
}
