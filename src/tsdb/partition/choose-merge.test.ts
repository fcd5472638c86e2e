import { describe, expect, test } from 'vitest';
import { chooseMerge, chooseMove, type MergeCandidate } from './choose-merge.ts';

const warm = { isCold: () => false };
const cold = { isCold: () => true };

/** Sections of one day with seq 1, 2, … and these sizes; a negative size is compressed. */
function sectionsOf(...sizes: number[]): MergeCandidate[] {
  return sizes.map((size, i) => ({
    day: 1,
    minSeq: i + 1,
    maxSeq: i + 1,
    bytes: Math.abs(size),
    compressed: size < 0,
  }));
}

function chosen(sizes: number[], policy: Parameters<typeof chooseMerge>[1]): number[] | undefined {
  return chooseMerge(sectionsOf(...sizes).reverse(), policy)?.map((section) => section.minSeq);
}

describe('the choice of a merge', () => {
  const cases: [
    name: string,
    sizes: number[],
    policy: Parameters<typeof chooseMerge>[1],
    want: number[] | undefined,
  ][] = [
    ['nothing', [], warm, undefined],
    ['a lone warm section stays', [10], warm, undefined],
    ['two equal ones wait', [10, 10], warm, undefined],
    ['three equal ones merge', [10, 10, 10], warm, [1, 2, 3]],
    ['a large one is left alone', [1000, 10, 10, 10], warm, [2, 3, 4]],
    ['a large one between others separates them', [10, 10, 1000, 10, 10], warm, undefined],
    ['only neighbours', [10, 500, 10, 500, 10], warm, undefined],
    ['inputs too large together', [10, 10, 10], { ...warm, maxInputBytes: 29 }, undefined],
    ['a cold day becomes one', [10, 500, 20], cold, [1, 2, 3]],
    ['a cold section is compressed', [10], cold, [1]],
    ['a cold compressed section is done', [-10], cold, undefined],
    ['late data waits for more', [-1000, 5, 5], cold, undefined],
    ['but not for ever', [-1000, 5, 5, 5, 5], cold, [1, 2, 3, 4, 5]],
    ['much late data does not wait', [-1000, 500], cold, [1, 2]],
    [
      'cold runs keep below the limit',
      [-90, -90, 10, 10],
      { ...cold, maxInputBytes: 115 },
      [2, 3, 4],
    ],
  ];
  test.each(cases)('%s', (_, sizes, policy, want) => {
    expect(chosen(sizes, policy)).toEqual(want);
  });

  test('merges somehow once there are too many', () => {
    const sizes = Array.from({ length: 24 }, (_, i) => 3 ** i);
    expect(chosen(sizes, warm)).toBeUndefined();
    const chosenOfMore = chosen([...sizes, 3 ** 24], { ...warm, maxInputBytes: Infinity })!;
    expect(chosenOfMore.length).toBeGreaterThan(1);
    expect(chosenOfMore.at(-1)! - chosenOfMore[0]!).toBe(chosenOfMore.length - 1);
  });

  test('comes to rest, and no byte of a warm day is rewritten often', () => {
    let sections: MergeCandidate[] = [];
    let rewritten = 0;
    for (let seq = 1; seq <= 500; seq++) {
      sections.push({ day: 1, minSeq: seq, maxSeq: seq, bytes: 100, compressed: false });
      for (;;) {
        const inputs = chooseMerge(sections, warm);
        if (inputs === undefined) break;
        const bytes = inputs.reduce((sum, section) => sum + section.bytes, 0);
        rewritten += bytes;
        sections = sections.filter((section) => !inputs.includes(section));
        const [first, last] = [inputs[0]!, inputs.at(-1)!];
        sections.push({ ...first, maxSeq: last.maxSeq, bytes });
      }
      expect(sections.length).toBeLessThan(16);
    }
    expect(rewritten / (500 * 100)).toBeLessThan(6.5);
  });

  test('warm days go before cold ones', () => {
    const sections = [1, 2].flatMap((day) =>
      sectionsOf(10, 10, 10).map((section) => ({ ...section, day })),
    );
    const choice = chooseMerge(sections, { isCold: (day) => day === 1 });
    expect(choice?.map((section) => section.day)).toEqual([2, 2, 2]);
  });
});

describe('the choice of a section to be written again', () => {
  const section = (file: string, bytes: number) => ({ file, bytes });
  const cases: [name: string, sections: [string, number][], sizes: object, want?: string][] = [
    ['nothing', [], {}],
    ['all of a file is live', [['a', 1]], { a: 1 }],
    ['half of a file is live', [['a', 5]], { a: 10 }],
    ['less than half of a file is live', [['a', 5]], { a: 11 }, 'a5'],
    [
      'two live sections are more than half',
      [
        ['a', 3],
        ['a', 3],
      ],
      { a: 11 },
    ],
    [
      'the first of two that are less',
      [
        ['b', 9],
        ['a', 2],
        ['b', 9],
        ['a', 3],
      ],
      { a: 11, b: 18 },
      'a2',
    ],
  ];
  test.each(cases)('%s', (_, sections, sizes, want) => {
    const chosen = chooseMove(
      sections.map(([file, bytes]) => section(file, bytes)),
      (file) => (sizes as Record<string, number>)[file]!,
    );
    expect(chosen && `${chosen.file}${chosen.bytes}`).toBe(want);
  });
});
