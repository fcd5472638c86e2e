// Bytes a sample takes on disk when everything is merged.

import { writeHistograms } from '../native-histograms/bodies.ts';
import { NodeExporterScrapes } from '../node-exporter/scrapes.ts';
import { changedSamples } from '../suite/aftermath.ts';
import type { Axis, AxisCell, CellRun, Row, Scale } from '../suite/axis.ts';
import type { LoadPlan } from '../suite/loads.ts';
import { withoutUnsynced } from '../suite/ratios.ts';
import { sizedLoad } from '../suite/sized-loads.ts';
import { TARGETS, type Targets } from '../suite/targets.ts';

const SERVERS = ['tidemark', 'victoria-metrics', 'prometheus'];
/** Enough for whole chunks; a quick run only shows that it works. */
const [SCRAPES, QUICK_SCRAPES] = [600, 10];
/** How many series a node exporter has, more or less: for the schedule. */
const EXPORTER_SERIES = 1000;

export const DISK: Axis = {
  name: 'disk',
  measures:
    'All files but the log, index included, by the number of samples. VictoriaMetrics: `vm_data_size_bytes` after ' +
    '`/internal/force_flush` and `/internal/force_merge`. Tidemark: its databases after the same two. Prometheus: a ' +
    'snapshot including the head. Data: the synthetic shape, 10k series for 24 h; what the node exporter of this ' +
    'machine said while the axis was measured, once a second, sent as if it had been every 15 s; floats whose every ' +
    'bit is in use, and how many of them come back changed; native histograms of request latencies (not to ' +
    'VictoriaMetrics, which makes other series of them).',
  cells: (scale) => {
    const scrapes = new NodeExporterScrapes(scale === 'quick' ? QUICK_SCRAPES : SCRAPES);
    const day = synthetic(scale);
    const real = realScrapes(scrapes, scale);
    const full = fullPrecision(scale);
    const native = nativeHistograms(scale);
    return [
      {
        name: 'synthetic',
        loads: [day],
        run: async ({ load }) => {
          // It is scraped meanwhile: nothing on this axis is timed.
          scrapes.begin();
          return [await bytesRow(day, load, TARGETS.syntheticBytes)];
        },
      },
      {
        name: 'node-exporter',
        loads: [real],
        seconds: () => (scale === 'quick' ? QUICK_SCRAPES : SCRAPES / 3),
        run: async ({ load }) => [await bytesRow(real, load, TARGETS.realBytes)],
      },
      fullPrecisionCell(full),
      {
        name: 'native-histograms',
        loads: [native],
        // One costs as much as dozens of floats.
        seconds: () => (scale === 'quick' ? 2 : 40),
        run: async ({ load }) => [
          { ...(await bytesRow(native, load)), unit: 'bytes a histogram', caveats: [] },
        ],
      },
    ];
  },
};

function fullPrecisionCell(plan: LoadPlan): AxisCell {
  return {
    name: 'full-precision',
    loads: [plan],
    run: async ({ load }) => [
      await bytesRow(plan, load),
      {
        what: 'samples that come back changed',
        unit: '%',
        values: (await load(plan)).values('changedShare', 100),
        caveats: ['lossy'],
      },
    ],
  };
}

async function bytesRow(plan: LoadPlan, load: CellRun['load'], targets?: Targets): Promise<Row> {
  return {
    what: 'disk',
    unit: 'bytes a sample',
    values: withoutUnsynced((await load(plan)).values('bytesPerSample')),
    caveats: ['lossy'],
    ...(targets === undefined ? {} : { targets }),
  };
}

function synthetic(scale: Scale): LoadPlan {
  if (scale === 'quick') return sizedLoad('10k', scale);
  return { name: '10k-24h', series: 10_000, ticks: 5760, maxRounds: 1, servers: SERVERS };
}

function realScrapes(scrapes: NodeExporterScrapes, scale: Scale): LoadPlan {
  return {
    name: 'node-exporter',
    series: EXPORTER_SERIES,
    ticks: scale === 'quick' ? QUICK_SCRAPES : SCRAPES,
    maxRounds: 1,
    servers: SERVERS,
    makeBodies: async (folder, step) => {
      const timer = setInterval(() => step(scrapes.describe()), 500);
      try {
        return await scrapes.writeBodies(folder);
      } finally {
        clearInterval(timer);
      }
    },
  };
}

function fullPrecision(scale: Scale): LoadPlan {
  return {
    name: 'full-precision',
    series: 10_000,
    ticks: scale === 'quick' ? 20 : 240,
    values: 'full-precision',
    maxRounds: 1,
    servers: SERVERS,
    aftermath: changedSamples,
  };
}

function nativeHistograms(scale: Scale): LoadPlan {
  const [series, ticks] = [500, scale === 'quick' ? 20 : 240];
  return {
    name: 'native-histograms',
    series,
    ticks,
    maxRounds: 1,
    servers: SERVERS.filter((name) => name !== 'victoria-metrics'),
    makeBodies: async (folder) => writeHistograms({ series, ticks, endT: Date.now() }, folder),
  };
}
