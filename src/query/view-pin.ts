// A shared view that several threads read.

import type { SharedView } from '../storage/interface.ts';

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

  damaged(path: string, message: string): void {
    this.#view.damaged(path, message);
  }
}
