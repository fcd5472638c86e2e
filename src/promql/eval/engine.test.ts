// The evaluator as a default server runs it, where the conformance files do not look: names are dropped
// at once, results come in the right order, queries end when they must.

import { describe, expect, test } from 'vitest';
import { AppError } from '../../runtime/error.ts';
import { Engine } from './engine.ts';
import { evaluate, linesOf, requestOf, seriesOf, type When } from './engine-testing.ts';
import type { EngineOptions, EvalControl } from './interface.ts';

const source = seriesOf(
  60,
  `
  requests_total{job="a",i="0"} 0+10x20
  requests_total{job="a",i="1"} 0+20x20
  requests_total{job="b",i="0"} 0+30x20
  errors_total{job="a",i="0"} 0+1x20
  size{job="a"} 1 2 _ 4
  size{job="b"} _ _ 3 _
  gauge{t="x",__type__="gauge",__unit__="bytes"} 1x20
  gauge{t="x",__type__="counter",__unit__="bytes"} _x5 2x20
  up{job="a"} 1x20
  up{job="b"} 0x20
  gone 1 2 stale
  h{job="a"} {{schema:0 count:4 sum:4 buckets:[1 2 1]}}x20
  mixed{job="a"} {{schema:0 count:4 sum:4 buckets:[1 2 1]}}x20
  mixed{job="b"} 7x20
`,
);

const AT_10M: When = { startS: 600 };
const THREE_STEPS: When = { startS: 0, endS: 120, stepS: 60 };

async function lines(query: string, when = AT_10M, options: Partial<EngineOptions> = {}) {
  return linesOf(await evaluate(source, query, when, options));
}

