// A file system in memory, for tests, that forgets what was not synced: `powerCut` answers what a
// disk may hold after the lights went out. It also fails on demand, runs full and flips bits.
// Everything is decided by seeds. Paths are absolute, with '/'.

import { dirname } from 'node:path';
import { FileImage, type Random, randomOf } from './file-image.ts';
import type { FileStat, FileSystem, OpenMode } from './file-system.ts';

/** Operations that can fail; `any` counts all of them. */
export type FaultyOperation = Exclude<keyof FileSystem, 'exists'> | 'any';

export interface Fault {
  readonly op: FaultyOperation;
  /** Which call from now on fails, 1 = the next one. */
  readonly nth: number;
  /** The system error's code, for example `EIO`. */
  readonly code: string;
  /** Fail every later call too, as a broken disk or a killed process does. */
  readonly sticky?: boolean;
  /** Only calls on paths that contain this count. */
  readonly path?: string;
  /** How many bytes a failing write still writes; by default a random part. */
  readonly keepBytes?: number;
}

/** A system error as Node throws it. */
export class FileSystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path: string;

  constructor(code: string, syscall: string, path: string) {
    super(`${code}: ${syscall} '${path}'`);
    this.code = code;
    this.syscall = syscall;
    this.path = path;
  }
}

type Node = FileNode | DirectoryNode;

interface FileNode {
  readonly kind: 'file';
  readonly image: FileImage;
  links: number;
}

interface DirectoryNode {
  readonly kind: 'directory';
  /** What the running system sees. */
  readonly entries: Map<string, Node>;
  /** What is on disk. */
  readonly durable: Map<string, Node>;
}

/** One step on directories, all of it or nothing: entry changes that have not been synced. */
type EntryChange = readonly { directory: DirectoryNode; name: string; node: Node | undefined }[];

interface OpenFile {
  readonly path: string;
  readonly node: FileNode;
  readonly writable: boolean;
}

export class FaultyFileSystem implements FileSystem {
  readonly #root: DirectoryNode = newDirectory();
  readonly #open = new Map<number, OpenFile>();
  readonly #random: Random;
  #nextFd = 3;
  #pending: EntryChange[] = [];
  #faults: { fault: Fault; calls: number }[] = [];
  #capacity = Number.POSITIVE_INFINITY;

  /** Calls so far by operation, and all together as `any`: to place the n-th fault. */
  readonly calls: Map<FaultyOperation, number> = new Map();

  constructor(seed: number = 1) {
    this.#random = randomOf(seed);
  }

  // ---- what tests do to it ----

  /** Plans a failure. Several may wait at once. */
  failAt(fault: Fault): void {
    this.#faults.push({ fault, calls: 0 });
  }

  /** Forgets all planned failures: the disk works again. */
  clearFaults(): void {
    this.#faults = [];
  }

  /** Bytes that all files together may have; a write past it is cut short with ENOSPC. */
  setCapacity(bytes: number): void {
    this.#capacity = bytes;
  }

