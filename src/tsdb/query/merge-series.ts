// Walks the selected series of many sources in label order and brings equal series together.

import type { Labels } from '../../model/labels.ts';
import { compareLabels } from '../../model/labels.ts';

/** The selected ids of one source, ordered by labels. */
export interface SelectedSeries<S> {
  readonly source: S;
  readonly ids: Uint32Array;
  labelsOf(id: number): Labels;
}

/** One series and every source that has it, in the order the sources were given. */
export interface MergedSeries<S> {
  readonly labels: Labels;
  readonly members: readonly { readonly source: S; readonly id: number }[];
}

interface Cursor<S> {
  readonly selected: SelectedSeries<S>;
  readonly order: number;
  at: number;
  labels: Labels;
}

/** K-way merge by a binary heap; O(log sources) label comparisons a series. */
export function* mergeSeries<S>(
  selections: readonly SelectedSeries<S>[],
): Generator<MergedSeries<S>> {
  const heap: Cursor<S>[] = [];
  selections.forEach((selected, order) => {
    if (selected.ids.length === 0) return;
    heap.push({ selected, order, at: 0, labels: selected.labelsOf(selected.ids[0]!) });
    siftUp(heap, heap.length - 1);
  });
  while (heap.length > 0) {
    const labels = heap[0]!.labels;
    const members: { source: S; id: number; order: number }[] = [];
    while (heap.length > 0 && compareLabels(heap[0]!.labels, labels) === 0) {
      const cursor = heap[0]!;
      const { source, ids } = cursor.selected;
      members.push({ source, id: ids[cursor.at]!, order: cursor.order });
      cursor.at++;
      if (cursor.at < ids.length) cursor.labels = cursor.selected.labelsOf(ids[cursor.at]!);
      else {
        const last = heap.pop()!;
        if (heap.length > 0 && last !== cursor) heap[0] = last;
      }
      siftDown(heap, 0);
    }
    members.sort((a, b) => a.order - b.order);
    yield { labels, members };
  }
}

function isBefore<S>(a: Cursor<S>, b: Cursor<S>): boolean {
  return compareLabels(a.labels, b.labels) < 0;
}

function siftUp<S>(heap: Cursor<S>[], from: number): void {
  let i = from;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isBefore(heap[i]!, heap[parent]!)) return;
    [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
    i = parent;
  }
}

function siftDown<S>(heap: Cursor<S>[], from: number): void {
  let i = from;
  for (;;) {
    const left = 2 * i + 1;
    if (left >= heap.length) return;
    const right = left + 1;
    const least = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
    if (!isBefore(heap[least]!, heap[i]!)) return;
    [heap[i], heap[least]] = [heap[least]!, heap[i]!];
    i = least;
  }
}
