// How far an import has got, in a file beside the one that is imported: written after each block that the server has
// stored, so that an import that was ended goes on where it was. A block that was sent and not noted is sent again,
// which changes nothing: the same samples are stored once.

import { replaceFile } from '../../runtime/atomic-file.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { importStateMismatch } from '../errors.ts';

const VERSION = 1;
const SUFFIX = '.tidemark-import';

/** What an import is. It goes on only if all of it is the same. */
export interface ImportIdentity {
  readonly fileBytes: number;
  readonly fileModifiedMs: number;
  readonly server: string;
  readonly database: string;
  readonly format: string;
  /** Whatever else is sent with each block. */
  readonly parameters: string;
}

/** How far it is. */
export interface ImportPosition {
  /** See Block. */
  readonly end: number;
  readonly lines: number;
  readonly comments: string;
  /** ms: the time of samples that have none. */
  readonly timestamp: number;
  readonly counts: ImportCounts;
}

export interface ImportCounts {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  readonly refused: number;
  readonly badLines: number;
}

export function stateFileOf(file: string): string {
  return `${file}${SUFFIX}`;
}

export class ImportState {
  readonly #files: FileSystem;
  readonly #path: string;
  readonly #identity: ImportIdentity;

  constructor(files: FileSystem, path: string, identity: ImportIdentity) {
    this.#files = files;
    this.#path = path;
    this.#identity = identity;
  }

  /** Undefined if there is none. Throws CLIENT_IMPORT_STATE if it is of another import. */
  read(): ImportPosition | undefined {
    if (!this.#files.exists(this.#path)) return undefined;
    const found = parse(new TextDecoder().decode(this.#files.readFile(this.#path)));
    if (found === undefined) throw importStateMismatch(this.#path, 'the form of this file');
    for (const [name, value] of Object.entries(this.#identity)) {
      if (found.identity[name as keyof ImportIdentity] === value) continue;
      throw importStateMismatch(this.#path, NAMES[name as keyof ImportIdentity]);
    }
    return found.position;
  }

  /** Durably. */
  write(position: ImportPosition): void {
    const text = JSON.stringify({ version: VERSION, identity: this.#identity, position });
    replaceFile(this.#files, this.#path, new TextEncoder().encode(`${text}\n`));
  }

  remove(): void {
    if (this.#files.exists(this.#path)) this.#files.unlink(this.#path);
  }
}

const NAMES: Readonly<Record<keyof ImportIdentity, string>> = {
  fileBytes: 'the size of the file',
  fileModifiedMs: 'when the file was changed last',
  server: 'the server',
  database: 'the database',
  format: 'the format',
  parameters: 'its parameters',
};

interface StateFile {
  readonly identity: ImportIdentity;
  readonly position: ImportPosition;
}

function parse(text: string): StateFile | undefined {
  try {
    const json = JSON.parse(text) as Partial<StateFile> & { version?: unknown };
    const { version, identity, position } = json;
    if (version !== VERSION || typeof position?.end !== 'number' || identity === undefined) {
      return undefined;
    }
    return { identity, position };
  } catch {
    return undefined;
  }
}
