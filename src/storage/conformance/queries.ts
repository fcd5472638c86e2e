// Checks of reading: matchers, order, time ranges, label queries, exemplars, metadata.

import { expect } from 'vitest';
import type { Exemplar } from '../../model/exemplar.ts';
import { compareLabels, labelsFromObject, printLabels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { METRIC_TYPES } from '../../model/metadata.ts';
import { ALL_TIME, DAY_MS } from '../../model/time-range.ts';
import type { Database } from '../interface.ts';
import { BASE, batch, between, dump, EVERYTHING, expected, matchers, row, series } from './data.ts';
import type { Check } from './subject.ts';

/** Label sets that sort or concatenate alike, or whose UTF-8 and UTF-16 orders differ. */
const PECULIAR: readonly Readonly<Record<string, string>>[] = [
  { a: 'bc' },
  { ab: 'c' },
  { a: 'b', c: '' },
  { a: 'b', c: 'd' },
  { 'my.label': 'with "quotes", back\\slash\nand newline' },
  { '\uffee': '1' },
  { '\u{1f600}': '1' },
  { a: '\uffee' },
  { a: '\u{1f600}' },
  { __proto__x: 'x', constructor: 'toString' },
  { a: '\0' },
  { a: 'x'.repeat(10_000) },
  Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`label_${i}`, `value ${i}`])),
];

const HOSTS = [
  { __name__: 'up', host: 'a1', env: 'prod' },
  { __name__: 'up', host: 'a2', env: 'dev' },
  { __name__: 'up', host: 'b1' },
  { __name__: 'up', host: 'b\n2', env: 'prod' },
  { __name__: 'down', host: 'a1' },
  { __name__: 'down' },
];

/** Matchers and the numbers of the {@link HOSTS} that they find. */
const SELECTIONS: readonly (readonly [Matcher[], number[]])[] = [
  [[], [0, 1, 2, 3, 4, 5]],
  [matchers(['__name__', '=', 'up']), [0, 1, 2, 3]],
  [matchers(['__name__', '!=', 'up']), [4, 5]],
  [matchers(['host', '=', '']), [5]],
  [matchers(['host', '!=', '']), [0, 1, 2, 3, 4]],
  [matchers(['env', '=', ''], ['__name__', '=', 'up']), [2]],
  [matchers(['env', '!=', 'prod']), [1, 2, 4, 5]],
  [matchers(['env', '!=', 'prod'], ['env', '!=', '']), [1]],
  [matchers(['host', '=~', 'a.*']), [0, 1, 4]],
  [matchers(['host', '=~', 'a']), []],
  [matchers(['host', '=~', '.*']), [0, 1, 2, 3, 4, 5]],
  [matchers(['host', '=~', '.+']), [0, 1, 2, 3, 4]],
  [matchers(['host', '!~', '.+']), [5]],
  [matchers(['host', '!~', '.*']), []],
  [matchers(['host', '=~', '']), [5]],
  [matchers(['host', '=~', 'a1|b1']), [0, 2, 4]],
  [matchers(['host', '=~', 'a1|']), [0, 4, 5]],
  [matchers(['host', '!~', 'a1|']), [1, 2, 3]],
  [matchers(['host', '!~', 'a1|b1']), [1, 3, 5]],
  [matchers(['host', '=~', 'b.2']), [3]],
  [matchers(['host', '=~', '[ab][12]']), [0, 1, 2, 4]],
  [matchers(['host', '!~', '[ab][12]']), [3, 5]],
  [matchers(['host', '=~', '(?i)A1']), [0, 4]],
  [matchers(['host', '=~', '.*1'], ['host', '!~', 'b.*'], ['env', '=~', 'prod|']), [0, 4]],
  [matchers(['nothing', '=', 'x']), []],
  [matchers(['nothing', '!=', 'x'], ['__name__', '=', 'down']), [4, 5]],
  [matchers(['nothing', '=~', 'x?'], ['host', '=', 'b1']), [2]],
];

