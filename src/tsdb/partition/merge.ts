// Merges sections of one day, neighbours in commit order, into one. Deleted samples are left behind,
// overlapping or small chunks are encoded anew, and large ones are copied as they are.

import type { BlockCodec } from '../../codec/block-codec.ts';
import type { Exemplar } from '../../model/exemplar.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { type EncodedChunk, encodeChunks, TARGET_CHUNK_SAMPLES } from '../chunk/chunk.ts';
import { ColumnsBuilder } from '../chunk/columns-builder.ts';
import { mergeByPriority } from '../sample-merge.ts';
import { type CompiledTombstone, coversAll, cutRanges, deletedRanges } from '../tombstones.ts';
import { type MergedSeries, SeriesMerge } from './merge-series.ts';
import type { PartWriter } from './part-writer.ts';
import type { SectionReader } from './section-reader.ts';
import type { ChunkRef } from './series-rows.ts';

export interface MergeOptions {
  /** Deflate the pages of the result where it pays: for days that are over. */
  readonly compress?: boolean;
  /** Largest chunk that is made, in samples. */
  readonly targetSamplesPerChunk?: number;
}

/** Chunks of at least so many samples are copied if nothing else is to be done with them. */
const MIN_CHUNK_SAMPLES = TARGET_CHUNK_SAMPLES / 2;

/** Samples gathered before whole chunks of them are encoded. */
const GATHERED_CHUNKS = 4;

/**
 * Writes the union of `inputs` (one day, ascending by seq, so the later wins) as a section of `out`
 * and returns how many series it has. A tombstone applies to the inputs whose maxSeq is below its seq.
 */
export function mergeSections(
  inputs: readonly SectionReader[],
  tombstones: readonly CompiledTombstone[],
  out: PartWriter,
  codec: BlockCodec,
  options: MergeOptions = {},
): number {
  checkInputs(inputs);
  const series = new SeriesMerge(inputs);
  const chunks = new ChunkMerge(codec, options.targetSamplesPerChunk ?? TARGET_CHUNK_SAMPLES);
  const deletes = inputs.map((input) => tombstones.filter((each) => mayDelete(each, input)));
  const { compress = false } = options;
  out.beginSection(inputs[0]!.day, series.pairs(), { compress });
  let kept = 0;
  for (const { pairs, members } of series.series()) {
    const sources = members.map((member) => sourceOf(inputs, deletes, member));
    const merged = chunks.merge(sources);
    const exemplars = mergeExemplars(sources);
    if (merged.length === 0 && exemplars.length === 0) continue;
    const id = out.addSeriesByPairs(pairs, merged);
    if (exemplars.length > 0) out.addExemplars(id, exemplars);
    kept++;
  }
  out.endSection();
  return kept;
}

function checkInputs(inputs: readonly SectionReader[]): void {
  for (let i = 0; i < inputs.length; i++) {
    const { day, minSeq } = inputs[i]!;
    const isInOrder = i === 0 || inputs[i - 1]!.maxSeq < minSeq;
    if (day !== inputs[0]!.day || !isInOrder) {
      throw new Error(`merge of sections out of order: day ${day}, seq ${minSeq}`);
    }
  }
  if (inputs.length === 0) throw new Error('merge of no sections');
}

function mayDelete(tombstone: CompiledTombstone, { maxSeq, minT, maxT }: SectionReader): boolean {
  return maxSeq < tombstone.seq && tombstone.minT <= maxT && tombstone.maxT >= minT;
}

/** A series in one input, with what is deleted of it there. */
interface MergeSource {
  readonly section: SectionReader;
  readonly id: number;
  readonly chunks: readonly ChunkRef[];
  readonly deleted: readonly TimeRange[];
}

function sourceOf(
  inputs: readonly SectionReader[],
  deletes: readonly (readonly CompiledTombstone[])[],
  { input, id, chunks }: MergedSeries['members'][number],
): MergeSource {
  const section = inputs[input]!;
  const tombstones = deletes[input]!;
  const deleted =
    tombstones.length === 0
      ? []
      : deletedRanges(tombstones, section.seriesLabels(id), section.maxSeq);
  return { section, id, chunks, deleted };
}

