import { describe, expect, it } from 'vitest';
import { printLabels } from '../model/labels.ts';
import { floatColumns } from '../model/sample.ts';
import { isStaleAt, setStaleAt } from '../model/stale.ts';
import type { BatchSeries, WriteBatch } from '../storage/interface.ts';
import { RowCollector, recycleRows } from './row-collector.ts';

const named = (value: string): BatchSeries['labels'] => [{ name: '__name__', value }];

/** Samples in the order in which a store writes them. */
function written({ series, rows }: WriteBatch): string[] {
  const samples = series.flatMap(({ labels, samples: { length, t, v } }) =>
    Array.from({ length }, (_, i) => `${printLabels(labels)} ${v[i]}@${t[i]}`),
  );
  for (let i = 0; i < (rows?.length ?? 0); i++) {
    samples.push(`${printLabels(rows!.series[i]!.labels)} ${rows!.v[i]}@${rows!.t[i]}`);
  }
  return samples;
}

describe('RowCollector', () => {
  it('gives rows and series in the order of arrival, series by series', () => {
    const collector = new RowCollector();
    const [a, b] = [collector.seriesOf(named('a')), collector.seriesOf(named('b'))];
    collector.add(a, 1, 1);
    collector.add(b, 1, 2);
    collector.add(a, 2, 3);
    collector.addSeries({
      labels: named('a'),
      samples: floatColumns(Float64Array.of(1), Float64Array.of(4)),
      exemplars: [],
    });
    collector.add(a, 1, 5);
    expect(collector.size).toBeGreaterThanOrEqual(5);
    expect(written(collector.take())).toEqual(['a 1@1', 'a 3@2', 'b 2@1', 'a 4@1', 'a 5@1']);
    expect(collector.isEmpty).toBe(true);
  });

  it('grows, and uses buffers again that were given back', () => {
    const collector = new RowCollector();
    const series = collector.seriesOf(named('a'));
    for (let i = 0; i < 5000; i++) collector.add(series, i, i / 2);
    const first = collector.take();
    collector.add(series, 1, 1);
    const second = collector.take();
    expect(first.rows).toMatchObject({ length: 5000 });
    expect([first.rows!.t[4999], first.rows!.v[4999]]).toEqual([4999, 2499.5]);
    expect(second.rows!.t.buffer).not.toBe(first.rows!.t.buffer);
    recycleRows(first);
    expect(first.rows!.series.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    // Whoever comes next has them.
    const other = new RowCollector();
    other.add(series, 3, 3);
    const third = other.take();
    expect(third.rows!.t.buffer).toBe(first.rows!.t.buffer);
    expect(third.rows).toMatchObject({ length: 1, series: { 0: series } });
  });

  it('makes every NaN of a row the ordinary one, and leaves the bits of columns alone', () => {
    const collector = new RowCollector();
    const series = collector.seriesOf(named('a'));
    collector.add(series, 1, Number.NaN);
    const v = new Float64Array(2);
    setStaleAt(v, 1);
    collector.addColumns(series, floatColumns(Float64Array.of(2, 3), v));
    const { rows } = collector.take();
    const halves = new Uint32Array(rows!.v.buffer, 0, 2);
    expect([halves[1], halves[0]]).toEqual([0x7ff80000, 1]);
    expect([0, 1, 2].map((i) => isStaleAt(rows!.v, i))).toEqual([false, false, true]);
  });

  it('sets extra labels over those of the sender, on rows and series', () => {
    const extra = [{ name: 'dc', value: 'eu' }];
    const collector = new RowCollector(extra);
    const labels = [...named('a'), { name: 'dc', value: 'us' }, { name: 'x', value: 'y' }];
    const series = collector.seriesOf(labels);
    collector.addDetailed(series, 1, 1, 5, []);
    collector.addSeries({
      labels,
      samples: floatColumns(Float64Array.of(1), Float64Array.of(1)),
      exemplars: [],
    });
    collector.add(series, 2, 2);
    expect(written(collector.take())).toEqual([
      'a{x="y", dc="eu"} 1@1',
      'a{x="y", dc="eu"} 1@1',
      'a{x="y", dc="eu"} 2@2',
    ]);
  });

  it('lists a bounded number of bad lines and counts all, anew each time it is asked', () => {
    const collector = new RowCollector();
    for (let line = 1; line <= 1000; line++) collector.refuse(line, 'bad');
    collector.losses.integer_rounded += 3;
    const { badLines, listed, losses } = collector.takeProblems();
    expect([badLines, listed.length, losses.integer_rounded]).toEqual([1000, 100, 3]);
    collector.refuse(1001, 'bad');
    expect(collector.takeProblems()).toMatchObject({ badLines: 1, listed: [{ line: 1001 }] });
    expect(collector.losses.integer_rounded).toBe(0);
  });
});
