// Samples and queries together.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../src/runtime/error.ts';
import { type Corpus, TICK_MS, writeCorpus } from '../corpus.ts';
import { CLIENTS, type MixedCorpora, type MixedFigures, measureMixed } from '../mixed/measure.ts';
import type { Axis, CellRun, Row, Scale, Values } from '../suite/axis.ts';
import { TARGETS } from '../suite/targets.ts';

const SERIES = 10_000;

/** Ticks of the stretches, and how long queries are measured alone. */
interface Size {
  readonly historyTicks: number;
  readonly ticks: number;
  readonly queryMs: number;
}

const SIZES: Readonly<Record<Scale, Size>> = {
  whole: { historyTicks: 480, ticks: 600, queryMs: 8000 },
  quick: { historyTicks: 60, ticks: 40, queryMs: 1000 },
};

export const MIXED: Axis = {
  name: 'mixed',
  measures:
    `10k series over 4 connections as fast as answers come, and ${CLIENTS} clients that ask what a dashboard asks of the ` +
    'hour before (uncached), each as soon as it has its answer: first the clients alone, then the samples alone, then ' +
    'both. *Lost* is what the rate together is less than alone.',
  cells: (scale) => [
    {
      name: 'together',
      servers: ['tidemark', 'tidemark-interval', 'victoria-metrics', 'prometheus'],
      maxRounds: 2,
      seconds: (kinds, rounds) => guessSeconds(SIZES[scale], kinds.length, rounds),
      run: (run) => measure(run, SIZES[scale]),
    },
  ],
};

function guessSeconds(
  { historyTicks, ticks, queryMs }: Size,
  servers: number,
  rounds: number,
): number {
  const samples = SERIES * (historyTicks + 3 * ticks);
  return samples / 1.2e6 + servers * rounds * (samples / 8e5 + (1.25 * queryMs) / 1000 + 4);
}

async function measure(
  { kinds, rounds, folder, step, problem }: CellRun,
  size: Size,
): Promise<Row[]> {
  step('making bodies', 0);
  const corpora = makeCorpora(size, folder);
  const figures: Record<string, (MixedFigures | undefined)[]> = {};
  let done = 0;
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) {
      step(`round ${round + 1} of ${rounds}, ${kind.name}`, done++ / (rounds * kinds.length));
      const own = figures[kind.name] ?? [];
      figures[kind.name] = own;
      try {
        own[round] = await measureMixed(kind, corpora, size.queryMs, join(folder, 'server'));
      } catch (error) {
        own[round] = undefined;
        problem(`${kind.name}, round ${round + 1}: ${errorMessage(error)}`);
      }
    }
  }
  return rowsOf((of) =>
    Object.fromEntries(
      Object.entries(figures).map(([server, rounds]) => [
        server,
        rounds.map((one) => (one === undefined ? null : of(one))),
      ]),
    ),
  );
}

/** The last of the three ends now. */
function makeCorpora({ historyTicks, ticks }: Size, folder: string): MixedCorpora {
  const now = Date.now();
  const make = (name: string, count: number, endT: number): Corpus => {
    const place = join(folder, name);
    mkdirSync(place);
    return writeCorpus({ series: SERIES, ticks: count, endT }, place, () => {});
  };
  return {
    history: make('history', historyTicks, now - 2 * ticks * TICK_MS),
    alone: make('alone', ticks, now - ticks * TICK_MS),
    together: make('together', ticks, now),
  };
}

function rowsOf(values: (of: (figures: MixedFigures) => number) => Values): Row[] {
  const caveats = ['unsynced'] as const;
  const lost = (alone: number, together: number): number => 100 * (1 - together / alone);
  return [
    {
      what: 'samples lost',
      unit: '%',
      values: values((of) => lost(of.ingestAlone, of.ingestTogether)),
      targets: TARGETS.mixedLoss,
      caveats,
    },
    {
      what: 'queries lost',
      unit: '%',
      values: values((of) => lost(of.queriesAlone, of.queriesTogether)),
    },
    {
      what: 'wall together',
      unit: 's a million samples',
      values: values((of) => 1 / of.ingestTogether),
      caveats,
    },
    {
      what: 'wall of queries together',
      unit: 's a thousand',
      values: values((of) => 1000 / of.queriesTogether),
    },
    {
      what: 'p99 of answers alone',
      unit: 'ms',
      values: values((of) => of.answerP99Alone),
      caveats,
    },
    {
      what: 'p99 of answers together',
      unit: 'ms',
      values: values((of) => of.answerP99Together),
      caveats,
    },
    { what: 'p99 of queries alone', unit: 'ms', values: values((of) => of.queryP99Alone) },
    { what: 'p99 of queries together', unit: 'ms', values: values((of) => of.queryP99Together) },
  ];
}