/** One exemplar a time: the later source's. */
function mergeExemplars(sources: readonly MergeSource[]): Exemplar[] {
  const byTime = new Map<number, Exemplar>();
  for (const { section, id, deleted } of sources) {
    if (!section.hasExemplars) continue;
    for (const exemplar of section.exemplars(id)) {
      if (!coversAll(deleted, exemplar.t, exemplar.t)) byTime.set(exemplar.t, exemplar);
    }
  }
  return [...byTime.values()].sort((a, b) => a.t - b.t);
}

interface InputChunk {
  readonly ref: ChunkRef;
  /** Index of its source: the priority. */
  readonly source: number;
  /** Nothing of it is deleted. */
  readonly isClean: boolean;
}

/** Merges the chunks of one series at a time. */
class ChunkMerge {
  readonly #codec: BlockCodec;
  readonly #target: number;
  /** Samples waiting to be encoded. */
  readonly #gathered = new ColumnsBuilder();
  readonly #perSource: ColumnsBuilder[] = [];
  #result: EncodedChunk[] = [];

  constructor(codec: BlockCodec, target: number) {
    this.#codec = codec;
    this.#target = target;
  }

  merge(sources: readonly MergeSource[]): EncodedChunk[] {
    this.#result = [];
    const chunks = inputChunks(sources);
    for (let from = 0; from < chunks.length; ) {
      const end = endOfOverlap(chunks, from);
      const chunk = chunks[from]!;
      if (end === from + 1 && this.#mayCopy(chunk, chunks.length)) {
        this.#encode(this.#gathered.length);
        this.#result.push(copyOf(chunk.ref, sources[chunk.source]!.section));
      } else {
        this.#gather(sources, chunks.slice(from, end));
        const full = GATHERED_CHUNKS * this.#target;
        while (this.#gathered.length >= 2 * full) this.#encode(full);
      }
      from = end;
    }
    this.#encode(this.#gathered.length);
    return this.#result;
  }

  /** A chunk that overlaps no other may be copied, unless a small rest before it needs company. */
  #mayCopy({ ref, isClean }: InputChunk, chunks: number): boolean {
    const waiting = this.#gathered.length;
    const isLarge = ref.n >= Math.min(MIN_CHUNK_SAMPLES, this.#target) || chunks === 1;
    return isClean && isLarge && (waiting === 0 || waiting >= MIN_CHUNK_SAMPLES);
  }

  /** Decodes chunks that overlap and adds their union to what is gathered. */
  #gather(sources: readonly MergeSource[], chunks: readonly InputChunk[]): void {
    const columns = sources.map(({ section, deleted }, source) => {
      this.#perSource[source] ??= new ColumnsBuilder();
      const builder = this.#perSource[source];
      builder.reset();
      for (const chunk of chunks) {
        if (chunk.source === source) section.readChunk(chunk.ref, builder);
      }
      const read = builder.columns();
      return deleted.length === 0 ? read : cutRanges(read, deleted);
    });
    mergeByPriority(columns, this.#gathered);
  }

  /** Encodes the first `rows` of what is gathered. */
  #encode(rows: number): void {
    if (rows === 0) return;
    const columns = { ...this.#gathered.columns(), length: rows };
    this.#result.push(...encodeChunks(this.#codec, columns, this.#target));
    this.#gathered.dropFirst(rows);
  }
}

/** Chunks of all sources that are not deleted whole, by first time. */
function inputChunks(sources: readonly MergeSource[]): InputChunk[] {
  const chunks: InputChunk[] = [];
  sources.forEach(({ chunks: refs, deleted }, source) => {
    for (const ref of refs) {
      if (coversAll(deleted, ref.minT, ref.maxT)) continue;
      const isClean = !deleted.some(({ minT, maxT }) => minT <= ref.maxT && maxT >= ref.minT);
      chunks.push({ ref, source, isClean });
    }
  });
  return chunks.sort((a, b) => a.ref.minT - b.ref.minT);
}

/** First chunk from `from` on that starts after all before it have ended. */
function endOfOverlap(chunks: readonly InputChunk[], from: number): number {
  let maxT = chunks[from]!.ref.maxT;
  let end = from + 1;
  while (end < chunks.length && chunks[end]!.ref.minT <= maxT) {
    maxT = Math.max(maxT, chunks[end]!.ref.maxT);
    end++;
  }
  return end;
}

function copyOf(ref: ChunkRef, section: SectionReader): EncodedChunk {
  const { kind, n, minT, maxT } = ref;
  return { kind, n, minT, maxT, bytes: section.chunkBytes(ref) };
}
