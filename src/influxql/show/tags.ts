// SHOW TAG KEYS, SHOW TAG VALUES, SHOW FIELD KEYS, SHOW SERIES.

import { compareStrings } from '../../model/labels.ts';
import {
  type KeyFilter,
  type Source,
  type StatementOf,
  splitCondition,
} from '../../protocol/influxql/index.ts';
import type { ExecutionContext } from '../context.ts';
import { databaseRequired } from '../errors.ts';
import { type ResultSeries, table } from '../result.ts';
import { ceilMs, floorMs } from '../select/time.ts';
import { IndexView } from '../view/index-view.ts';
import { cachedSearch } from '../view/series-filter.ts';
import { slice, sourceFilter, withoutTime } from './condition.ts';

export async function* showTagKeys(
  statement: StatementOf<'show tag keys'>,
  context: ExecutionContext,
): AsyncGenerator<ResultSeries, void> {
  const index = await openIndex(statement, context, 'all');
  try {
    const condition = withoutTime(statement.condition, context.nowNs);
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
  } finally {
    index.close();
  }
}

export async function* showTagValues(
  statement: StatementOf<'show tag values'>,
  context: ExecutionContext,
): AsyncGenerator<ResultSeries, void> {
  const index = await openIndex(statement, context, 'all');
  try {
    const condition = withoutTime(statement.condition, context.nowNs);
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
      const shown = slice(pairs, statement);
      if (shown.length > 0) yield table(name, ['key', 'value'], ['string', 'string'], shown);
    }
  } finally {
    index.close();
  }
}

export async function* showFieldKeys(
  statement: StatementOf<'show field keys'>,
  context: ExecutionContext,
): AsyncGenerator<ResultSeries, void> {
  const index = await openIndex(statement, context, 'one');
  try {
    for (const name of [...index.measurements.keys()].filter(sourceFilter(statement.sources))) {
      const types = new Set<string>();
      for (const { source } of index.fields(name)) types.add(`${source.field}\0${source.type}`);
      const rows = [...types].sort(compareStrings).map((id) => id.split('\0'));
      const shown = slice(rows, statement);
      if (shown.length > 0) {
        yield table(name, ['fieldKey', 'fieldType'], ['string', 'string'], shown);
      }
    }
  } finally {
    index.close();
  }
}

export async function* showSeries(
  statement: StatementOf<'show series'>,
  context: ExecutionContext,
): AsyncGenerator<ResultSeries, void> {
  const { condition, timeRange } = splitCondition(statement.condition, context.nowNs, undefined);
  const { minNs, maxNs } = timeRange;
  const range = {
    minT: minNs === undefined ? Number.NEGATIVE_INFINITY : ceilMs(minNs),
    maxT: maxNs === undefined ? Number.POSITIVE_INFINITY : floorMs(maxNs),
  };
  const isBounded = minNs !== undefined || maxNs !== undefined;
  const index = await openIndex(statement, context, 'one', isBounded ? range : undefined);
  try {
    const { limit, offset } = statement;
    let position = 0;
    const rows: string[][] = [];
    for (const name of [...index.measurements.keys()].filter(sourceFilter(statement.sources))) {
      for (const { key } of await index.series(name, condition)) {
        position++;
        if (position <= offset) continue;
        if (limit > 0 && position > offset + limit) break;
        rows.push([key]);
      }
    }
    if (rows.length > 0) yield table('', ['key'], ['string'], rows);
  } finally {
    index.close();
  }
}

/**
 * The index that a statement is about: of all policies, or of the one that it or the request names, else of the
 * default one. Throws INFLUXQL_FAILED without a database, and INFLUXQL_DATABASE_NOT_FOUND.
 */
export function openIndex(
  statement: { readonly database: string; readonly sources: readonly Source[] },
  context: ExecutionContext,
  policies: 'all' | 'one',
  range?: { readonly minT: number; readonly maxT: number },
): Promise<IndexView> {
  const { catalog, breathe } = context;
  const [source] = statement.sources;
  const named = source?.kind === 'measurement' ? source : undefined;
  const database = statement.database || named?.database || context.database;
  if (database === '') throw databaseRequired();
  const scopes =
    policies === 'all'
      ? catalog.scopes(database)
      : [catalog.scope(database, named?.retentionPolicy || context.policy)];
  return IndexView.open(scopes, breathe, range);
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
