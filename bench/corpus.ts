// The bodies of one cell of the benchmark, made once and replayed to every server: a folder with two
// files per lane, the compressed bodies one after another and their lengths. A lane is a share of the
// targets; its bodies are sent in order over one connection, as a shard of Prometheus does.

import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { snappyEncode } from '../src/codec/snappy.ts';
import { SERIES_PER_TARGET, targetShape } from './shape.ts';
import { TargetWire } from './target-wire.ts';
import { Xorshift } from './xorshift.ts';

export const LANES = 4;
export const TICK_MS = 15_000;
/** 2,000 samples, as Prometheus sends by default. */
export const TARGETS_PER_BODY = 4;
/** Every lane has whole targets, and enough that no body holds a series twice. */
const MIN_SERIES = LANES * TARGETS_PER_BODY * SERIES_PER_TARGET;

export interface CorpusSpec {
  /** A multiple of 2,000, at least 8,000. */
  readonly series: number;
  /** Samples of every series. */
  readonly ticks: number;
  /** Time in ms at which the last tick ends. */
  readonly endT: number;
}

export interface Corpus extends CorpusSpec {
  readonly folder: string;
  readonly samples: number;
  readonly bodies: number;
  /** Before compression. */
  readonly rawBytes: number;
  readonly compressedBytes: number;
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
  let bodies = 0;
  let rawBytes = 0;
  let compressedBytes = 0;
  let samples = 0;
  for (let lane = 0; lane < LANES; lane++) {
    const lengths: number[] = [];
    const fd = openSync(lanePath(folder, lane), 'w');
    for (const { body, samples: inBody } of laneBodies(spec, lane)) {
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
  return { ...spec, folder, samples, bodies, rawBytes, compressedBytes };
}

export interface LaneBody {
  /** Uncompressed; valid until the next one is asked for. */
  readonly body: Uint8Array;
  readonly samples: number;
}

/** A lane's requests: its targets in turn, tick after tick, four to a body. */
export function* laneBodies(spec: CorpusSpec, lane: number): Generator<LaneBody> {
  const shape = targetShape();
  const targets = targetsOfLane(spec.series, lane).map((target) => ({
    wire: new TargetWire(target, shape),
    offsetMs: tickOffsetMs(target),
  }));
  const longest = targets.reduce((bytes, { wire }) => Math.max(bytes, wire.byteLength), 0);
  const buffer = new Uint8Array(TARGETS_PER_BODY * longest);
  let filled = 0;
  let pending = 0;
  for (let tick = 0; tick < spec.ticks; tick++) {
    for (const { wire, offsetMs } of targets) {
      buffer.set(wire.next(tickStart(spec, tick) + offsetMs), filled);
      filled += wire.byteLength;
      if (++pending < TARGETS_PER_BODY) continue;
      yield { body: buffer.subarray(0, filled), samples: pending * SERIES_PER_TARGET };
      filled = pending = 0;
    }
  }
  if (pending > 0) yield { body: buffer.subarray(0, filled), samples: pending * SERIES_PER_TARGET };
}

/** Numbers of the targets in a lane. */
export function targetsOfLane(series: number, lane: number): number[] {
  const perLane = series / SERIES_PER_TARGET / LANES;
  return Array.from({ length: perLane }, (_, i) => lane * perLane + i);
}

/** The end of the last tick is `endT`. */
export function tickStart({ ticks, endT }: CorpusSpec, tick: number): number {
  return endT - (ticks - tick) * TICK_MS;
}

/** Every target is scraped at its own fixed moment of the interval. */
export function tickOffsetMs(target: number): number {
  return new Xorshift(~target).below(TICK_MS);
}