async function failure(query: string, when = AT_10M, options: Partial<EngineOptions> = {}) {
  const error = await evaluate(source, query, when, options).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('names are dropped at once', () => {
  const cases: [query: string, lines: string[]][] = [
    ['abs(up)', ['{job="a"} 1', '{job="b"} 0']],
    ['-up', ['{job="a"} -1', '{job="b"} -0']],
    ['+up', ['up{job="a"} 1', 'up{job="b"} 0']],
    ['up * 2', ['{job="a"} 2', '{job="b"} 0']],
    ['up > bool 0', ['{job="a"} 1', '{job="b"} 0']],
    ['up > 0', ['up{job="a"} 1']],
    ['0 < up', ['up{job="a"} 1']],
    ['sum by (__name__) (rate(requests_total[5m]))', ['{} 1']],
    ['timestamp(up)', ['{job="a"} 600', '{job="b"} 600']],
    ['last_over_time(up[5m])', ['up{job="a"} 1', 'up{job="b"} 0']],
    ['up == bool up', ['{job="a"} 1', '{job="b"} 1']],
    ['up == on(job) up', ['{job="a"} 1', '{job="b"} 0']],
    ['label_replace(abs(up), "__name__", "x", "", "")', ['x{job="a"} 1', 'x{job="b"} 0']],
    ['gauge{__type__="gauge"} + 1', ['{t="x"} 2']],
    ['histogram_count(h)', ['{job="a"} 4']],
  ];
  test.each(cases)('%s', async (query, expected) => {
    expect(await lines(query)).toEqual(expected);
  });
});

describe('series that become equal', () => {
  const failing = [
    'abs({__name__=~"requests_total|errors_total"})',
    '-{__name__=~"requests_total|errors_total"}',
    '{__name__=~"requests_total|errors_total"} * 2',
    'rate({__name__=~"requests_total|errors_total"}[5m])',
    'timestamp({__name__=~"requests_total|errors_total"})',
    'label_replace(up, "job", "same", "", "")',
    'abs(gauge)',
    'gauge > bool 0',
    'sum by (__name__) ({__name__=~"requests_total|up"}) + on(__name__) sum by (__name__) ({__name__=~"requests_total|up"})',
  ];
  test.each(failing)('%s fails', async (query) => {
    const message = 'vector cannot contain metrics with the same labelset';
    expect(await failure(query)).toMatchObject({ code: 'PROMQL_EXECUTION', message });
    expect((await failure(query, { startS: 600, endS: 660, stepS: 60 })).message).toBe(message);
  });

  test('at different times they are one series', async () => {
    const one = seriesOf(60, 'x{a="1"} 1 _\n y{a="1"} _ 2');
    const when = { startS: 0, endS: 60, stepS: 60 };
    const options = { lookbackMs: 60_000 };
    const both = await evaluate(one, 'abs({__name__=~"x|y"})', when, options);
    expect(linesOf(both)).toEqual(['{a="1"} 1@0 2@60']);
    const delayed = { ...options, delayedNameRemoval: true };
    const late = await evaluate(one, 'abs({__name__=~"x|y"})', when, delayed);
    expect(linesOf(late)).toEqual(['{a="1"} 1@0 2@60']);
  });

  test('with delayed removal only the result is looked at', async () => {
    const query = 'count(abs({__name__=~"requests_total|errors_total"}))';
    expect(await lines(query, AT_10M, { delayedNameRemoval: true })).toEqual(['{} 4']);
    const collision = 'abs({__name__=~"requests_total|errors_total"})';
    expect((await failure(collision, AT_10M, { delayedNameRemoval: true })).code).toBe(
      'PROMQL_EXECUTION',
    );
  });
});

describe('order of results', () => {
  const cases: [query: string, when: When, lines: string[]][] = [
    [
      'topk(2, requests_total)',
      AT_10M,
      ['requests_total{i="0", job="b"} 300', 'requests_total{i="1", job="a"} 200'],
    ],
    [
      'bottomk by (i) (1, requests_total)',
      AT_10M,
      ['requests_total{i="0", job="a"} 100', 'requests_total{i="1", job="a"} 200'],
    ],
    ['sort_desc(up)', AT_10M, ['up{job="a"} 1', 'up{job="b"} 0']],
    ['sort(up)', AT_10M, ['up{job="b"} 0', 'up{job="a"} 1']],
    ['topk(1, size)', THREE_STEPS, ['size{job="a"} 1@0 2@60', 'size{job="b"} 3@120']],
    ['sort_desc(up or up)', AT_10M, ['up{job="a"} 1', 'up{job="b"} 0']],
    ['limitk(1, up)', AT_10M, ['up{job="a"} 1']],
  ];
  test.each(cases)('%s', async (query, when, expected) => {
    expect(await lines(query, when)).toEqual(expected);
  });
});

describe('matching of vectors', () => {
  const results: [query: string, lines: string[]][] = [
    ['errors_total / requests_total', ['{i="0", job="a"} 0.1']],
    [
      'requests_total / on(job) group_left up',
      ['{i="0", job="a"} 10', '{i="0", job="b"} +Inf', '{i="1", job="a"} 20'].map((line) =>
        line.replace(/ (10|20)$/, (_, n) => ` ${Number(n) * 10}`),
      ),
    ],
    [
      'up * on(job) group_right requests_total',
      ['{i="0", job="a"} 100', '{i="0", job="b"} 0', '{i="1", job="a"} 200'],
    ],
    ['errors_total + ignoring(i) group_left up', ['{i="0", job="a"} 11']],
    ['up and on(job) errors_total', ['up{job="a"} 1']],
    ['up unless on(job) errors_total', ['up{job="b"} 0']],
    ['errors_total or up', ['errors_total{i="0", job="a"} 10', 'up{job="a"} 1', 'up{job="b"} 0']],
    ['errors_total or on(job) up', ['errors_total{i="0", job="a"} 10', 'up{job="b"} 0']],
    ['up + on(job) fill(5) sum by (job) (errors_total)', ['{job="a"} 11', '{job="b"} 5']],
  ];
  test.each(results)('%s', async (query, expected) => {
    expect(await lines(query)).toEqual(expected);
  });

  const failures: [query: string, message: RegExp | string][] = [
    [
      'up * on(job) requests_total',
      'found duplicate series for the match group {job="a"} on the right hand-side of the operation: [{__name__="requests_total", i="0", job="a"}, {__name__="requests_total", i="1", job="a"}];many-to-many matching not allowed: matching labels must be unique on one side',
    ],
    ['requests_total * on(job) group_right up', /on the left hand-side of the operation/],
    [
      'requests_total * on(job) up',
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    ],
    [
      'sum by (i, job) (requests_total) > on(job) 0 * up',
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    ],
    [
      'requests_total * on(job) group_left(i) up',
      'multiple matches for labels: grouping labels must ensure unique matches',
    ],
  ];
  test.each(failures)('%s fails', async (query, message) => {
    const error = await failure(query);
    expect(error.code).toBe('PROMQL_EXECUTION');
    expect(error.message).toMatch(message);
  });

  test('duplicates at steps without a partner side are no error', async () => {
    const some = seriesOf(60, 'left 1 _\n right{a="1"} _ 1\n right{a="2"} _ 1');
    const when = { startS: 0, endS: 60, stepS: 60 };
    const options = { lookbackMs: 60_000 };
    const result = await evaluate(some, 'left + on() right', when, options);
    expect(linesOf(result)).toEqual([]);
  });
});

describe('times', () => {
  const cases: [query: string, when: When, lines: string[]][] = [
    ['gone', { startS: 119 }, ['gone 2']],
    ['gone', { startS: 120 }, []],
    ['size', { startS: 359 }, ['size{job="a"} 4', 'size{job="b"} 3']],
    ['size', { startS: 420 }, ['size{job="a"} 4']],
    ['size @ 60', { startS: 600, endS: 660, stepS: 60 }, ['size{job="a"} 2@600 2@660']],
    ['size @ end() - size @ start()', THREE_STEPS, ['{job="a"} 1@0 1@60 1@120']],
    ['size offset -1m', { startS: 0 }, ['size{job="a"} 2']],
    ['requests_total{i="1"}[2m]', AT_10M, ['requests_total{i="1", job="a"} 180@540 200@600']],
    ['up{job="a"}[2m:50s]', AT_10M, ['up{job="a"} 1@500 1@550 1@600']],
    ['sum_over_time(vector(time())[3s:1s])', { startS: 10 }, ['{} 27']],
    ['sum_over_time(vector(1)[30s:1m])', { startS: 100 }, []],
    ['absent_over_time(nope{job="a"}[5m])', AT_10M, ['{job="a"} 1']],
    ['timestamp(up{job="a"} offset 90s)', AT_10M, ['{job="a"} 480']],
    ['time()', { startS: 1.5 }, ['1.5']],
    ['"text"', AT_10M, ['text']],
    ['1', THREE_STEPS, ['{} 1@0 1@60 1@120']],
  ];
  test.each(cases)('%s %o', async (query, when, expected) => {
    expect(await lines(query, when)).toEqual(expected);
  });
});

describe('histograms among floats', () => {
  const position = 'sum(mixed)'.indexOf('mixed');

  test('are not added to floats', async () => {
    const { value, annotations } = await evaluate(source, 'sum(mixed)', AT_10M);
    expect(value).toMatchObject({ type: 'vector', series: [] });
    const text = 'encountered a mix of histograms and floats for aggregation';
    expect(annotations).toMatchObject([{ kind: 'warning', text, position }]);
  });

  test('are left out of extremes', async () => {
    const result = await evaluate(source, 'max(mixed)', AT_10M);
    expect(linesOf(result)).toEqual(['{} 7']);
    const text = 'ignored histogram in max aggregation';
    expect(result.annotations).toMatchObject([{ kind: 'info', text, position }]);
  });

  test('multiply', async () => {
    expect(await lines('h * 2')).toEqual([
      '{job="a"} {count:8, sum:8, (0.5,1]:2, (1,2]:4, (2,4]:2}',
    ]);
    expect(await lines('histogram_count(h + h)')).toEqual(['{job="a"} 8']);
  });
});

describe('queries end when they must', () => {
  function control(overrides: Partial<EvalControl>): EvalControl {
    return { checkpoint() {}, reserve() {}, ...overrides };
  }

  test('at a checkpoint', async () => {
    let left = 5;
    const stopping = control({
      checkpoint() {
        if (--left < 0) throw new AppError('canceled', 'PROMQL_CANCELED', 'query was canceled');
      },
    });
    const request = requestOf('sum(requests_total) / sum(errors_total)', AT_10M);
    await expect(new Engine().evaluate(request, source, stopping)).rejects.toMatchObject({
      code: 'PROMQL_CANCELED',
    });
  });

  test('when memory is used up', async () => {
    let bytes = 0;
    const counting = control({
      reserve(more) {
        bytes += more;
      },
    });
    const when = { startS: 0, endS: 6000, stepS: 1 };
    await new Engine().evaluate(requestOf('requests_total', when), source, counting);
    // Three rows of 6,001 steps with 9 bytes each, and the buffer they come in.
    expect(bytes).toBeGreaterThan(4 * 6001 * 9);
    expect(bytes).toBeLessThan(5 * 6001 * 9);
  });

  test('before a subquery takes more steps than samples are allowed', async () => {
    const error = await failure('sum_over_time(vector(1)[10y:1ms])');
    expect(error.code).toBe('PROMQL_TOO_MANY_SAMPLES');
  });

  test('a range query for a range vector is refused', () => {
    const request = requestOf('up[5m]', THREE_STEPS);
    expect(() => new Engine().plan(request)).toThrow(
      'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    );
  });
});

test('labels of floats are made only where somebody looks at them', async () => {
  let made = 0;
  const counting: typeof source = {
    async selection(matchers, range) {
      const found = await source.selection(matchers, range);
      const labels: typeof found.labels = (i) => {
        made++;
        return found.labels(i);
      };
      return { ...found, labels };
    },
  };
  const labelsMade = async (query: string): Promise<number> => {
    made = 0;
    await evaluate(counting, query, AT_10M);
    return made;
  };
  expect(await labelsMade('sum(up)')).toBe(0);
  expect(await labelsMade('sum by (job) (up)')).toBe(2);
  // Remarks on histograms name the metric.
  expect(await labelsMade('sum(mixed)')).toBe(1);
});