export function selectChecks(check: Check): void {
  check('series come back sorted by labels, whatever the labels', async (f) => {
    const given = PECULIAR.map((labels, i) => series(labels, [row(1, i)]));
    await f.db.write(batch(...given));
    const sorted = [...given].sort((a, b) =>
      compareLabels(labelsFromObjectOf(a.labels), labelsFromObjectOf(b.labels)),
    );
    const found = await dump(await f.settle());
    expect(found.map(([labels]) => labels)).toEqual(
      sorted.map(({ labels }) => printLabels(labelsFromObjectOf(labels))),
    );
  });

  check('label order, empty values and the write they came in make no other series', async (f) => {
    const labels = [
      { name: 'z', value: '1' },
      { name: 'empty', value: '' },
      { name: '__name__', value: 'm' },
      { name: 'a', value: '2' },
    ];
    await f.db.write(batch({ ...series('m', [row(1, 1)]), labels }));
    await f.db.write(batch({ ...series('m', [row(2, 2)]), labels: labels.slice().reverse() }));
    expect(await dump(await f.settle())).toEqual(
      expected([{ a: '2', z: '1' }, [row(1, 1), row(2, 2)]]),
    );
  });

  check('all types of matchers, absent labels and anchoring', async (f) => {
    await f.db.write(batch(...HOSTS.map((labels, i) => series(labels, [row(1, i)]))));
    const db = await f.settle();
    for (const [selector, wanted] of SELECTIONS) {
      const found = await dump(db, selector);
      const list = wanted.map((i) => printLabels(labelsFromObject(HOSTS[i]!)));
      expect(found.map(([labels]) => labels).sort(), JSON.stringify(selector)).toEqual(list.sort());
    }
  });

  check('no selection finds more series than was said', async (f) => {
    await f.db.write(batch(...HOSTS.map((labels, i) => series(labels, [row(1, i)]))));
    const database = await f.settle();
    if (database.mostSeries === undefined) return;
    for (const [selector, found] of SELECTIONS) {
      expect(database.mostSeries(selector, ALL_TIME)).toBeGreaterThanOrEqual(found.length);
    }
    expect(database.mostSeries(matchers(['__name__', '=', 'up']), ALL_TIME)).toBe(4);
    expect(database.mostSeries(matchers(['__name__', '=', 'nothing']), ALL_TIME)).toBe(0);
    expect(database.mostSeries(matchers(['host', '=~', 'a1|nothing']), ALL_TIME)).toBeLessThan(5);
    expect(database.mostSeries(matchers(['host', '=~', '[a]1']), ALL_TIME)).toBe(HOSTS.length);
    expect(database.mostSeries([], ALL_TIME)).toBe(HOSTS.length);
  });

  check('an invalid regular expression is refused everywhere', async (f) => {
    await f.db.write(batch(series('a', [row(1, 1)])));
    const db = await f.settle();
    const bad = matchers(['a', '=~', '(']);
    const invalid = expect.objectContaining({ code: 'STORAGE_INVALID_REGEXP', kind: 'bad_data' });
    const querier = db.querier(ALL_TIME);
    await expect(dump(db, bad)).rejects.toEqual(invalid);
    await expect((async () => querier.labelNames([bad]))()).rejects.toEqual(invalid);
    await expect((async () => querier.labelValues('a', [bad]))()).rejects.toEqual(invalid);
    await expect((async () => querier.series([bad]))()).rejects.toEqual(invalid);
    await expect((async () => querier.selectExemplars([bad]))()).rejects.toEqual(invalid);
    await expect((async () => db.deleteSamples([bad], ALL_TIME))()).rejects.toEqual(invalid);
    querier.close();
    expect(await dump(db)).toEqual(expected(['a', [row(1, 1)]]));
  });

  check('samples are clipped to the range, both ends included', async (f) => {
    const rows = Array.from({ length: 10 }, (_, i) => row(i * 10, i));
    await f.db.write(batch(series('a', rows)));
    const db = await f.settle();
    expect(await dump(db, EVERYTHING, between(20, 50))).toEqual(expected(['a', rows.slice(2, 6)]));
    expect(await dump(db, EVERYTHING, between(21, 49))).toEqual(expected(['a', rows.slice(3, 5)]));
    expect(await dump(db, EVERYTHING, between(90, 90))).toEqual(expected(['a', rows.slice(9)]));
    expect(await dump(db, EVERYTHING, between(41, 49))).toEqual([]);
    expect(await dump(db, EVERYTHING, between(50, 20))).toEqual([]);
    expect(await dump(db, EVERYTHING, between(-DAY_MS, -1))).toEqual([]);
  });

  check('what is there when a querier opens stays readable in it', async (f) => {
    await f.db.write(batch(series('a', [row(1, 1)]), series('b', [row(1, 1)])));
    const db = await f.settle();
    const querier = db.querier(ALL_TIME);
    await db.write(batch(series('a', [row(2, 2)]), series('c', [row(1, 1)])));
    const found: string[] = [];
    for await (const { labels, samples } of querier.select(EVERYTHING)) {
      found.push(printLabels(labels));
      expect(samples.t[0]).toBe(BASE + 1);
      expect([1, 2]).toContain(samples.length);
    }
    expect(found).toEqual(expect.arrayContaining(['a', 'b']));
    querier.close();
    querier.close();
    expect((await dump(db)).map(([labels]) => labels)).toEqual(['a', 'b', 'c']);
  });

  check('iterations may be left early, and several may run at once', async (f) => {
    const names = ['a', 'b', 'c', 'd'];
    await f.db.write(batch(...names.map((name, i) => series(name, [row(1, i)]))));
    const db = await f.settle();
    const early = db.querier(ALL_TIME);
    for await (const { labels } of early.select(EVERYTHING)) {
      expect(printLabels(labels)).toBe('a');
      break;
    }
    early.close();
    const dumps = await Promise.all([1, 2, 3].map(() => dump(db)));
    for (const found of dumps) expect(found.map(([labels]) => labels)).toEqual(names);
  });

  check('a query whose client has gone is given up', async (f) => {
    await f.db.write(batch(series('a', [row(1, 1)]), series('b', [row(1, 1)])));
    const db = await f.settle();
    const querier = db.querier(ALL_TIME);
    const read = async (): Promise<void> => {
      const signal = AbortSignal.abort();
      for await (const _ of querier.select(EVERYTHING, { signal }));
    };
    await expect(read()).rejects.toMatchObject({ kind: 'canceled' });
    querier.close();
  });

  check('an empty database answers everything with nothing', async (f) => {
    const db = await f.settle();
    const querier = db.querier(ALL_TIME);
    expect(await dump(db)).toEqual([]);
    expect(await querier.labelNames([])).toEqual([]);
    expect(await querier.labelValues('a', [])).toEqual([]);
    expect(await querier.series([])).toEqual([]);
    expect(await querier.selectExemplars([])).toEqual([]);
    expect(db.metadata()).toEqual([]);
    await db.deleteSamples([EVERYTHING], ALL_TIME);
    expect(await db.cardinality(10)).toMatchObject({ numSeries: 0, seriesCountByMetricName: [] });
    querier.close();
  });
}

