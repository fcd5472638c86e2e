// Shared views that several threads read.

import type { SharedView } from '../storage/interface.ts';
import type { DatabaseRange } from './statement.ts';

export class ViewPin {
  readonly #view: SharedView;
  #readers = 1;

  /** Takes the view over, for one reader. */
  constructor(view: SharedView) {
    this.#view = view;
  }

  get descriptor(): unknown {
    return this.#view.descriptor;
  }

  /** One more reader. */
  hold(): this {
    this.#readers++;
    return this;
  }

  /** One reader less; the last one gives the view back. */
  release(): void {
    this.#readers--;
    if (this.#readers === 0) this.#view.release();
  }

  /** Before the last release. */
  learn(findings: unknown): void {
    this.#view.learn?.(findings);
  }

  damaged(path: string, message: string): void {
    this.#view.damaged(path, message);
  }
}

/** Views of several databases or ranges as one: its descriptor is the list of theirs. */
export function joinedViews(reads: readonly DatabaseRange[]): SharedView {
  const views: SharedView[] = [];
  const release = (): void => {
    for (const view of views) view.release();
  };
  try {
    for (const { database, range } of reads) views.push(database.share!(range));
  } catch (error) {
    release();
    throw error;
  }
  return {
    descriptor: views.map(({ descriptor }) => descriptor),
    release,
    // Whose file it is the databases know.
    damaged: (path, message) => {
      for (const view of views) view.damaged(path, message);
    },
  };
}
