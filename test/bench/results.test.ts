import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../bench/options.ts';
import {
  parseCpuSeconds,
  parseMemory,
  parsePeakMemory,
  withOwnPeak,
} from '../../bench/process-stats.ts';
import {
  type CellResult,
  joinResults,
  type Results,
  type Run,
  ratiosOf,
} from '../../bench/results.ts';
import { sumMetric } from '../../bench/server.ts';
import { quantile, summarize } from '../../bench/statistics.ts';
import { renderCell } from '../../bench/table.ts';

function run(server: string, round: number, loadCpu: number, problem?: string): Run {
  return { server, round, figures: { loadCpu }, problem };
}

const CELL: CellResult = {
  name: '10k',
  kind: 'load',
  series: 10_000,
  ticks: 100,
  samples: 1_000_000,
  bodies: 500,
  rawBytes: 290_000_000,
  compressedBytes: 30_600_000,
  runs: [
    run('tidemark', 0, 0.5),
    run('victoria-metrics', 0, 1),
    run('tidemark', 1, 0.9),
    run('victoria-metrics', 1, 3),
    run('tidemark', 2, 9, 'it fell over\nin many lines'),
    run('victoria-metrics', 2, 1),
  ],
};

test.each([
  [[3], { median: 3, min: 3, max: 3 }],
  [[4, 1], { median: 2.5, min: 1, max: 4 }],
  [[10, 2, 3], { median: 3, min: 2, max: 10 }],
])('summary of %j', (values, summary) => {
  expect(summarize(values)).toEqual(summary);
});

test('nothing has no summary', () => {
  expect(summarize([])).toBeUndefined();
});

test('the 99th percentile of all values, of one, of none', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(quantile(values, 0.99)).toBe(198);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([], 0.99)).toBe(0);
});

test('ratios are of the same round, without failed runs', () => {
  const ratios = ratiosOf(CELL, 'tidemark', 'victoria-metrics', 'loadCpu');
  expect(ratios).toHaveLength(2);
  expect(ratios[0]).toBeCloseTo(0.5);
  expect(ratios[1]).toBeCloseTo(0.3);
  expect(ratiosOf(CELL, 'tidemark', 'prometheus', 'loadCpu')).toEqual([]);
});

test('a cell as tables', () => {
  const server = (name: string, title: string) => ({ name, title, version: '1.0.0', flags: [] });
  const servers = [server('tidemark', 'Tidemark'), server('victoria-metrics', 'VictoriaMetrics')];
  const text = renderCell(CELL, servers).join('\n');
  expect(text).toContain('### 10,000 series × 100\n');
  expect(text).toContain('| Tidemark | – | 0.700 (0.500–0.900) | – | – | – | – | – |');
  expect(text).toContain('| Tidemark | – | 0.40 (0.30–0.50) | – | – | – | – |');
  expect(text).toContain('- tidemark, round 3: it fell over\n');
});

describe('results of several runs', () => {
  const results: Results = {
    date: '2026-01-01',
    commit: 'abc',
    quick: false,
    machine: ['fast'],
    servers: [{ name: 'prometheus', title: 'Prometheus', version: '3.5.3', flags: [] }],
    missing: [],
    cells: [CELL],
  };

  test('become one, the last of a cell counting', () => {
    const again = { ...CELL, bodies: 7 };
    const other = { ...CELL, name: '1m' };
    const joined = joinResults([
      results,
      { ...results, date: '2026-01-02', cells: [other, again] },
    ]);
    expect(joined).toEqual({ ...results, date: '2026-01-02', cells: [again, other] });
  });

  test.each([
    ['commit', { commit: 'def' }],
    ['machine', { machine: ['slow'] }],
    ['versions', { servers: [{ ...results.servers[0]!, version: '2.42.0' }] }],
    ['peers that were there', { missing: ['victoria-metrics'] }],
  ])('are refused where they differ in %s', (_, difference) => {
    expect(() => joinResults([results, { ...results, ...difference }])).toThrow(/differ/);
  });

  test('are refused if quick', () => {
    expect(() => joinResults([{ ...results, quick: true }])).toThrow(/quick/);
  });
});

describe('what servers and the system say', () => {
  const metrics = [
    '# TYPE rows_total counter',
    'rows_total{type="a"} 3',
    'rows_total{type="b, } c"} 4e2',
    'rows_total_more 5',
    'plain 6',
  ].join('\n');

  test('metrics are added up', () => {
    expect(sumMetric(metrics, 'rows_total')).toBe(403);
    expect(sumMetric(metrics, 'rows_total', /"a"/)).toBe(3);
    expect(sumMetric(metrics, 'plain')).toBe(6);
    expect(sumMetric(metrics, 'rows')).toBe(0);
  });

  test('a process that ends while it is watched is no reason to end, too', async () => {
    const work = (): Promise<string> => Promise.resolve('done');
    const watched = await withOwnPeak(process.pid, work);
    expect(watched.ownPeakBytes).toBeGreaterThan(2 ** 20);
    // No process has this number: Linux gives out 2^22 at most.
    expect(await withOwnPeak(2 ** 30, work)).toEqual({ result: 'done', ownPeakBytes: 0 });
  });

  test('CPU time and memory', () => {
    const stat = '42 (a ) name) S 1 42 42 0 -1 4194560 900 0 0 0 125 75 9 9 20 0 9 0 100 5 6';
    expect(parseCpuSeconds(stat)).toBe(2);
    expect(parsePeakMemory('Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 9 kB\n')).toBe(2 ** 21);
    const status =
      'VmHWM:\t 99 kB\nVmRSS:\t 9 kB\nRssAnon:\t 4 kB\nRssFile:\t 3 kB\nRssShmem:\t 2 kB\n';
    expect(parseMemory(status)).toEqual({ residentBytes: 9216, ownBytes: 6144 });
  });
});

describe('options', () => {
  test('the whole bench unless told otherwise', () => {
    const { cells, rounds, isWhole } = parseOptions([]);
    const sizes = cells.map(({ series, ticks }) => [series, ticks]);
    expect(sizes.slice(0, 3)).toEqual([
      [10_000, 1000],
      [100_000, 240],
      [1_000_000, 20],
    ]);
    expect(cells.at(-1)!.kind).toBe('replay');
    expect(rounds).toBe(3);
    expect(isWhole).toBe(true);
  });

  test('a quick or partial one is not for the page', () => {
    expect(parseOptions(['--quick']).isWhole).toBe(false);
    expect(parseOptions(['--cells', '10k']).isWhole).toBe(false);
    expect(parseOptions(['--servers', 'tidemark']).isWhole).toBe(false);
  });

  test('sizes of one’s own', () => {
    const [cell] = parseOptions(['--cells', '20kx50']).cells;
    expect(cell).toEqual({ name: '20kx50', kind: 'load', series: 20_000, ticks: 50 });
  });

  test.each([
    [['--cells', '11k']],
    [['--cells', '9kx5']],
    [['--cells', '10kx0']],
    [['--rounds', '0']],
    [['--servers', 'nobody']],
    [['--peer', 'nobody=/bin/sh']],
    [['--peer', 'prometheus=/nowhere']],
    [['--unknown']],
  ])('%j is refused', (args) => {
    expect(() => parseOptions(args)).toThrow();
  });
});
