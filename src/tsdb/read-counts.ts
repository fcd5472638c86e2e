// What reading has cost this thread since it started. A querier takes the difference over each of its steps,
// which never yield.

export interface ReadCounts {
  /** Pieces of series decoded: chunks of parts, blocks and unsealed rows of heads. */
  chunks: number;
  /** Pages of parts read from files, and their bytes there. */
  pages: number;
  bytes: number;
}

export const readCounts: ReadCounts = { chunks: 0, pages: 0, bytes: 0 };
