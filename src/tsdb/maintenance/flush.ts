// Writes one frozen generation: a part file per database with a section per UTC day.

import { BlockCodec } from '../../codec/block-codec.ts';
import type { Exemplar } from '../../model/exemplar.ts';
import { decodeHistogramPayload } from '../../model/histogram-payload.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { DAY_MS, dayOf } from '../../model/time-range.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { encodeChunks } from '../chunk/chunk.ts';
import { ColumnsBuilder } from '../chunk/columns-builder.ts';
import { HeadReader, type MergeCounters } from '../head/head-reader.ts';
import { FrozenRegistryReader } from '../index/frozen-registry.ts';
import type { FrozenRegistry } from '../index/registry-columns.ts';
import { decodeExemplarPayload } from '../ingest/exemplar-payload.ts';
import { type PartInfo, PartWriter } from '../partition/part-writer.ts';

export interface FlushJob {
  readonly kind: 'flush';
  readonly memory: WebAssembly.Memory;
  readonly registry: FrozenRegistry;
  readonly databases: readonly FlushTarget[];
}

export interface FlushTarget {
  readonly dbId: number;
  readonly name: string;
  readonly incarnation: number;
  /** The commits whose data of this database the generation holds. */
  readonly minSeq: number;
  readonly maxSeq: number;
  /** Where to write the part. */
  readonly path: string;
}

export interface FlushResult {
  /** By database; no entry where the generation held nothing of it. */
  readonly parts: readonly { readonly dbId: number; readonly part: PartInfo }[];
  /** Writes for the same series and time that met in this generation. */
  readonly met: MergeCounters;
}

/** A generation that spans at most this many days is not searched for empty ones first. */
const FEW_DAYS = 3;

/** Writes and syncs all parts. On error, what has been written so far is removed. */
export function flushGeneration(fs: FileSystem, job: FlushJob): FlushResult {
  const registry = new FrozenRegistryReader(job.registry);
  const reader = new HeadReader(job.memory);
  const codec = new BlockCodec();
  const refsByDatabase = groupRefs(reader.refs(), registry);
  const parts: { dbId: number; part: PartInfo }[] = [];
  const met: MergeCounters = { overwritten: 0, duplicates: 0 };
  try {
    for (const target of job.databases) {
      const refs = refsByDatabase.get(target.dbId);
      if (refs === undefined) continue;
      const flush = new DatabaseFlush(fs, target, registry, reader, codec, met);
      parts.push({ dbId: target.dbId, part: flush.run(Uint32Array.from(refs)) });
    }
    return { parts, met };
  } catch (error) {
    const written = new Set(parts.map(({ dbId }) => dbId));
    for (const { dbId, path } of job.databases) if (written.has(dbId)) fs.unlink(path);
    throw error;
  }
}

function groupRefs(refs: Iterable<number>, registry: FrozenRegistryReader): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const ref of refs) {
    const dbId = registry.database(ref);
    const group = groups.get(dbId);
    if (group === undefined) groups.set(dbId, [ref]);
    else group.push(ref);
  }
  return groups;
}

class DatabaseFlush {
  readonly #target: FlushTarget;
  readonly #registry: FrozenRegistryReader;
  readonly #reader: HeadReader;
  readonly #codec: BlockCodec;
  readonly #writer: PartWriter;
  readonly #met: MergeCounters;
  readonly #columns = new ColumnsBuilder();

