// The manifest of a database: which sections of which part files are its data, what has been flushed
// and what has been deleted. One JSON file, replaced whole, with a checksum line. Rebuilt from the
// parts if it is lost. Format: docs/formats/manifest.md.

import { join } from 'node:path';
import { MAX_TIME, MIN_TIME } from '../../model/time-range.ts';
import { replaceFile } from '../../runtime/atomic-file.ts';
import { checksumProblem, withChecksum } from '../../runtime/checked-json.ts';
import { AppError, errorMessage } from '../../runtime/error.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { manifestPath, parsePartName, partsDir, previousManifestPath } from '../filenames.ts';
import type { Tombstone } from '../tombstones.ts';
import { manifestCorrupt, manifestNewer } from './errors.ts';
import { PartReader } from './part-reader.ts';
import type { PartInfo } from './part-writer.ts';

/** A section that serves queries. */
export interface ManifestSection {
  /** Name of the part file in the parts folder. */
  readonly file: string;
  /** Number of the section in that file, from 0. */
  readonly section: number;
  /** UTC day, in days since 1970. */
  readonly day: number;
  readonly minSeq: number;
  readonly maxSeq: number;
  readonly minT: number;
  readonly maxT: number;
  readonly series: number;
  readonly samples: number;
  readonly bytes: number;
  readonly compressed: boolean;
  /** Tombstones up to this seq are already applied; 0 or absent if none. */
  readonly cleanedSeq?: number;
}

export interface Manifest {
  readonly database: string;
  /** Never used again by another database of this name. */
  readonly incarnation: number;
  /** When the database was made, in ms. */
  readonly created: number;
  /** By shard: everything up to this commitSeq is in the sections, and replay skips it. */
  readonly flushedSeq: Readonly<Record<string, number>>;
  /** The latest time at which any of the data was received, in ms: a clock may not be far behind or ahead. */
  readonly receivedUntil: number;
  readonly sections: readonly ManifestSection[];
  readonly tombstones: readonly Tombstone[];
}

const FORMAT_VERSION = 1;
const MIN_READER_VERSION = 1;
/** Names of features that this code knows and a manifest may require. There are none yet. */
const KNOWN_FEATURES: readonly string[] = [];

export function newManifest(database: string, incarnation: number, created: number): Manifest {
  return {
    database,
    incarnation,
    created,
    flushedSeq: {},
    receivedUntil: 0,
    sections: [],
    tombstones: [],
  };
}

/** Replaces the manifest durably; the last one is kept beside it, unless it is damaged. */
export function writeManifest(fs: FileSystem, dir: string, manifest: Manifest): void {
  const path = manifestPath(dir);
  if (fs.exists(path)) {
    const bytes = fs.readFile(path);
    if (isSound(path, bytes)) replaceFile(fs, previousManifestPath(dir), bytes);
  }
  replaceFile(fs, path, Buffer.from(printManifest(manifest)));
}

export interface FoundManifest {
  readonly manifest: Manifest;
  /** What was wrong, for the log; empty if the manifest was sound. */
  readonly warnings: readonly string[];
  /** Part files met while rebuilding that are damaged: not listed, but worth keeping for a person. */
  readonly damagedParts: readonly string[];
}

/**
 * The manifest of a database's folder. If it is missing or damaged, it is made again from the part
 * files and what the previous manifest still knows. Undefined if there is neither manifest nor part.
 * Throws TSDB_MANIFEST_NEWER for a newer format, and system errors as they are.
 */
export function readManifest(fs: FileSystem, dir: string): FoundManifest | undefined {
  const warnings: string[] = [];
  const manifest = readIfSound(fs, manifestPath(dir), warnings);
  if (manifest !== undefined) return { manifest, warnings, damagedParts: [] };
  const previous = readIfSound(fs, previousManifestPath(dir), warnings);
  const rebuilt = rebuildManifest(fs, dir, previous);
  if (rebuilt === undefined) return undefined;
  return { ...rebuilt, warnings: [...warnings, ...rebuilt.warnings] };
}

function readIfSound(fs: FileSystem, path: string, warnings: string[]): Manifest | undefined {
  if (!fs.exists(path)) {
    warnings.push(`${path} is missing`);
    return undefined;
  }
  try {
    return parseManifest(path, fs.readFile(path));
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    warnings.push(errorMessage(error));
    return undefined;
  }
}

