// Kernels of query evaluation beside their TypeScript twins: `node scripts/run-dist.mjs bench/query-kernels`.
// Both do the same work in turns and must agree; a figure is the best of many rounds.

import { PointsWriter } from '../src/codec/json-points.ts';
import { seededRandom } from '../src/codec/sample-shapes.ts';
import { threadKernel } from '../src/codec/thread-kernel.ts';
import {
  addRow,
  type ColumnOp,
  type ColumnRemarks,
  type GroupColumns,
  newGroup,
} from '../src/promql/eval/aggregate-columns.ts';
import { newStepSeries, type StepSeries } from '../src/promql/eval/step-series.ts';
import { makeCall, selectorExpr } from '../src/promql/functions/function-testing.ts';
import { FUNCTIONS } from '../src/promql/functions/index.ts';
import type { RangeSamples, WindowFrame } from '../src/promql/functions/interface.ts';
import {
  addRowInKernel,
  KERNEL_FUNCTION_NAMES,
  KernelRows,
  kernelRangeFunction,
} from '../src/promql/kernel/index.ts';
import type { MatrixSelector } from '../src/promql/language/ast.ts';

/** An hour at a resolution of 15 s, and a day at one minute; windows of five minutes. */
const SHAPES = [
  { name: '240 samples, 241 steps', rows: 260, steps: 241, stepMs: 15_000 },
  { name: '5760 samples, 1440 steps', rows: 5780, steps: 1440, stepMs: 60_000 },
] as const;
const RANGE_MS = 300_000;
const INTERVAL_MS = 15_000;
const START_T = 1_700_000_000_000;
const ROUNDS = 15;
const NS_PER_ROUND = 4e6;

type Shape = (typeof SHAPES)[number];

function rangeFunction(name: string, shape: Shape, rows: KernelRows): void {
  const entry = FUNCTIONS.get(name);
  if (entry?.kind !== 'range') throw new Error(`${name} is no function of range vectors`);
  const twin = entry.compute;
  const kernel = kernelRangeFunction(name, twin)!;
  const range: MatrixSelector = {
    kind: 'matrixSelector',
    span: { start: 0, end: 0 },
    selector: selectorExpr(),
    rangeMs: RANGE_MS,
    rangeExpr: undefined,
  };
  const call = makeCall(name, [range]);
  const frame: WindowFrame = {
    firstEndT: START_T + RANGE_MS,
    stepMs: shape.stepMs,
    count: shape.steps,
    rangeMs: RANGE_MS,
  };
  const samples = counter(shape.rows);
  const inKernel = rows.row([]);
  const onHeap = newStepSeries([], shape.steps);
  const ns = compare(
    // Another object each time, so that the windows are found anew.
    () => kernel(call, frame, { labels: [], dropName: false, samples: { ...samples } }, inKernel),
    () => twin(call, frame, { labels: [], dropName: false, samples: { ...samples } }, onHeap),
  );
  mustAgree(name, inKernel, onHeap);
  report(name, ns, shape.steps, shape.rows);
}

function group(op: ColumnOp, shape: Shape, rows: KernelRows): void {
  const random = seededRandom(1);
  const inKernel = rows.row([]);
  const onHeap = newStepSeries([], shape.steps);
  for (const row of [inKernel, onHeap]) row.present.fill(1);
  for (let i = 0; i < shape.steps; i++) inKernel.values[i] = onHeap.values[i] = random() * 100;
  const { numbers, bytes } = rows.columns(3)!;
  const [value, lost, met] = numbers as [Float64Array, Float64Array, Float64Array];
  const kernelGroup: GroupColumns = { ...newGroup(op, [], 0), seen: bytes, value, lost, met };
  const plainGroup = newGroup(op, [], shape.steps);
  const ns = compare(
    () => addRowInKernel(op, kernelGroup, inKernel),
    () => addRow(op, plainGroup, onHeap, NO_REMARKS),
  );
  report(`add to ${op}`, ns, shape.steps, shape.steps);
}

/** Many series, since JavaScript remembers the texts of numbers it has met. */
const SERIES = 100;

