// Exemplars of a section: by series id, then time. Their labels (trace ids) are as good as unique, so
// they are stored as they are.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';
import { ByteReader, ByteWriter, malformed } from '../chunk/bytes.ts';
import { PAGE_TARGET_BYTES } from './page.ts';

/** Series ids of a page, both inclusive. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
}

/** Encodes exemplars of ascending series. A series may go on in the next page. */
export class ExemplarEncoder {
  readonly #out = new ByteWriter(PAGE_TARGET_BYTES + 8192);
  #first = 0;
  #last = 0;

  get isEmpty(): boolean {
    return this.#out.length === 0;
  }

  get isFull(): boolean {
    return this.#out.length >= PAGE_TARGET_BYTES;
  }

  get ids(): IdRange {
    return { first: this.#first, last: this.#last };
  }

  add(seriesId: number, exemplar: Exemplar): void {
    const out = this.#out;
    if (out.length === 0) this.#first = seriesId;
    this.#last = seriesId;
    out.varint(seriesId);
    out.float64(exemplar.t);
    out.float64(exemplar.value);
    out.varint(exemplar.labels.length);
    for (const { name, value } of exemplar.labels) {
      out.string(name);
      out.string(value);
    }
  }

  finish(): Uint8Array {
    const payload = this.#out.view();
    this.#out.reset();
    return payload;
  }
}

/** Exemplars of a page by series id; throws TSDB_MALFORMED for ids out of order or out of range. */
export function decodeExemplars(payload: Uint8Array, ids: IdRange): Map<number, Exemplar[]> {
  const bySeries = new Map<number, Exemplar[]>();
  const reader = new ByteReader(payload);
  let current = ids.first;
  while (reader.remaining > 0) {
    const id = reader.varint();
    if (id < current || id > ids.last) throw malformed(`exemplar of series ${id}`);
    current = id;
    const t = reader.float64();
    const value = reader.float64();
    const labels: Label[] = [];
    for (let left = reader.count(2); left > 0; left--) {
      const name = reader.string();
      labels.push({ name, value: reader.string() });
    }
    const exemplars = bySeries.get(id);
    if (exemplars === undefined) bySeries.set(id, [{ labels, value, t }]);
    else exemplars.push({ labels, value, t });
  }
  return bySeries;
}
