// Statements at work: listed by SHOW QUERIES, ended by KILL QUERY.

export interface RunningStatement {
  readonly id: number;
  readonly text: string;
  readonly database: string;
  /** Of a steady clock. */
  readonly startedMs: number;
  readonly abort: () => void;
}

export class RunningStatements {
  readonly #byId = new Map<number, RunningStatement>();
  #lastId = 0;

  /** Call what it returns when the statement has ended. */
  add(entry: Omit<RunningStatement, 'id'>): () => void {
    const id = ++this.#lastId;
    this.#byId.set(id, { ...entry, id });
    return () => this.#byId.delete(id);
  }

  list(): readonly RunningStatement[] {
    return [...this.#byId.values()];
  }

  /** False if there is none of that number. */
  kill(id: bigint): boolean {
    const found = this.#byId.get(Number(id));
    found?.abort();
    return found !== undefined;
  }
}
