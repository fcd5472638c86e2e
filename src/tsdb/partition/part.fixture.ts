// What the tests of parts share: sections given as plain lists, and how they look when read back.

import { BlockCodec } from '../../codec/block-codec.ts';
import type { Exemplar } from '../../model/exemplar.ts';
import { compareLabels, type Labels } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { encodeChunks } from '../chunk/chunk.ts';
import { ColumnsBuilder } from '../chunk/columns-builder.ts';
import { rowsOf } from '../chunk/samples.arbitrary.ts';
import { PartReader } from './part-reader.ts';
import { labelPairsOf, type PartInfo, PartWriter } from './part-writer.ts';
import type { PartIdentity } from './section-format.ts';
import type { SectionReader } from './section-reader.ts';

export const codec: BlockCodec = new BlockCodec();

export interface TestSeries {
  readonly labels: Labels;
  /** All of one day. */
  readonly samples: SampleColumns;
  readonly exemplars?: readonly Exemplar[];
}

export interface TestSection {
  readonly day: number;
  readonly series: readonly TestSeries[];
}

export function identity(minSeq = 1, maxSeq: number = minSeq): PartIdentity {
  return { database: 'default', incarnation: 42, minSeq, maxSeq };
}

export interface WriteOptions {
  readonly compress?: boolean;
  readonly maxSamples?: number;
}

/** Writes sections; their series may come in any order. */
export function writePart(
  fs: FileSystem,
  path: string,
  of: PartIdentity,
  sections: readonly TestSection[],
  { compress = false, maxSamples }: WriteOptions = {},
): PartInfo {
  const writer = new PartWriter(fs, path, of);
  for (const { day, series } of sections) {
    const sorted = [...series].sort((a, b) => compareLabels(a.labels, b.labels));
    writer.beginSection(day, labelPairsOf(sorted.map(({ labels }) => labels)), { compress });
    for (const { labels, samples, exemplars } of sorted) {
      const id = writer.addSeries(labels, encodeChunks(codec, samples, maxSamples));
      if (exemplars !== undefined) writer.addExemplars(id, exemplars);
    }
    writer.endSection();
  }
  return writer.finish();
}

export function labelsOf(text: string): Labels {
  return text.split(',').map((pair) => {
    const [name, value] = pair.split('=');
    return { name: name!, value: value! };
  });
}

export function readSamples(
  section: SectionReader,
  id: number,
  minT: number = Number.NEGATIVE_INFINITY,
  maxT: number = Number.POSITIVE_INFINITY,
): SampleColumns {
  const out = new ColumnsBuilder();
  section.readSamples(id, minT, maxT, out);
  return out.copy();
}

/** All of a section as comparable text. */
export function dumpSection(section: SectionReader): object[] {
  return Array.from({ length: section.seriesCount }, (_, id) => ({
    labels: section.seriesLabels(id),
    rows: rowsOf(readSamples(section, id)),
    exemplars: section.exemplars(id),
  }));
}

/** The same of what was to be written. */
export function dumpSeries(series: readonly TestSeries[]): object[] {
  const sorted = [...series].sort((a, b) => compareLabels(a.labels, b.labels));
  return sorted.map(({ labels, samples, exemplars }) => ({
    labels,
    rows: rowsOf(samples),
    exemplars: exemplars ?? [],
  }));
}

/** A file system with one readable file, whatever the path: cheap to make for every damaged copy. */
export function oneFile(bytes: Uint8Array): FileSystem {
  const only: Pick<FileSystem, 'open' | 'close' | 'size' | 'read'> = {
    open: () => 3,
    close: () => {},
    size: () => bytes.length,
    read: (_, into, position) => {
      const found = bytes.subarray(position, position + into.length);
      into.set(found);
      return found.length;
    },
  };
  return only as FileSystem;
}

export function openBytes(bytes: Uint8Array, path: string): PartReader {
  return PartReader.open(oneFile(bytes), path);
}