export function labelChecks(check: Check): void {
  check('label names, values and series of any of the selectors', async (f) => {
    await f.db.write(batch(...HOSTS.map((labels, i) => series(labels, [row(1, i)]))));
    const querier = (await f.settle()).querier(ALL_TIME);
    const some = [matchers(['env', '=', 'dev']), matchers(['host', '=', 'a1'])];
    expect(await querier.labelNames([])).toEqual(['__name__', 'env', 'host']);
    expect(await querier.labelNames([matchers(['env', '=', ''])])).toEqual(['__name__', 'host']);
    expect(await querier.labelNames(some)).toEqual(['__name__', 'env', 'host']);
    expect(await querier.labelNames([], 2)).toEqual(['__name__', 'env']);
    expect(await querier.labelValues('host', [])).toEqual(['a1', 'a2', 'b\n2', 'b1']);
    expect(await querier.labelValues('host', some)).toEqual(['a1', 'a2']);
    expect(await querier.labelValues('host', [], 3)).toEqual(['a1', 'a2', 'b\n2']);
    expect(await querier.labelValues('nothing', [])).toEqual([]);
    expect(await querier.labelValues('env', [matchers(['nothing', '=', 'x'])])).toEqual([]);
    const printed = (await querier.series(some)).map(printLabels);
    expect(printed).toEqual([
      'down{host="a1"}',
      'up{env="dev", host="a2"}',
      'up{env="prod", host="a1"}',
    ]);
    expect((await querier.series([], 4)).length).toBe(4);
    expect((await querier.series([EVERYTHING])).length).toBe(HOSTS.length);
    querier.close();
  });

  check('label names and values are sorted by UTF-8 bytes', async (f) => {
    await f.db.write(batch(...PECULIAR.map((labels, i) => series(labels, [row(1, i)]))));
    const querier = (await f.settle()).querier(ALL_TIME);
    const names = await querier.labelNames([]);
    const values = await querier.labelValues('a', []);
    for (const texts of [names, values]) {
      const bytes = texts.map((text) => Buffer.from(text));
      expect(bytes).toEqual([...bytes].sort(Buffer.compare));
      expect(new Set(texts).size).toBe(texts.length);
    }
    expect(names).toEqual(expect.arrayContaining(['\uffee', '\u{1f600}', 'my.label']));
    expect(values).toHaveLength(6);
    querier.close();
  });

  check('label queries see the series in range only', async (f) => {
    const days = [-1, 0, 1].map((day) => row(day * DAY_MS + 1000, day));
    await f.db.write(
      batch(
        series({ __name__: 'm', day: 'before', b: '1' }, [days[0]!]),
        series({ __name__: 'm', day: 'here', h: '1' }, [days[1]!]),
        series({ __name__: 'm', day: 'after', a: '1' }, [days[2]!]),
      ),
    );
    const querier = (await f.settle()).querier(between(0, 5000));
    expect(await querier.labelNames([])).toEqual(['__name__', 'day', 'h']);
    expect(await querier.labelValues('day', [])).toEqual(['here']);
    expect(await querier.labelValues('a', [])).toEqual([]);
    expect((await querier.series([])).map(printLabels)).toEqual(['m{day="here", h="1"}']);
    expect(await querier.series([matchers(['day', '=', 'after'])])).toEqual([]);
    querier.close();
  });

  check('a series is not in a range that falls between its samples', async (f) => {
    await f.db.write(batch(series('a', [row(-DAY_MS, 1), row(DAY_MS, 2)])));
    const db = await f.settle();
    expect(await dump(db, EVERYTHING, between(0, 1000))).toEqual([]);
    const querier = db.querier(between(0, 1000));
    expect(await querier.series([])).toEqual([]);
    expect(await querier.labelNames([])).toEqual([]);
    expect(await querier.labelValues('__name__', [])).toEqual([]);
    querier.close();
  });
}

