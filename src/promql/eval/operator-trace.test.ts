import { expect, test } from 'vitest';
import { Engine } from './engine.ts';
import { requestOf, seriesOf } from './engine-testing.ts';
import { type OperatorNode, OperatorTrace } from './operator-trace.ts';

const SOURCE = seriesOf(
  60,
  `m_total{job="a"} 0+60x60
   m_total{job="b"} 0+60x60
   up{job="a"} 1x60`,
);

/** By the line: nesting, text, rows and points. */
function outline(nodes: readonly OperatorNode[], indent = ''): string[] {
  return nodes.flatMap(({ text, rows, points, isRepeat, children }) => [
    `${indent}${text}: ${isRepeat ? 'as before' : `${rows} rows, ${points} points`}`,
    ...outline(children, `${indent}  `),
  ]);
}

async function traced(query: string): Promise<{ top: OperatorNode; lines: string[] }> {
  let time = 0;
  const trace = new OperatorTrace(() => time++);
  const engine = new Engine();
  const plan = engine.plan(requestOf(query, { startS: 600, endS: 1200, stepS: 60 }));
  await engine.run(plan, SOURCE, { checkpoint() {}, reserve() {}, trace });
  const nodes = trace.operators(plan);
  return { top: nodes[0]!, lines: outline(nodes) };
}

test.each([
  [
    'sum by (job) (rate(m_total[5m])) / (2)',
    [
      '… / 2: 2 rows, 22 points',
      '  sum by (job) (…): 2 rows, 22 points',
      '    rate(m_total[5m]): 2 rows, 22 points',
    ],
  ],
  [
    'topk(1, max_over_time((-up)[10m:5m])) or m_total{job=~"a|b"} > 1e9',
    [
      '… or …: 1 rows, 11 points',
      '  topk(1, …): 1 rows, 11 points',
      '    max_over_time(…[10m:5m]): 1 rows, 11 points',
      '      -…: 1 rows, 4 points',
      '        up: 1 rows, 4 points',
      '  … > 1000000000: 0 rows, 0 points',
      '    m_total{job=~"a|b"}: 2 rows, 22 points',
    ],
  ],
  [
    'vector(scalar(up @ end()) + time())',
    [
      'vector(…): 1 rows, 11 points',
      '  … + …: 0 rows, 11 points',
      '    scalar(…): 0 rows, 1 points',
      '      up @ 1200.000: 1 rows, 1 points',
      '    time(): 0 rows, 11 points',
    ],
  ],
  [
    'up + on (job) group_left () up',
    [
      '… + on (job) group_left () …: 1 rows, 11 points',
      '  up: 1 rows, 11 points',
      '  up: as before',
    ],
  ],
  ['1', []],
] as const)('%s', async (query, lines) => {
  expect((await traced(query)).lines).toEqual(lines);
});

test('time is that of an operator and of all below it', async () => {
  const { top } = await traced('sum(rate(m_total[5m]))');
  const [rate] = top.children;
  // Each look at the clock is a tick: the call and every row asked for are two.
  expect(rate!.durationMs).toBe(4);
  expect(top.durationMs).toBeGreaterThan(2 * rate!.durationMs);
});

test('a part that one thread does of an aggregation is noted, and its time', async () => {
  let time = 0;
  const trace = new OperatorTrace(() => time++);
  const engine = new Engine();
  const plan = engine.plan(requestOf('sum(m_total)', { startS: 600, endS: 1200, stepS: 60 }));
  const control = { checkpoint() {}, reserve() {}, trace };
  await engine.runPart(plan, 0, { index: 0, count: 2 }, SOURCE, control);
  const [sum] = trace.operators(plan);
  expect(sum).toMatchObject({ partsElsewhere: 1, children: [{ text: 'm_total', rows: 1 }] });
  expect(sum!.durationMs).toBeGreaterThan(sum!.children[0]!.durationMs);
});

test('long texts are cut', async () => {
  const { top } = await traced(`{job=~"${'a'.repeat(500)}"}`);
  expect(top.text).toBe(`{job=~"${'a'.repeat(193)}…`);
});
