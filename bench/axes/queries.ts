// What dashboards and people ask: range and instant queries, uncached and again; labels, series and metadata.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeCorpus } from '../corpus.ts';
import { writeLookupBodies } from '../lookups/data.ts';
import { LOOKUPS, measureLookups } from '../lookups/measure.ts';
import { QUERY_CELLS, type QueryCell, type QueryClass } from '../query/list.ts';
import { measureQueries } from '../query/measure.ts';
import type { QueryResult, Timing } from '../query/results.ts';
import type { Axis, AxisCell, CellRun, Row, Scale, Values } from '../suite/axis.ts';
import { guessLoadSeconds } from '../suite/loads.ts';
import { ratioRow } from '../suite/ratios.ts';
import { TARGETS, type Targets } from '../suite/targets.ts';

/** Queries are short: so many repeats of each in a round of the bench. */
const REPEATS: Readonly<Record<Scale, number>> = { whole: 6, quick: 3 };
const WARM_UP_MS: Readonly<Record<Scale, number>> = { whole: 1000, quick: 100 };
const LOOKUP_SERIES = 100_000;

const CLASSES: readonly { readonly of: QueryClass; readonly targets: Targets }[] = [
  { of: 'aggregate', targets: TARGETS.aggregates },
  { of: 'matrix', targets: TARGETS.matrices },
  { of: 'instant', targets: TARGETS.instants },
];

export const QUERIES: Axis = {
  name: 'queries',
  measures:
    'All servers hold the same data, flushed and merged, are up together and are asked in turns over a connection that ' +
    'stays open: 10k series for 24 h, 100k for 1 h, and 2k for 30 days with a sample a minute. Wall is from the request ' +
    'to the last byte. Uncached: `nocache=1` for Tidemark and VictoriaMetrics, Prometheus has no cache; *again* is the ' +
    'same request with caches on. Everything has been asked for a second before. Tidemark’s answers are compared ' +
    'with Prometheus’, to 1e-9. Look-ups: 100k series of which each has a value of its own in one label. The rows of a class ' +
    'are the median of the ratios of its queries (least–most).',
  cells: (scale) => [...cellsOf(scale).map((cell) => queryCell(cell, scale)), lookupCell(scale)],
};

function cellsOf(scale: Scale): readonly QueryCell[] {
  if (scale === 'whole') return QUERY_CELLS;
  const { queries, ...cell } = QUERY_CELLS[0]!;
  const short = queries.filter(({ range }) => (range?.hours ?? 1) === 1);
  return [{ ...cell, name: '10k-1h', ticks: 240, queries: short }];
}

function queryCell(cell: QueryCell, scale: Scale): AxisCell {
  const { name, series, ticks, tickMs } = cell;
  return {
    name,
    seconds: (kinds, rounds) =>
      guessLoadSeconds({ name, series, ticks }, kinds, 1) +
      cell.queries.length *
        kinds.length *
        ((2.5 * WARM_UP_MS[scale]) / 1000 + rounds * REPEATS[scale] * 0.1),
    run: async ({ kinds, rounds, folder, step, problem }) => {
      const bodies = join(folder, 'bodies');
      mkdirSync(bodies);
      const total = series * ticks;
      const corpus = writeCorpus({ series, ticks, tickMs, endT: Date.now() }, bodies, (samples) =>
        step(`making bodies, ${Math.floor((100 * samples) / total)} %`, 0),
      );
      const { queries } = await measureQueries(cell, kinds, corpus, join(folder, 'servers'), {
        rounds: rounds * REPEATS[scale],
        warmUpMs: WARM_UP_MS[scale],
        say: (text) => step(text, 0),
      });
      for (const { name: query, range, problems } of queries) {
        for (const text of problems) problem(`${range} ${query}: ${text}`);
      }
      return rowsOf(queries);
    },
  };
}

function rowsOf(queries: readonly QueryResult[]): Row[] {
  const peers = Object.keys(TARGETS.aggregates.synced);
  const rows = (which: 'uncached' | 'repeated', of: readonly QueryResult[]): Row[] =>
    of.map((query) => ({
      what: `${query.range} ${query.name}${which === 'uncached' ? '' : ', again'}`,
      unit: 'ms',
      values: wallsOf(query[which]),
      ...(which === 'uncached' ? { targets: TARGETS.noneAbove } : {}),
    }));
  const ranges = queries.filter(({ range }) => range !== 'instant');
  const again = rows('repeated', ranges);
  return [
    ...rows('uncached', queries),
    ...CLASSES.map(({ of, targets }) => {
      const own = queries.filter((query) => query.class === of);
      return { ...ratioRow(`all of class ${of}`, rows('uncached', own), peers), targets };
    }),
    ...again,
    { ...ratioRow('all again', again, peers), targets: TARGETS.repeats },
  ];
}

function wallsOf(timings: readonly Timing[]): Values {
  const values: Record<string, number[]> = {};
  for (const { server, wallMs } of timings) values[server] = [...(values[server] ?? []), wallMs];
  return values;
}

function lookupCell(scale: Scale): AxisCell {
  return {
    name: 'lookups',
    seconds: (kinds, rounds) =>
      kinds.length *
      (5 + LOOKUPS.length * (0.1 + WARM_UP_MS[scale] / 1000 + rounds * REPEATS[scale] * 0.05)),
    run: async ({ kinds, rounds, folder, step, problem }: CellRun) => {
      const bodies = join(folder, 'bodies');
      mkdirSync(bodies);
      const corpus = writeLookupBodies(LOOKUP_SERIES, Date.now(), bodies);
      const say = (text: string): void => step(text, 0);
      const servers = join(folder, 'servers');
      const results = await measureLookups(kinds, corpus, servers, {
        repeats: rounds * REPEATS[scale],
        warmUpMs: WARM_UP_MS[scale],
        say,
        problem,
      });
      return results.map(({ name, values }) => ({
        what: name,
        unit: 'ms',
        values,
        targets: TARGETS.noneAbove,
      }));
    },
  };
}