export function sideDataChecks(check: Check): void {
  const exemplar = (t: number, value: number, labels: Record<string, string> = {}): Exemplar => ({
    labels: labelsFromObject(labels),
    value,
    t: BASE + t,
  });

  check('exemplars come back by series and time, each once', async (f) => {
    const given = [
      exemplar(3, 3, { trace_id: 'c' }),
      exemplar(1, 1, { trace_id: 'a' }),
      exemplar(2, 2),
      exemplar(1, 1, { trace_id: 'a' }),
    ];
    const rows = [row(1, 1), row(2, 2)];
    const result = await f.db.write(
      batch(series('b', rows, given), series('a', rows, [given[2]!])),
    );
    expect(result).toMatchObject({ exemplarsWritten: 5, samplesWritten: 4 });
    await f.db.write(batch(series('b', [row(3, 3)], [given[0]!, exemplar(4, Number.NaN)])));
    const db = await f.settle();
    expect(await exemplarsOf(db, 0, 10)).toEqual([
      ['a', [given[2]]],
      ['b', [given[1], given[2], given[0], exemplar(4, Number.NaN)]],
    ]);
    expect(await exemplarsOf(db, 2, 3, matchers(['__name__', '=', 'b']))).toEqual([
      ['b', [given[2], given[0]]],
    ]);
    expect(await exemplarsOf(db, 5, 10)).toEqual([]);
  });

  check('an exemplar that cannot be stored is refused, its sample is not', async (f) => {
    const long = exemplar(1, 1, { trace_id: 'x'.repeat(121) });
    const good = exemplar(2, 2, { trace_id: 'x'.repeat(120) });
    const result = await f.db.write(batch(series('a', [row(1, 1)], [long, good])));
    expect(result).toMatchObject({ samplesWritten: 1, exemplarsWritten: 1, rejectedTotal: 1 });
    expect(result.rejections).toMatchObject([{ reason: 'invalid_exemplar', exemplars: 1 }]);
    const db = await f.settle();
    expect(await exemplarsOf(db, 0, 10)).toEqual([['a', [good]]]);
    expect(await dump(db)).toEqual(expected(['a', [row(1, 1)]]));
  });

  check('the last metadata of a metric wins', async (f) => {
    const entry = (metric: string, i: number): MetricMetadata => ({
      metric,
      type: METRIC_TYPES[i % METRIC_TYPES.length]!,
      help: `help ${i} "é"`,
      unit: i % 2 === 0 ? '' : 'seconds',
    });
    const names = METRIC_TYPES.map((type) => `m_${type}`);
    const first = names.map((name, i) => entry(name, i));
    await f.db.write({ ...batch(), metadata: [entry('m_counter', 7), ...first] });
    await f.db.write({ ...batch(series('a', [row(1, 1)])), metadata: [entry('m_gauge', 5)] });
    const db = await f.settle();
    const wanted = first.map((m) => (m.metric === 'm_gauge' ? entry('m_gauge', 5) : m));
    const sorted = wanted.sort((a, b) => (a.metric < b.metric ? -1 : 1));
    expect(db.metadata()).toEqual(sorted);
    expect(db.metadata('m_gauge')).toEqual([entry('m_gauge', 5)]);
    expect(db.metadata('nothing')).toEqual([]);
  });
}

async function exemplarsOf(
  db: Database,
  minT: number,
  maxT: number,
  selector?: readonly Matcher[],
): Promise<[string, readonly Exemplar[]][]> {
  const querier = db.querier(between(minT, maxT));
  const found = await querier.selectExemplars(selector === undefined ? [] : [selector]);
  querier.close();
  return found.map(({ labels, exemplars }) => [printLabels(labels), exemplars]);
}

function labelsFromObjectOf(
  labels: readonly { readonly name: string; readonly value: string }[],
): ReturnType<typeof labelsFromObject> {
  return labelsFromObject(Object.fromEntries(labels.map(({ name, value }) => [name, value])));
}