  constructor(
    fs: FileSystem,
    target: FlushTarget,
    registry: FrozenRegistryReader,
    reader: HeadReader,
    codec: BlockCodec,
    met: MergeCounters,
  ) {
    this.#met = met;
    this.#target = target;
    this.#registry = registry;
    this.#reader = reader;
    this.#codec = codec;
    this.#writer = new PartWriter(fs, target.path, {
      database: target.name,
      incarnation: target.incarnation,
      minSeq: target.minSeq,
      maxSeq: target.maxSeq,
    });
  }

  run(refs: Uint32Array): PartInfo {
    try {
      const sorted = this.#registry.sortedRefs(refs);
      const exemplars = this.#exemplarsByDay(sorted);
      for (const day of this.#days(sorted, exemplars)) {
        this.#writeSection(day, sorted, exemplars.get(day));
      }
      return this.#writer.finish();
    } catch (error) {
      this.#writer.abort();
      throw error;
    }
  }

  #exemplarsByDay(refs: Uint32Array): Map<number, Map<number, Exemplar[]>> {
    const days = new Map<number, Map<number, Exemplar[]>>();
    for (const ref of refs) {
      for (const { t, payload } of this.#reader.exemplars(ref)) {
        const day = dayOf(t);
        const series = days.get(day) ?? new Map<number, Exemplar[]>();
        const list = series.get(ref) ?? [];
        list.push(decodeExemplarPayload(t, payload));
        series.set(ref, list);
        days.set(day, series);
      }
    }
    return days;
  }

  /** Days that hold anything, ascending. */
  #days(refs: Uint32Array, exemplars: ReadonlyMap<number, unknown>): number[] {
    let minDay = Number.POSITIVE_INFINITY;
    let maxDay = Number.NEGATIVE_INFINITY;
    for (const ref of refs) {
      minDay = Math.min(minDay, dayOf(this.#reader.seriesMinT(ref)));
      maxDay = Math.max(maxDay, dayOf(this.#reader.seriesMaxT(ref)));
    }
    const days = new Set<number>(exemplars.keys());
    if (maxDay - minDay < FEW_DAYS) {
      for (let day = minDay; day <= maxDay; day++) days.add(day);
    } else {
      for (const ref of refs) this.#addDaysOf(ref, days);
    }
    return [...days].sort((a, b) => a - b);
  }

  #addDaysOf(ref: number, days: Set<number>): void {
    const columns = this.#read(ref, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    for (let i = 0; i < columns.length; i++) days.add(dayOf(columns.t[i]!));
  }

  /** Valid until the next read. */
  #read(ref: number, minT: number, maxT: number, met?: MergeCounters): SampleColumns {
    this.#columns.reset();
    this.#reader.read(ref, minT, maxT, this.#columns, decodeHistogramPayload, met);
    return this.#columns.columns();
  }

  #writeSection(
    day: number,
    sorted: Uint32Array,
    exemplars: ReadonlyMap<number, readonly Exemplar[]> | undefined,
  ): void {
    const minT = day * DAY_MS;
    const maxT = minT + DAY_MS - 1;
    const refs = sorted.filter(
      (ref) =>
        (this.#reader.seriesMinT(ref) <= maxT && this.#reader.seriesMaxT(ref) >= minT) ||
        exemplars?.has(ref) === true,
    );
    if (refs.length === 0) return;
    const { pairs, rankOf } = this.#registry.pairs(this.#target.dbId);
    const used = usedPairs(refs, this.#registry, rankOf.length);
    this.#writer.beginSection(
      day,
      used.ranks.map((rank) => pairs[rank]!),
    );
    for (const ref of refs) {
      const columns = this.#read(ref, minT, maxT, this.#met);
      const exemplarsOfSeries = exemplars?.get(ref);
      if (columns.length === 0 && exemplarsOfSeries === undefined) continue;
      const pairIds = this.#registry.pairRanks(ref).map((rank) => used.idOf[rank]!);
      const chunks = encodeChunks(this.#codec, columns);
      const id = this.#writer.addSeriesByPairs(pairIds, chunks);
      if (exemplarsOfSeries !== undefined) this.#writer.addExemplars(id, exemplarsOfSeries);
    }
    this.#writer.endSection();
  }
}

/** The pairs that a set of series uses: ranks ascending, and rank → index among them. */
function usedPairs(
  refs: Uint32Array,
  registry: FrozenRegistryReader,
  pairCount: number,
): { ranks: number[]; idOf: Uint32Array } {
  const isUsed = new Uint8Array(pairCount);
  for (const ref of refs) for (const rank of registry.pairRanks(ref)) isUsed[rank] = 1;
  const idOf = new Uint32Array(pairCount);
  const ranks: number[] = [];
  for (let rank = 0; rank < pairCount; rank++) {
    if (isUsed[rank] === 0) continue;
    idOf[rank] = ranks.length;
    ranks.push(rank);
  }
  return { ranks, idOf };
}