  /** Bytes of all files. */
  usedBytes(): number {
    const seen = new Set<FileNode>();
    collectFiles(this.#root, seen);
    for (const { node } of this.#open.values()) seen.add(node);
    let sum = 0;
    for (const node of seen) sum += node.image.size;
    return sum;
  }

  /** Turns one bit of a file round, on disk and in the cache. */
  flipBit(path: string, bit: number): void {
    this.#file(path, 'flipBit').image.flipBit(bit);
  }

  /**
   * What the disk may hold if the power fails now: everything synced; of what was not, any part.
   * This file system goes on unharmed, so many cuts can be tried from one moment.
   */
  powerCut(seed: number): FaultyFileSystem {
    const random = randomOf(seed);
    const entries = this.#entriesAfterCut(random);
    const cut = new FaultyFileSystem(seed);
    cut.#capacity = this.#capacity;
    const copies = new Map<FileNode, FileNode>();
    copyTree(this.#root, entries, cut.#root, (file) => {
      let copy = copies.get(file);
      if (copy === undefined) {
        copy = { kind: 'file', image: file.image.afterCut(random), links: 0 };
        copies.set(file, copy);
      }
      copy.links++;
      return copy;
    });
    return cut;
  }

  // Journalling file systems keep the order of directory changes, the standard promises nothing:
  // half of the cuts keep a prefix, half any subset.
  #entriesAfterCut(random: Random): Map<DirectoryNode, Map<string, Node>> {
    const after = new Map<DirectoryNode, Map<string, Node>>();
    const inOrder = random() < 0.5;
    const kept = Math.floor(random() * (this.#pending.length + 1));
    for (let i = 0; i < this.#pending.length; i++) {
      const happened = inOrder ? i < kept : random() < 0.5;
      if (!happened) continue;
      for (const { directory, name, node } of this.#pending[i]!) {
        let entries = after.get(directory);
        if (entries === undefined) {
          entries = new Map(directory.durable);
          after.set(directory, entries);
        }
        setEntry(entries, name, node);
      }
    }
    return after;
  }

  // ---- FileSystem ----

  open(path: string, mode: OpenMode): number {
    this.#step('open', path);
    const { parent, name } = this.#parentOf(path, 'open');
    let node = parent.entries.get(name);
    if (node === undefined) {
      if (mode === 'read' || mode === 'update') throw new FileSystemError('ENOENT', 'open', path);
      node = { kind: 'file', image: new FileImage(), links: 1 };
      this.#change([{ directory: parent, name, node }]);
    } else if (mode === 'create') {
      throw new FileSystemError('EEXIST', 'open', path);
    }
    if (node.kind !== 'file') throw new FileSystemError('EISDIR', 'open', path);
    if (mode === 'replace') node.image.truncate(0);
    const fd = this.#nextFd++;
    this.#open.set(fd, { path, node, writable: mode !== 'read' });
    return fd;
  }

  close(fd: number): void {
    this.#step('close', this.#handle(fd, 'close').path);
    this.#open.delete(fd);
  }

  read(fd: number, into: Uint8Array, position: number): number {
    const { path, node } = this.#handle(fd, 'read');
    this.#step('read', path);
    const bytes = node.image.bytes().subarray(position, position + into.length);
    into.set(bytes);
    return bytes.length;
  }

  write(fd: number, bytes: Uint8Array, position: number): void {
    this.#writeBytes(fd, bytes, position, 'write');
  }

  writeVector(fd: number, parts: readonly Uint8Array[], position: number): void {
    this.#writeBytes(fd, Buffer.concat(parts), position, 'writeVector');
  }

  #writeBytes(fd: number, bytes: Uint8Array, position: number, op: 'write' | 'writeVector'): void {
    const { path, node, writable } = this.#handle(fd, op);
    if (!writable) throw new FileSystemError('EBADF', op, path);
    const fault = this.#fault(op, path);
    if (fault !== undefined) {
      const keep = fault.keepBytes ?? Math.floor(this.#random() * (bytes.length + 1));
      node.image.write(bytes.subarray(0, keep), position);
      throw new FileSystemError(fault.code, op, path);
    }
    const growth = Math.max(0, position + bytes.length - node.image.size);
    const limited = this.#capacity !== Number.POSITIVE_INFINITY;
    const room = limited ? this.#capacity - this.usedBytes() : this.#capacity;
    if (growth > room) {
      const fits = Math.max(0, bytes.length - (growth - Math.max(0, room)));
      node.image.write(bytes.subarray(0, fits), position);
      throw new FileSystemError('ENOSPC', op, path);
    }
    node.image.write(bytes, position);
  }

  fdatasync(fd: number): void {
    const { path, node } = this.#handle(fd, 'fdatasync');
    const fault = this.#fault('fdatasync', path);
    if (fault !== undefined) {
      // As on Linux: what could not be written is forgotten, and the next sync will not see it.
      node.image.syncFailed(this.#random);
      throw new FileSystemError(fault.code, 'fdatasync', path);
    }
    node.image.sync();
  }

  syncDirectory(path: string): void {
    this.#step('syncDirectory', path);
    const synced = new Set<DirectoryNode>([this.#directory(path, 'syncDirectory')]);
    // Going backwards also takes along earlier changes in directories that a synced rename touched.
    const due: EntryChange[] = [];
    const rest: EntryChange[] = [];
    for (const change of this.#pending.reverse()) {
      if (change.some(({ directory }) => synced.has(directory))) {
        for (const { directory } of change) synced.add(directory);
        due.unshift(change);
      } else {
        rest.unshift(change);
      }
    }
    this.#pending = rest;
    for (const { directory, name, node } of due.flat()) setEntry(directory.durable, name, node);
  }

  size(fd: number): number {
    const { path, node } = this.#handle(fd, 'size');
    this.#step('size', path);
    return node.image.size;
  }

  truncate(fd: number, size: number): void {
    const { path, node } = this.#handle(fd, 'truncate');
    this.#step('truncate', path);
    node.image.truncate(size);
  }

  rename(from: string, to: string): void {
    this.#step('rename', from);
    const source = this.#parentOf(from, 'rename');
    const target = this.#parentOf(to, 'rename');
    const node = source.parent.entries.get(source.name);
    if (node === undefined) throw new FileSystemError('ENOENT', 'rename', from);
    const replaced = target.parent.entries.get(target.name);
    if (replaced === node) return;
    if (replaced?.kind === 'directory' && replaced.entries.size > 0) {
      throw new FileSystemError('ENOTEMPTY', 'rename', to);
    }
    if (replaced?.kind === 'file') replaced.links--;
    this.#change([
      { directory: source.parent, name: source.name, node: undefined },
      { directory: target.parent, name: target.name, node },
    ]);
  }

  link(existing: string, path: string): void {
    this.#step('link', path);
    const node = this.#file(existing, 'link');
    const { parent, name } = this.#parentOf(path, 'link');
    if (parent.entries.has(name)) throw new FileSystemError('EEXIST', 'link', path);
    node.links++;
    this.#change([{ directory: parent, name, node }]);
  }

  unlink(path: string): void {
    this.#step('unlink', path);
    const node = this.#file(path, 'unlink');
    node.links--;
    const { parent, name } = this.#parentOf(path, 'unlink');
    this.#change([{ directory: parent, name, node: undefined }]);
  }

  mkdir(path: string): void {
    this.#step('mkdir', path);
    let directory = this.#root;
    for (const name of namesOf(path)) {
      let next = directory.entries.get(name);
      if (next === undefined) {
        next = newDirectory();
        this.#change([{ directory, name, node: next }]);
      }
      if (next.kind !== 'directory') throw new FileSystemError('EEXIST', 'mkdir', path);
      directory = next;
    }
  }

  readdir(path: string): string[] {
    this.#step('readdir', path);
    return [...this.#directory(path, 'readdir').entries.keys()].sort();
  }

  stat(path: string): FileStat | undefined {
    this.#step('stat', path);
    return this.#stat(path);
  }

  exists(path: string): boolean {
    return this.#stat(path) !== undefined;
  }

  #stat(path: string): FileStat | undefined {
    const node = this.#find(path);
    if (node === undefined) return undefined;
    return node.kind === 'file'
      ? { isDirectory: false, size: node.image.size }
      : { isDirectory: true, size: 0 };
  }

  removeTree(path: string): void {
    this.#step('removeTree', path);
    const node = this.#find(path);
    if (node === undefined) return;
    // Entry by entry, as the real one does it: a power cut may leave half of the tree.
    if (node.kind === 'directory') {
      for (const name of [...node.entries.keys()]) this.#removeBelow(node, name);
    } else {
      node.links--;
    }
    const { parent, name } = this.#parentOf(path, 'removeTree');
    this.#change([{ directory: parent, name, node: undefined }]);
  }

  #removeBelow(directory: DirectoryNode, name: string): void {
    const node = directory.entries.get(name)!;
    if (node.kind === 'directory') {
      for (const below of [...node.entries.keys()]) this.#removeBelow(node, below);
    } else {
      node.links--;
    }
    this.#change([{ directory, name, node: undefined }]);
  }

  freeBytes(path: string): number {
    this.#step('freeBytes', path);
    return Math.max(0, this.#capacity - this.usedBytes());
  }

  readFile(path: string): Uint8Array {
    this.#step('readFile', path);
    return this.#file(path, 'readFile').image.bytes().slice();
  }

  // ---- inside ----

  #step(op: FaultyOperation, path: string): void {
    const fault = this.#fault(op, path);
    if (fault !== undefined) throw new FileSystemError(fault.code, op, path);
  }

  // Counts a call and answers the failure planned for it.
  #fault(op: FaultyOperation, path: string): Fault | undefined {
    for (const name of [op, 'any'] as const) this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    let hit: Fault | undefined;
    for (const planned of this.#faults) {
      const { fault } = planned;
      if (fault.op !== op && fault.op !== 'any') continue;
      if (fault.path !== undefined && !path.includes(fault.path)) continue;
      planned.calls++;
      const due = planned.calls === fault.nth || (fault.sticky && planned.calls > fault.nth);
      if (due) hit ??= fault;
    }
    return hit;
  }

  #change(change: EntryChange): void {
    for (const { directory, name, node } of change) setEntry(directory.entries, name, node);
    this.#pending.push(change);
  }

