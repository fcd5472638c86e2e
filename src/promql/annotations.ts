// Warnings and infos that a query collects on its way: what the API shows beside the result.

/** One remark; equal texts are one remark, shown with the position met first. */
export interface Annotation {
  readonly kind: 'warning' | 'info';
  /** Without prefix and position, see `functions/annotation-texts.ts`. */
  readonly text: string;
  /** UTF-16 offset into the query text of the expression responsible. */
  readonly position: number;
}

/** Collects annotations of one evaluation, or of a part of one on another thread. */
export class Annotations {
  readonly #byKey = new Map<string, Annotation>();

  warn(text: string, position: number): void {
    this.#add({ kind: 'warning', text, position });
  }

  info(text: string, position: number): void {
    this.#add({ kind: 'info', text, position });
  }

  /** Takes over what another collected. */
  merge(others: Iterable<Annotation>): void {
    for (const annotation of others) this.#add(annotation);
  }

  /** In the order first met. */
  list(): Annotation[] {
    return [...this.#byKey.values()];
  }

  #add(annotation: Annotation): void {
    const key = `${annotation.kind}:${annotation.text}`;
    if (!this.#byKey.has(key)) this.#byKey.set(key, annotation);
  }
}
