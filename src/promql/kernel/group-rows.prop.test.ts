// Groups of the kernel against the plain ones: all columns the same after any rows.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addRow,
  type ColumnOp,
  type ColumnRemarks,
  finishGroup,
  type GroupColumns,
  mergeGroup,
  newGroup,
} from '../eval/aggregate-columns.ts';
import { newStepSeries, Presence, type StepSeries } from '../eval/step-series.ts';
import { addRowInKernel, finishGroupInKernel, KernelRows, presentSteps } from './index.ts';

const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 200),
  seed: Number(process.env.PROP_SEED ?? 1),
};

const OPS: readonly ColumnOp[] = ['sum', 'avg', 'count', 'min', 'max', 'group'];

const NO_REMARKS: ColumnRemarks = {
  histogramIgnored: () => {},
  incompatibleHistograms: () => {},
  boundsReconciled: () => {},
  mixedFloatsHistograms: () => {},
  counterResetCollision: () => {},
};

/** A group whose columns are in kernel memory. */
function kernelGroup(op: ColumnOp, rows: KernelRows): GroupColumns {
  const { numbers, bytes } = rows.columns(3)!;
  const [value, lost, met] = numbers as [Float64Array, Float64Array, Float64Array];
  return { ...newGroup(op, [], 0), seen: bytes, value, lost, met };
}

const value = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324, 1e308, 1.7e308, -1.7e308, 0.1),
  fc.integer({ min: -1000, max: 1000 }),
);
const ordinary = fc.double({ min: 0, max: 1e6, noNaN: true });

/** Rows with gaps, rows without, and absent ones. */
const row = (steps: number): fc.Arbitrary<(number | undefined)[]> => {
  const exactly = { minLength: steps, maxLength: steps };
  return fc.oneof(
    fc.array(ordinary, exactly),
    fc.array(value, exactly),
    fc.array(fc.option(value, { nil: undefined }), exactly),
    fc.array(fc.option(ordinary, { nil: undefined, freq: 30 }), exactly),
  );
};

const table = fc
  .integer({ min: 1, max: 40 })
  .chain((steps) => fc.tuple(fc.constant(steps), fc.array(row(steps), { maxLength: 8 })));

function fill(target: StepSeries, values: readonly (number | undefined)[]): StepSeries {
  for (const [i, v] of values.entries()) {
    target.present[i] = v === undefined ? Presence.none : Presence.float;
    target.values[i] = v ?? 77;
  }
  return target;
}

test.each(OPS)('%s', (op) => {
  fc.assert(
    fc.property(table, ([steps, rows]) => {
      const expected = newGroup(op, [], steps);
      withRows(steps, (memory) => {
        const group = kernelGroup(op, memory);
        const kernelRow = memory.row([]);
        for (const values of rows) {
          addRow(op, expected, fill(newStepSeries([], steps), values), NO_REMARKS);
          expect(addRowInKernel(op, group, fill(kernelRow, values))).toBe(true);
          expect(presentSteps(kernelRow)).toBe(values.filter((v) => v !== undefined).length);
        }
        const result = valuesOf(finishGroupInKernel(op, group)!);
        expect(result).toEqual(finished(op, expected));
      });
    }),
    parameters,
  );
});

function withRows(steps: number, use: (memory: KernelRows) => void): void {
  const memory = new KernelRows(steps);
  try {
    use(memory);
  } finally {
    memory.close();
  }
}

function finished(op: ColumnOp, group: GroupColumns): (number | undefined)[] {
  return valuesOf(finishGroup(op, group, NO_REMARKS));
}

function valuesOf({ present, values }: StepSeries): (number | undefined)[] {
  return Array.from(present, (kind, i) => (kind === Presence.none ? undefined : values[i]));
}

test('groups merged with what the kernel added up', () => {
  fc.assert(
    fc.property(fc.constantFrom(...OPS), table, table, (op, [steps, first], [, second]) => {
      const parts = [first, second.map((values) => values.slice(0, steps))];
      withRows(steps, (memory) => {
        const plain = parts.map(() => newGroup(op, [], steps));
        const inKernel = parts.map(() => kernelGroup(op, memory));
        const kernelRow = memory.row([]);
        for (const [k, rows] of parts.entries()) {
          for (const values of rows) {
            const padded = Array.from({ length: steps }, (_, i) => values[i]);
            addRow(op, plain[k]!, fill(newStepSeries([], steps), padded), NO_REMARKS);
            addRowInKernel(op, inKernel[k]!, fill(kernelRow, padded));
          }
        }
        mergeGroup(op, plain[0]!, plain[1]!);
        mergeGroup(op, inKernel[0]!, inKernel[1]!);
        expect(finished(op, inKernel[0]!)).toEqual(finished(op, plain[0]!));
      });
    }),
    parameters,
  );
});

test('columns outside of kernel memory and histograms are left alone', () => {
  const memory = new KernelRows(2);
  const heapRow = fill(newStepSeries([], 2), [1, 2]);
  const kernelRow = fill(memory.row([]), [1, 2]);
  const group = kernelGroup('sum', memory);
  expect(addRowInKernel('sum', newGroup('sum', [], 2), kernelRow)).toBe(false);
  expect(addRowInKernel('sum', group, heapRow)).toBe(false);
  kernelRow.histograms = [undefined, undefined];
  expect(addRowInKernel('sum', group, kernelRow)).toBe(false);
  expect([...group.seen]).toEqual([0, 0]);
  expect(finishGroupInKernel('sum', newGroup('sum', [], 2))).toBeUndefined();
  expect(finishGroupInKernel('sum', { ...group, histograms: [] })).toBeUndefined();
  memory.close();
});

test('room is used again once everyone has closed', () => {
  const first = new KernelRows(100);
  const address = first.row([]).values.byteOffset;
  const second = new KernelRows(10);
  const other = second.row([]).values;
  first.close();
  first.close();
  const third = new KernelRows(5);
  expect(third.row([]).values.byteOffset).toBeGreaterThan(other.byteOffset);
  second.close();
  third.close();
  const fourth = new KernelRows(100);
  expect(fourth.row([]).values.byteOffset).toBe(address);
  fourth.close();
});

test('rows are empty, and come from the heap when there is no room', () => {
  const memory = new KernelRows(2 ** 20);
  const inKernel = memory.row([]);
  inKernel.values.fill(3);
  inKernel.present.fill(1);
  for (let i = 0; i < 7; i++) memory.row([]);
  const onHeap = memory.row([]);
  expect(onHeap.values.buffer).not.toBe(inKernel.values.buffer);
  expect(memory.columns(1)).toBeUndefined();
  expect(presentSteps(fill(onHeap, [1, undefined, 2]))).toBe(2);
  memory.close();
  const again = new KernelRows(2 ** 20);
  const row = again.row([]);
  expect(row.values.byteOffset).toBe(inKernel.values.byteOffset);
  expect(presentSteps(row)).toBe(0);
  again.close();
});