  #handle(fd: number, op: string): OpenFile {
    const file = this.#open.get(fd);
    if (file === undefined) throw new FileSystemError('EBADF', op, `fd ${fd}`);
    return file;
  }

  #find(path: string): Node | undefined {
    let node: Node = this.#root;
    for (const name of namesOf(path)) {
      if (node.kind !== 'directory') return undefined;
      const next = node.entries.get(name);
      if (next === undefined) return undefined;
      node = next;
    }
    return node;
  }

  #directory(path: string, op: string): DirectoryNode {
    const node = this.#find(path);
    if (node === undefined) throw new FileSystemError('ENOENT', op, path);
    if (node.kind !== 'directory') throw new FileSystemError('ENOTDIR', op, path);
    return node;
  }

  #file(path: string, op: string): FileNode {
    const node = this.#find(path);
    if (node === undefined) throw new FileSystemError('ENOENT', op, path);
    if (node.kind !== 'file') throw new FileSystemError('EISDIR', op, path);
    return node;
  }

  #parentOf(path: string, op: string): { parent: DirectoryNode; name: string } {
    const name = namesOf(path).at(-1);
    if (name === undefined) throw new FileSystemError('EINVAL', op, path);
    return { parent: this.#directory(dirname(path), op), name };
  }
}

function newDirectory(): DirectoryNode {
  return { kind: 'directory', entries: new Map(), durable: new Map() };
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function setEntry(entries: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) entries.delete(name);
  else entries.set(name, node);
}

function collectFiles(directory: DirectoryNode, into: Set<FileNode>): void {
  for (const node of directory.entries.values()) {
    if (node.kind === 'file') into.add(node);
    else collectFiles(node, into);
  }
}

function copyTree(
  from: DirectoryNode,
  entriesAfter: ReadonlyMap<DirectoryNode, ReadonlyMap<string, Node>>,
  to: DirectoryNode,
  copyFile: (file: FileNode) => FileNode,
): void {
  for (const [name, node] of entriesAfter.get(from) ?? from.durable) {
    let copy: Node;
    if (node.kind === 'file') {
      copy = copyFile(node);
    } else {
      copy = newDirectory();
      copyTree(node, entriesAfter, copy, copyFile);
    }
    to.entries.set(name, copy);
    to.durable.set(name, copy);
  }
}
