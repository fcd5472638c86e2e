// The helpers of one query, as its thread sees them: asked for and heard of by messages of the service.

import type { EvalRequest } from '../promql/eval/plan.ts';
import type { PostedPart } from '../promql/eval/split.ts';
import type { Helpers, Recruits } from './evaluate-parts.ts';

export class ThreadHelpers implements Helpers {
  readonly #ask: (request: EvalRequest) => void;
  #recruited: ((count: number) => void) | undefined;
  #parts: (readonly PostedPart[] | undefined)[] = [];
  #error: unknown;
  #wake: (() => void) | undefined;

  constructor(ask: (request: EvalRequest) => void) {
    this.#ask = ask;
  }

  /** One request at a time. */
  async recruit(request: EvalRequest): Promise<Recruits> {
    const count = await new Promise<number>((resolve) => {
      this.#recruited = resolve;
      this.#ask(request);
    });
    this.#parts = new Array<undefined>(count).fill(undefined);
    return { count, parts: () => this.#allParts() };
  }

  /** The answer to the request: so many threads are at work. */
  recruited(count: number): void {
    this.#recruited?.(count);
  }

  /** What the `index`-th of them made. */
  part(index: number, parts: readonly PostedPart[]): void {
    this.#parts[index] = parts;
    this.#wake?.();
  }

  /** The query is to stop, maybe because one of them failed: nothing is waited for any more. */
  stop(error: unknown): void {
    this.#error ??= error;
    this.#recruited?.(0);
    this.#wake?.();
  }

  async #allParts(): Promise<readonly (readonly PostedPart[])[]> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      const parts = this.#parts.filter((part) => part !== undefined);
      if (parts.length === this.#parts.length) return parts;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
