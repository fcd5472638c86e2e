// SHOW … CARDINALITY. Estimates are exact here, too.

import type { Statement } from '../../protocol/influxql/index.ts';
import type { ReadContext } from '../reading/context.ts';
import { type ResultSeries, table } from '../result.ts';
import type { IndexView } from '../view/index-view.ts';
import { refuseTime, slice, sourceFilter, withoutTime } from './condition.ts';
import { keyTest } from './tags.ts';

type CardinalityStatement = Extract<Statement, { readonly kind: `show ${string} cardinality` }>;

const SPOKEN: Readonly<Record<CardinalityStatement['kind'], string | undefined>> = {
  'show series cardinality': 'SHOW SERIES EXACT CARDINALITY',
  'show measurement cardinality': 'SHOW MEASUREMENT EXACT CARDINALITY',
  'show tag key cardinality': 'SHOW TAG KEY EXACT CARDINALITY',
  'show field key cardinality': 'SHOW FIELD KEY CARDINALITY',
  'show tag values cardinality': undefined,
};

/** Throws INFLUXQL_FAILED where WHERE must not speak of time. */
export function refuseTimeOfCardinality(statement: CardinalityStatement): void {
  const spoken = SPOKEN[statement.kind];
  if (spoken !== undefined && !isPlainEstimate(statement)) refuseTime(statement.condition, spoken);
}

/** Of all retention policies for {@link isPlainEstimate}, of one otherwise. */
export async function showCardinality(
  statement: CardinalityStatement,
  index: IndexView,
  { nowNs }: Pick<ReadContext, 'nowNs'>,
): Promise<ResultSeries[]> {
  const isEstimate = isPlainEstimate(statement);
  const names = [...index.measurements.keys()].filter(sourceFilter(statement.sources));
  if (isEstimate && statement.kind === 'show measurement cardinality') {
    return [estimate(names.length)];
  }
  const condition = withoutTime(statement.condition, nowNs);
  const counted: [name: string, count: number][] = [];
  for (const name of names) {
    const count = await countOf(statement, name, index, condition);
    if (count > 0) counted.push([name, count]);
  }
  if (isEstimate) return [estimate(counted.reduce((sum, [, count]) => sum + count, 0))];
  if (statement.kind === 'show measurement cardinality') {
    return counted.length === 0 ? [] : [table('', ['count'], ['integer'], [[counted.length]])];
  }
  return counted.flatMap(([name, count]) => {
    const rows = slice([[count]], statement);
    return rows.length === 0 ? [] : [table(name, ['count'], ['integer'], rows)];
  });
}

export function isPlainEstimate(statement: CardinalityStatement): boolean {
  const { kind, isExact, sources, condition, dimensions, limit, offset } = statement;
  if (kind !== 'show series cardinality' && kind !== 'show measurement cardinality') return false;
  const isBare = sources.length === 0 && condition === undefined && dimensions.length === 0;
  return !isExact && isBare && limit === 0 && offset === 0;
}

export function estimate(count: number): ResultSeries {
  return table('', ['cardinality estimation'], ['integer'], [[count]]);
}

async function countOf(
  statement: CardinalityStatement,
  name: string,
  index: IndexView,
  condition: ReturnType<typeof withoutTime>,
): Promise<number> {
  switch (statement.kind) {
    case 'show field key cardinality':
      return new Set(index.fields(name).map(({ source }) => source.field)).size;
    case 'show tag key cardinality': {
      const keys = new Set<string>();
      for (const { tags } of await index.series(name, condition)) {
        for (const { key } of tags) keys.add(key);
      }
      return keys.size;
    }
    case 'show tag values cardinality': {
      const isKey = keyTest(statement.keys);
      const values = new Set<string>();
      for (const { tags } of await index.series(name, condition)) {
        for (const { key, value } of tags) if (isKey(key)) values.add(value);
      }
      return values.size;
    }
    default:
      return (await index.series(name, condition)).length;
  }
}
