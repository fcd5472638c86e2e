// How cost grows with the number of series and with the days that are there.

import { growthQueries } from '../suite/aftermath.ts';
import type { Axis, AxisCell, Row, Scale } from '../suite/axis.ts';
import type { LoadPlan } from '../suite/loads.ts';
import { withoutUnsynced } from '../suite/ratios.ts';
import { type LoadSize, sizedLoad } from '../suite/sized-loads.ts';

const SERVERS = ['tidemark', 'victoria-metrics', 'prometheus'];

export const GROWTH: Axis = {
  name: 'growth',
  measures:
    'The same per sample and per query as there is more and more: from 10k to 1M series, and 2k series with a sample ' +
    'every four minutes for 1, 7 and 30 days. The aggregate is `sum(rate(node_cpu_seconds_total{mode="idle"}[…]))` ' +
    'over all that is there in 60 steps, the instant query one series by its instance; both uncached.',
  cells: (scale) => [...seriesCells(scale), ...dayCells(scale)],
};

function seriesCells(scale: Scale): AxisCell[] {
  const sizes: readonly LoadSize[] =
    scale === 'quick' ? ['10k', '1m'] : ['10k', '30k', '100k', '300k', '1m'];
  return sizes.map((size) => cell(sizedLoad(size, scale)));
}

function dayCells(scale: Scale): AxisCell[] {
  const spans = scale === 'quick' ? [] : [1, 7, 30];
  return spans.map((days) =>
    cell({
      name: `${days}d`,
      series: 2000,
      tickMs: 240_000,
      ticks: days * 360,
      maxRounds: 1,
      servers: SERVERS,
      aftermath: growthQueries,
    }),
  );
}

function cell(plan: LoadPlan): AxisCell {
  return {
    name: plan.name,
    loads: [plan],
    run: async ({ load }) => {
      const runs = await load(plan);
      const row = (
        what: string,
        unit: string,
        measure: Parameters<typeof runs.values>[0],
      ): Row => ({
        what,
        unit,
        values: withoutUnsynced(runs.values(measure)),
      });
      return [
        row('CPU, settled', 's a million samples', 'settledCpu'),
        row('aggregate over all', 'ms', 'aggregateMs'),
        row('one series', 'ms', 'instantMs'),
      ];
    },
  };
}
