// Every on-disk name of the engine (the tree is drawn in ARCHITECTURE.md, "Files").

import { join } from 'node:path';

/** Width of a sequence number in a name: 2^53 has 16 digits, so names sort as numbers do. */
const SEQ_DIGITS = 16;

export const MANIFEST_FILE = 'manifest.json';
/** The manifest before the last one. */
export const PREVIOUS_MANIFEST_FILE = 'manifest.prev.json';
export const METADATA_FILE = 'metadata.json';

export function walDir(dataDir: string): string {
  return join(dataDir, 'wal');
}

/** Copies of damaged segments; nothing reads or removes them but people. */
export function walQuarantineDir(wal: string): string {
  return join(wal, 'quarantine');
}

/** Names the segment of a shard that starts with `firstSeq`: `0-0000000000000001.log`. */
export function segmentName(shard: number, firstSeq: number): string {
  return `${shard}-${printSeq(firstSeq)}.log`;
}

const SEGMENT_NAME = /^(\d{1,5})-(\d{16})\.log$/;

/** The pair back, or undefined if the name is not a segment's. */
export function parseSegmentName(name: string): { shard: number; firstSeq: number } | undefined {
  const match = SEGMENT_NAME.exec(name);
  if (match === null) return undefined;
  const shard = Number(match[1]);
  const firstSeq = Number(match[2]);
  return Number.isSafeInteger(firstSeq) ? { shard, firstSeq } : undefined;
}

export function databasesDir(dataDir: string): string {
  return join(dataDir, 'databases');
}

/** Folder of one database; the name must have passed `isDatabaseName`. */
export function databaseDir(dataDir: string, database: string): string {
  return join(databasesDir(dataDir), database);
}

export function manifestPath(database: string): string {
  return join(database, MANIFEST_FILE);
}

export function previousManifestPath(database: string): string {
  return join(database, PREVIOUS_MANIFEST_FILE);
}

export function metadataPath(database: string): string {
  return join(database, METADATA_FILE);
}

/** Texts that layers above keep with a database. */
export function documentsDir(database: string): string {
  return join(database, 'documents');
}

/** The name must have passed `isDocumentName`. */
export function documentPath(database: string, name: string): string {
  return join(documentsDir(database), `${name}.json`);
}

export function partsDir(database: string): string {
  return join(database, 'parts');
}

/** Parts that turned out to be damaged. */
export function quarantineDir(database: string): string {
  return join(database, 'quarantine');
}

/** Names a part that holds commitSeq `minSeq` to `maxSeq`; `n` tells parts of one range apart. */
export function partName(minSeq: number, maxSeq: number, n: number): string {
  return `${printSeq(minSeq)}-${printSeq(maxSeq)}-${n}.part`;
}

const PART_NAME = /^(\d{16})-(\d{16})-(\d{1,9})\.part$/;

/** The numbers back, or undefined if the name is not a part's. */
export function parsePartName(
  name: string,
): { minSeq: number; maxSeq: number; n: number } | undefined {
  const match = PART_NAME.exec(name);
  if (match === null) return undefined;
  const part = { minSeq: Number(match[1]), maxSeq: Number(match[2]), n: Number(match[3]) };
  return Number.isSafeInteger(part.maxSeq) && part.minSeq <= part.maxSeq ? part : undefined;
}

export function snapshotsDir(dataDir: string): string {
  return join(dataDir, 'snapshots');
}

export function snapshotDir(dataDir: string, name: string): string {
  return join(snapshotsDir(dataDir), name);
}

/** Names the n-th lock socket of a data folder (see data-lock.ts). */
export function lockName(n: number): string {
  return `lock.${n}.sock`;
}

const LOCK_NAME = /^lock\.(\d{1,15})\.sock$/;

export function parseLockName(name: string): number | undefined {
  const match = LOCK_NAME.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** Names the socket that a process listens on before it links it to a lock's name. */
export function pendingLockName(nonce: string): string {
  return `lock-${nonce}.tmp`;
}

export function isPendingLockName(name: string): boolean {
  return /^lock-[0-9a-f]+\.tmp$/.test(name);
}

function printSeq(seq: number): string {
  return String(seq).padStart(SEQ_DIGITS, '0');
}