function isSound(path: string, bytes: Uint8Array): boolean {
  try {
    parseManifest(path, bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes a manifest from the parts that are there. A section that another of its day supersedes (its
 * seq range lies inside the other's; of equal ranges the later file's) is left out. Tombstones and
 * what cannot be seen in parts come from `previous`. Damaged parts are reported and left out.
 */
export function rebuildManifest(
  fs: FileSystem,
  dir: string,
  previous?: Manifest,
): FoundManifest | undefined {
  const { parts, damagedParts, warnings } = openParts(fs, dir);
  const owner = previous ?? parts[0]?.info;
  if (owner === undefined) return undefined;
  const { database, incarnation } = owner;
  const found: ManifestSection[] = [];
  for (const { file, info } of parts) {
    if (info.database !== database || info.incarnation !== incarnation) {
      warnings.push(`${file} belongs to another database, ${info.database}, and is left out`);
      continue;
    }
    info.sections.forEach((section, number) => {
      found.push({ ...section, file, section: number });
    });
  }
  const sections = found.filter((section) => !found.some((other) => supersedes(other, section)));
  const flushed = Math.max(previous?.flushedSeq['0'] ?? 0, ...found.map(({ maxSeq }) => maxSeq));
  warnings.push(`the manifest of ${database} was made from ${sections.length} sections found`);
  const manifest: Manifest = {
    database,
    incarnation,
    created: previous?.created ?? 0,
    flushedSeq: { ...previous?.flushedSeq, 0: flushed },
    receivedUntil: previous?.receivedUntil ?? 0,
    sections,
    tombstones: previous?.tombstones ?? [],
  };
  return { manifest, warnings, damagedParts };
}

interface OpenedParts {
  readonly parts: readonly { readonly file: string; readonly info: PartInfo }[];
  readonly damagedParts: readonly string[];
  readonly warnings: string[];
}

/** Reads what all part files of a folder say of themselves. */
function openParts(fs: FileSystem, dir: string): OpenedParts {
  const parts: { file: string; info: PartInfo }[] = [];
  const damagedParts: string[] = [];
  const warnings: string[] = [];
  for (const file of partNames(fs, dir)) {
    try {
      const reader = PartReader.open(fs, join(partsDir(dir), file));
      reader.close();
      parts.push({ file, info: reader.info });
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      warnings.push(errorMessage(error));
      damagedParts.push(file);
    }
  }
  return { parts, damagedParts, warnings };
}

function isCorrupt(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'corrupt';
}

function partNames(fs: FileSystem, dir: string): string[] {
  const folder = partsDir(dir);
  if (!fs.exists(folder)) return [];
  return fs.readdir(folder).filter((name) => parsePartName(name) !== undefined);
}

/** True if `a`, another section, holds everything of `b`: it is a merge with b among its inputs. */
function supersedes(a: ManifestSection, b: ManifestSection): boolean {
  if (a.day !== b.day || a.minSeq > b.minSeq || a.maxSeq < b.maxSeq) return false;
  if (a.minSeq < b.minSeq || a.maxSeq > b.maxSeq) return true;
  return numberOf(a.file) > numberOf(b.file);
}

function numberOf(file: string): number {
  return parsePartName(file)?.n ?? 0;
}

/** JSON with a line for each section and tombstone, so that people can read and compare it. */
export function printManifest(manifest: Manifest): string {
  const { database, incarnation, created, flushedSeq, receivedUntil, sections, tombstones } =
    manifest;
  const head = {
    formatVersion: FORMAT_VERSION,
    minReaderVersion: MIN_READER_VERSION,
    requiredFeatures: KNOWN_FEATURES,
    database,
    incarnation,
    created,
    flushedSeq,
    receivedUntil,
  };
  const lines = Object.entries(head).map(([key, value]) => `"${key}": ${JSON.stringify(value)},`);
  return withChecksum(`{\n${lines.join('\n')}
"sections": ${printList(sections.map(sectionRecord))},
"tombstones": ${printList(tombstones.map(tombstoneRecord))},`);
}

function printList(items: readonly object[]): string {
  if (items.length === 0) return '[]';
  return `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`;
}

function sectionRecord(s: ManifestSection): ManifestSection {
  const { file, section, day, minSeq, maxSeq, minT, maxT, series, samples, bytes, compressed } = s;
  const record = {
    file,
    section,
    day,
    minSeq,
    maxSeq,
    minT,
    maxT,
    series,
    samples,
    bytes,
    compressed,
  };
  return s.cleanedSeq ? { ...record, cleanedSeq: s.cleanedSeq } : record;
}

// JSON has no infinities, so open ends become the ends of time.
function tombstoneRecord({ seq, matchers, minT, maxT }: Tombstone): Tombstone {
  return { seq, matchers, minT: Math.max(minT, MIN_TIME), maxT: Math.min(maxT, MAX_TIME) };
}

/** Reads what `printManifest` wrote. Throws TSDB_MANIFEST_CORRUPT and TSDB_MANIFEST_NEWER. */
export function parseManifest(path: string, bytes: Uint8Array): Manifest {
  const text = Buffer.from(bytes).toString('utf8');
  const problem = checksumProblem(text);
  if (problem !== undefined) throw manifestCorrupt(path, problem);
  // The checksum says that these are our own words, so only the version is in question.
  const content = jsonOf(path, text) as Manifest & FormatVersion;
  checkVersion(path, content);
  const { database, incarnation, created, flushedSeq, receivedUntil = 0 } = content;
  const { sections, tombstones } = content;
  return { database, incarnation, created, flushedSeq, receivedUntil, sections, tombstones };
}

interface FormatVersion {
  readonly minReaderVersion: number;
  readonly requiredFeatures: readonly string[];
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw manifestCorrupt(path, errorMessage(error), error);
  }
}

function checkVersion(path: string, { minReaderVersion, requiredFeatures }: FormatVersion): void {
  if (minReaderVersion > FORMAT_VERSION) {
    throw manifestNewer(path, `reader version ${minReaderVersion}`);
  }
  const unknown = requiredFeatures.filter((feature) => !KNOWN_FEATURES.includes(feature));
  if (unknown.length > 0) throw manifestNewer(path, `features ${unknown.join(', ')}`);
}
