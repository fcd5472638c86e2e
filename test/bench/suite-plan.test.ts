import { describe, expect, test } from 'vitest';
import { AXES } from '../../bench/axes/index.ts';
import type { ServerKind } from '../../bench/server.ts';
import { parseSuiteOptions } from '../../bench/suite/options.ts';
import { planCells } from '../../bench/suite/run-axes.ts';

const NAMES = ['tidemark', 'tidemark-interval', 'victoria-metrics', 'prometheus'];
const kinds = (names: readonly string[]): ServerKind[] =>
  names.map((name) => ({ name }) as unknown as ServerKind);
const run = {
  axes: AXES,
  kinds: kinds(NAMES),
  folder: '/nowhere',
  target: { write: () => {} },
} as const;

describe('options', () => {
  test('everything, and that is for the page', () => {
    const { axes, rounds, isWhole, quick } = parseSuiteOptions([]);
    expect(axes).toBe(AXES);
    expect({ rounds, isWhole, quick }).toEqual({ rounds: 2, isWhole: true, quick: false });
  });

  test('a choice is not for the page', () => {
    expect(parseSuiteOptions(['--quick']).isWhole).toBe(false);
    const { axes, isWhole } = parseSuiteOptions(['--axes', 'start-up,disk']);
    expect(axes.map(({ name }) => name)).toEqual(['start-up', 'disk']);
    expect(isWhole).toBe(false);
  });

  test('an axis that there is not is refused with those that there are', () => {
    expect(() => parseSuiteOptions(['--axes', 'depth'])).toThrow(/depth.*ingest, churn/);
    expect(() => parseSuiteOptions(['--axes', ','])).toThrow(/ingest, churn/);
  });
});

describe('the plan', () => {
  test('every cell has a name of its own and takes time', () => {
    for (const scale of ['whole', 'quick'] as const) {
      const plan = planCells({ ...run, scale, rounds: 3 });
      const names = plan.map(({ axis, cell }) => `${axis.name}/${cell.name}`);
      expect(new Set(names).size).toBe(names.length);
      expect(plan.every(({ guessSeconds }) => guessSeconds >= 0)).toBe(true);
    }
  });

  test('a whole run is under 90 minutes, a quick one under five', () => {
    const seconds = (scale: 'whole' | 'quick', rounds: number): number =>
      planCells({ ...run, scale, rounds }).reduce((sum, { guessSeconds }) => sum + guessSeconds, 0);
    expect(seconds('whole', 2)).toBeLessThan(90 * 60);
    expect(seconds('quick', 1)).toBeLessThan(5 * 60);
  });

  test('a load that several axes look at takes time once', () => {
    const [ingest, , , memory] = AXES;
    const plan = planCells({ ...run, axes: [ingest!, memory!], scale: 'whole', rounds: 3 });
    const guess = (axis: string): number =>
      plan.find((one) => one.axis.name === axis && one.cell.name === '100k')!.guessSeconds;
    expect(guess('ingest')).toBeGreaterThan(0);
    expect(guess('memory')).toBe(0);
    const [alone] = planCells({ ...run, axes: [memory!], scale: 'whole', rounds: 3 });
    expect(alone!.guessSeconds).toBeGreaterThan(0);
  });

  test('only servers that are there take part', () => {
    const present = kinds(['tidemark', 'tidemark-interval', 'prometheus']);
    for (const { kinds: own } of planCells({ ...run, kinds: present, scale: 'quick', rounds: 1 })) {
      expect(own.map(({ name }) => name)).not.toContain('victoria-metrics');
      expect(own.map(({ name }) => name)).toContain('tidemark');
    }
  });
});
