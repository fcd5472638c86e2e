import { describe, expect, test } from 'vitest';
import { FIRST_HEADING, withSection } from '../../bench/page.ts';
import type { AxisCellResult, Row } from '../../bench/suite/axis.ts';
import { runsOf } from '../../bench/suite/loads.ts';
import { ratioOf, ratioRow, summaryOf, withoutUnsynced } from '../../bench/suite/ratios.ts';
import { countTargets, printFigure, renderSuite } from '../../bench/suite/table.ts';
import { isMet } from '../../bench/suite/targets.ts';

const VM = 'victoria-metrics';

const CPU: Row = {
  what: 'CPU',
  unit: 's',
  values: {
    tidemark: [1, 2, 3],
    'tidemark-interval': [1, 1, 1],
    [VM]: [4, 4, null],
    prometheus: [10, 40, 20],
  },
  targets: { synced: { [VM]: 0.3, prometheus: 0.1 }, unsynced: { [VM]: 0.25 } },
  caveats: ['unsynced'],
};

function cell(
  name: string,
  rows: readonly Row[],
  problems: readonly string[] = [],
): AxisCellResult {
  const [axis, own] = name.split('/');
  return { name, axis: axis!, cell: own!, seconds: 60, rows, problems };
}

function results(cells: readonly AxisCellResult[]): Parameters<typeof renderSuite>[0] {
  const server = (name: string, title: string) => ({ name, title, version: '1', flags: [] });
  return {
    date: '2026-01-01',
    commit: 'abc',
    quick: false,
    machine: ['fast'],
    servers: [
      server('tidemark', 'Tidemark'),
      server('tidemark-interval', 'Tidemark, log synced later'),
      server(VM, 'VictoriaMetrics'),
      server('prometheus', 'Prometheus'),
    ],
    missing: [],
    cells,
  };
}

describe('ratios', () => {
  test('are of the same round; where one has no figure there is none', () => {
    expect(ratioOf(CPU, 'tidemark', VM)).toEqual({ median: 0.375, min: 0.25, max: 0.5 });
    expect(ratioOf(CPU, 'tidemark', 'prometheus')).toEqual({ median: 0.1, min: 0.05, max: 0.15 });
    expect(summaryOf(CPU, VM)).toEqual({ median: 4, min: 4, max: 4 });
    expect(ratioOf(CPU, 'tidemark', 'nobody')).toBeUndefined();
  });

  test('of nothing there is none', () => {
    const row = { ...CPU, values: { tidemark: [1], [VM]: [0] } };
    expect(ratioOf(row, 'tidemark', VM)).toBeUndefined();
  });

  test('a row for many rows has the median of their medians', () => {
    const other = { ...CPU, values: { tidemark: [8], [VM]: [4] } };
    const row = ratioRow('all', [CPU, other, other], [VM, 'prometheus']);
    expect(ratioOf(row, 'tidemark', VM)).toEqual({ median: 2, min: 0.375, max: 2 });
    expect(ratioOf(row, 'tidemark', 'prometheus')!.median).toBe(0.1);
    expect(ratioOf(row, 'tidemark-interval', VM)).toBeUndefined();
  });
});

test.each([
  [0.3, 0.3, true],
  [0.31, 0.3, false],
  [undefined, 0.3, undefined],
  [0.3, undefined, undefined],
])('ratio %s against a limit of %s: %s', (ratio, limit, met) => {
  const limits = limit === undefined ? {} : { [VM]: limit };
  expect(isMet(ratio, limits, VM)).toBe(met);
});

describe('the table', () => {
  const text = renderSuite(results([cell('ingest/10k', [CPU], ['prometheus: it fell\nover'])]));
  const lineOf = (start: string): string | undefined =>
    text.split('\n').find((line) => line.startsWith(start));

  test('has every server, its spread, what it does not promise, and the targets beside the ratios', () => {
    expect(lineOf('| ingest/10k: CPU, s')).toBe(
      '| ingest/10k: CPU, s | 2 (1–3) | 4¹ | 20 (10–40)¹ | 0.38 (0.25–0.50) | ≤ 0.3 **not met** | 0.10 (0.05–0.15) | ≤ 0.1 met |',
    );
  });

  test('has our like mode on a line of its own, with targets of its own', () => {
    expect(lineOf('| ingest/10k: CPU, log synced later')).toBe(
      '| ingest/10k: CPU, log synced later, s | 1¹ | 4¹ | 20 (10–40)¹ | 0.25 | ≤ 0.25 met | 0.05 (0.03–0.10) |  |',
    );
  });

  test('says what went wrong, and how many targets are met', () => {
    expect(text).toContain('- ingest/10k: prometheus: it fell\n');
    expect(text).toContain('2 of 3 targets are met.');
    expect(text).toContain('measured in 60 s');
  });

  test('leaves a server out that was not there', () => {
    const row = { ...CPU, values: withoutUnsynced({ tidemark: [1], 'tidemark-interval': [1] }) };
    const page = results([cell('a/b', [row])]);
    expect(renderSuite(page)).toContain('| a/b: CPU, s | 1 | – | – | – |  | – |  |');
    expect(countTargets(page)).toBe('0 of 0 targets are met.');
  });
});

test.each([
  [1234567.8, '1,234,568'],
  [999.4, '999'],
  [0.012345, '0.0123'],
  [2, '2'],
  [-3.456, '-3.46'],
])('%d is printed as %s', (value, text) => {
  expect(printFigure(value)).toBe(text);
});

test('the section of all axes comes first on the page', () => {
  const page = withSection('# old\n\n## Ingest\n\na\n', `${FIRST_HEADING}\n\nb\n`);
  expect(page).toMatch(/## Every axis\n\nb\n\n## Ingest\n\na\n$/);
});

test('figures of a load by server and round, without failed runs', () => {
  const run = (server: string, round: number, samplesPerSecond: number, problem?: string) => ({
    server,
    round,
    figures: { samplesPerSecond },
    problem,
  });
  const { values } = runsOf({
    runs: [run('a', 0, 1e6), run('b', 0, 2e6), run('a', 1, 4e6, 'bad'), run('b', 1, 5e5)],
  });
  expect(values('wallSeconds')).toEqual({ a: [1, null], b: [0.5, 2] });
  expect(values('samplesPerSecond', 1e-6)).toEqual({ a: [1, null], b: [2, 0.5] });
  expect(values('loadCpu')).toEqual({ a: [null, null], b: [null, null] });
});
