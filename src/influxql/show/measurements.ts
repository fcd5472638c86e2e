// SHOW MEASUREMENTS.

import type { Expression, StatementOf } from '../../protocol/influxql/index.ts';
import { statementFailed } from '../errors.ts';
import { type ResultSeries, table } from '../result.ts';
import type { IndexView } from '../view/index-view.ts';
import { cachedSearch } from '../view/series-filter.ts';
import { slice, sourceFilter } from './condition.ts';

export async function showMeasurements(
  statement: StatementOf<'show measurements'>,
  index: IndexView,
): Promise<ResultSeries[]> {
  const { condition, source } = statement;
  const isMeant = sourceFilter(source === undefined ? [] : [source]);
  const candidates = [...index.measurements.keys()].filter(isMeant);
  const names: string[] = [];
  for (const name of candidates) {
    if (condition === undefined || (await fits(name, condition, index))) names.push(name);
  }
  const shown = slice(names, statement);
  if (shown.length === 0) return [];
  return [
    table(
      'measurements',
      ['name'],
      ['string'],
      shown.map((name) => [name]),
    ),
  ];
}

/** Measurements are judged as a whole: one without the tag fits nothing, not even `!=`. */
async function fits(name: string, condition: Expression, index: IndexView): Promise<boolean> {
  if (condition.kind === 'parentheses') return fits(name, condition.inner, index);
  if (condition.kind !== 'binary') throw statementFailed('invalid expression in WHERE clause');
  const { operator, left, right } = condition;
  switch (operator) {
    case 'AND':
      return (await fits(name, left, index)) && fits(name, right, index);
    case 'OR':
      return (await fits(name, left, index)) || fits(name, right, index);
    case '=':
    case '!=':
    case '=~':
    case '!~':
      break;
    default:
      throw statementFailed('invalid tag comparison operator');
  }
  if (left.kind !== 'reference') {
    throw statementFailed(`left side of '${operator}' must be a tag key`);
  }
  const isRegexp = operator === '=~' || operator === '!~';
  let isEqual: (value: string) => boolean;
  if (isRegexp) {
    if (right.kind !== 'regexp') {
      throw statementFailed(`right side of '${operator}' must be a regular expression`);
    }
    isEqual = cachedSearch(right.pattern);
  } else {
    if (right.kind !== 'string') {
      throw statementFailed(`right side of '${operator}' must be a tag value string`);
    }
    isEqual = (value) => value === right.value;
  }
  const isWanted = operator === '=' || operator === '=~';
  if (left.name === '_name') return isEqual(name) === isWanted;
  const values = await index.tagValues(name, left.name);
  return values.length > 0 && values.some(isEqual) === isWanted;
}
