// SHOW TAG KEYS, SHOW TAG VALUES, SHOW FIELD KEYS, SHOW SERIES.

import { compareStrings } from '../../model/labels.ts';
import type { KeyFilter, StatementOf } from '../../protocol/influxql/index.ts';
import type { ReadContext } from '../reading/context.ts';
import { type ResultSeries, table } from '../result.ts';
import type { IndexView } from '../view/index-view.ts';
import { cachedSearch } from '../view/series-filter.ts';
import { slice, sourceFilter, withoutTime } from './condition.ts';

/** Lists are held in the budget of memory by so many rows. */
const ROWS_PER_HOLD = 1000;

export async function* showTagKeys(
  statement: StatementOf<'show tag keys'>,
  index: IndexView,
  { nowNs }: Pick<ReadContext, 'nowNs'>,
): AsyncGenerator<ResultSeries, void> {
  const condition = withoutTime(statement.condition, nowNs);
  for (const name of [...index.measurements.keys()].filter(sourceFilter(statement.sources))) {
    let keys = await index.tagKeys(name);
    if (condition !== undefined) {
      const used = new Set<string>();
      for (const { tags } of await index.series(name, condition)) {
        for (const { key } of tags) used.add(key);
      }
      keys = keys.filter((key) => used.has(key));
    }
    const shown = slice(keys, statement);
    if (shown.length === 0) continue;
    yield table(
      name,
      ['tagKey'],
      ['string'],
      shown.map((key) => [key]),
    );
  }
}

export async function* showTagValues(
  statement: StatementOf<'show tag values'>,
  index: IndexView,
  { nowNs, control }: Pick<ReadContext, 'nowNs' | 'control'>,
): AsyncGenerator<ResultSeries, void> {
  const condition = withoutTime(statement.condition, nowNs);
  const isKey = keyTest(statement.keys);
  for (const name of [...index.measurements.keys()].filter(sourceFilter(statement.sources))) {
    const pairs: [key: string, value: string][] = [];
    if (condition === undefined) {
      for (const key of (await index.tagKeys(name)).filter(isKey)) {
        for (const value of await index.tagValues(name, key)) pairs.push([key, value]);
      }
    } else {
      const seen = new Set<string>();
      for (const { tags } of await index.series(name, condition)) {
        for (const { key, value } of tags) {
          const id = `${key}\0${value}`;
          if (!isKey(key) || seen.has(id)) continue;
          seen.add(id);
          pairs.push([key, value]);
        }
      }
      pairs.sort((a, b) => compareStrings(a[0], b[0]) || compareStrings(a[1], b[1]));
    }
    control.hold(pairs.length);
    const shown = slice(pairs, statement);
    if (shown.length > 0) yield table(name, ['key', 'value'], ['string', 'string'], shown);
    control.hold(-pairs.length);
  }
}

export async function* showFieldKeys(
  statement: StatementOf<'show field keys'>,
  index: IndexView,
): AsyncGenerator<ResultSeries, void> {
  for (const name of [...index.measurements.keys()].filter(sourceFilter(statement.sources))) {
    const types = new Set<string>();
    for (const { source } of index.fields(name)) types.add(`${source.field}\0${source.type}`);
    const rows = [...types].sort(compareStrings).map((id) => id.split('\0'));
    const shown = slice(rows, statement);
    if (shown.length > 0) {
      yield table(name, ['fieldKey', 'fieldType'], ['string', 'string'], shown);
    }
  }
}

export async function* showSeries(
  statement: StatementOf<'show series'>,
  index: IndexView,
  { nowNs, control }: Pick<ReadContext, 'nowNs' | 'control'>,
): AsyncGenerator<ResultSeries, void> {
  const condition = withoutTime(statement.condition, nowNs);
  const { limit, offset } = statement;
  let position = 0;
  const rows: string[][] = [];
  for (const name of [...index.measurements.keys()].filter(sourceFilter(statement.sources))) {
    for (const { key } of await index.series(name, condition)) {
      position++;
      if (position <= offset) continue;
      if (limit > 0 && position > offset + limit) break;
      rows.push([key]);
      if (rows.length % ROWS_PER_HOLD === 0) control.hold(ROWS_PER_HOLD);
    }
  }
  if (rows.length > 0) yield table('', ['key'], ['string'], rows);
}

export function keyTest({ operator, operand }: KeyFilter): (key: string) => boolean {
  const isNegated = operator === '!=' || operator === '!~';
  switch (operand.kind) {
    case 'list': {
      const keys = new Set(operand.values);
      return (key) => keys.has(key);
    }
    case 'regexp': {
      const finds = cachedSearch(operand.pattern);
      return (key) => finds(key) !== isNegated;
    }
    case 'string':
      return (key) => (key === operand.value) !== isNegated;
  }
}