function points(name: string, shape: Shape, value: (random: () => number) => number): void {
  const random = seededRandom(2);
  const times = Array.from({ length: shape.steps }, (_, i) => String(1_700_000_000 + i * 15));
  const series = Array.from({ length: SERIES }, () =>
    Float64Array.from(times, () => value(random)),
  );
  const present = new Uint8Array(shape.steps).fill(1);
  const writer = new PointsWriter({
    startT: 1_700_000_000_000,
    stepMs: 15_000,
    count: shape.steps,
  });
  let bytes = 0;
  let plain = 0;
  const ns = compare(
    () => {
      bytes = 0;
      for (const values of series) {
        writer.start(values, present);
        for (let piece = writer.next(); piece.length > 0; piece = writer.next())
          bytes += piece.length;
      }
    },
    () => {
      plain = 0;
      for (const values of series) {
        let text = '';
        for (let i = 0; i < times.length; i++) text += `,[${times[i]!},"${values[i]!}"]`;
        plain += text.length;
      }
    },
  );
  if (bytes !== plain) throw new Error(`${name}: ${bytes} bytes, want ${plain}`);
  report(`JSON, ${name}`, ns, shape.steps * SERIES, shape.steps * SERIES);
}

const NO_REMARKS: ColumnRemarks = {
  histogramIgnored: () => {},
  incompatibleHistograms: () => {},
  boundsReconciled: () => {},
  mixedFloatsHistograms: () => {},
  counterResetCollision: () => {},
};

/** A counter scraped every 15 s with some jitter, in kernel memory as readers give it. */
function counter(rows: number): RangeSamples {
  const random = seededRandom(3);
  const { buffer } = threadKernel();
  const t = new Float64Array(buffer, threadKernel().take(rows * 8), rows);
  const v = new Float64Array(buffer, threadKernel().take(rows * 8), rows);
  let value = 1e6;
  for (let i = 0; i < rows; i++) {
    value += random() * 1000;
    t[i] = START_T + 7000 + i * INTERVAL_MS + Math.floor(random() * 20);
    v[i] = value;
  }
  return { length: rows, t, v, startT: undefined, histograms: undefined };
}

/** Best time of each in ns, taken in turns. */
function compare(kernel: () => void, twin: () => void): [kernel: number, twin: number] {
  const best: [number, number] = [Infinity, Infinity];
  const works = [kernel, twin];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [k, work] of works.entries()) {
      const times = Number.isFinite(best[k]!)
        ? Math.max(1, Math.ceil(NS_PER_ROUND / best[k]!))
        : 100;
      const start = process.hrtime.bigint();
      for (let i = 0; i < times; i++) work();
      best[k] = Math.min(best[k]!, Number(process.hrtime.bigint() - start) / times);
    }
  }
  return best;
}

function mustAgree(name: string, a: StepSeries, b: StepSeries): void {
  for (let i = 0; i < a.present.length; i++) {
    if (a.present[i] !== b.present[i] || !Object.is(a.values[i], b.values[i])) {
      throw new Error(`${name}: ${a.values[i]} by the kernel, ${b.values[i]} by its twin`);
    }
  }
}

function report(
  name: string,
  [kernel, twin]: [number, number],
  results: number,
  samples: number,
): void {
  const show = (ns: number): string =>
    `${(ns / results).toFixed(1).padStart(8)} ${(ns / samples).toFixed(1).padStart(8)}`;
  const ratio = (kernel / twin).toFixed(2);
  process.stdout.write(`${name.padEnd(24)}${show(kernel)} ;${show(twin)} ; ${ratio}\n`);
}

for (const shape of SHAPES) {
  process.stdout.write(`\n${shape.name}\n`);
  process.stdout.write('ns per result, per sample: kernel; twin; ratio\n');
  const rows = new KernelRows(shape.steps);
  for (const name of KERNEL_FUNCTION_NAMES) rangeFunction(name, shape, rows);
  for (const op of ['sum', 'avg', 'min', 'count'] as const) group(op, shape, rows);
  points('rates', shape, (random) => (random() * 1e4) / 300);
  points('whole numbers', shape, (random) => Math.floor(random() * 1e5));
  points('two decimals', shape, (random) => Math.round(random() * 1e5) / 100);
  rows.close();
}
