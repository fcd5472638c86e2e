// Rows of a subquery as points of the query around it.

import type { Expression } from '../../protocol/influxql/index.ts';
import { nameOf } from './column-names.ts';
import { castTo, compileExpression, type SlotLookup } from './evaluate.ts';
import type { Level, Row, RowStream } from './level.ts';
import { nestedOptions, type Ref } from './options.ts';
import { PAUSE, type Points, type Scalar, subsetOf, tagOf } from './point.ts';
import type { PreparedSelect } from './prepare.ts';
import { references } from './references.ts';
import type { DataType } from './types.ts';

type ReadValue = (row: Row) => Scalar | undefined;

/** Undefined if the subquery has nothing that is called as `driver` is. */
export async function subqueryPoints(
  level: Level,
  subquery: PreparedSelect,
  driver: Ref | undefined,
): Promise<Points | undefined> {
  const { options } = level;
  const readDriver = driver === undefined ? undefined : readerOf(subquery, driver);
  if (driver !== undefined && readDriver === undefined) return undefined;
  const aux = options.aux.map((ref) => readerOf(subquery, ref) ?? (() => undefined));
  const { select, condition, dimensions } = subquery;
  const inner = nestedOptions(select, condition, dimensions, options);
  const stream = await level.evaluate({ ...level, prepared: subquery, options: inner });
  const accepts = filterOf(options.condition, subquery, stream);
  return toPoints(stream, accepts, readDriver, aux, options.groupBy);
}

function* toPoints(
  { rows }: RowStream,
  accepts: (row: Row) => boolean,
  readDriver: ReadValue | undefined,
  aux: readonly ReadValue[],
  groupBy: readonly string[],
): Points {
  for (const row of rows) {
    if (row === undefined) {
      yield PAUSE;
      continue;
    }
    if (!accepts(row)) continue;
    yield {
      name: row.name,
      tags: subsetOf(row.tags, groupBy),
      time: row.time,
      value: readDriver?.(row),
      aux: aux.map((read) => read(row)),
    };
  }
}

/** A column by the name of its field, or a tag that is grouped by. */
function readerOf({ fields, dimensions }: PreparedSelect, ref: Ref): ReadValue | undefined {
  const column = fields.findIndex((field) => nameOf(field) === ref.name);
  if (column >= 0) return (row) => converted(row.values[column], ref.type);
  if (dimensions.includes(ref.name)) return (row) => tagOf(row.tags, ref.name);
  return undefined;
}

function converted(value: Scalar | undefined, type: DataType): Scalar | undefined {
  return castTo(value, type) ?? value;
}

/** WHERE of the query around, over columns of the subquery. */
function filterOf(
  condition: Expression | undefined,
  { columns }: PreparedSelect,
  { types }: RowStream,
): (row: Row) => boolean {
  if (condition === undefined) return () => true;
  const names = [...new Set(references(condition).names.map(({ name }) => name))];
  const readers = names.map((name): ReadValue => {
    const column = columns.indexOf(name, 1) - 1;
    return column >= 0 ? (row) => row.values[column] : (row) => tagOf(row.tags, name);
  });
  const lookup: SlotLookup = (expression) => {
    if (expression.kind !== 'reference') return undefined;
    const slot = names.indexOf(expression.name);
    const column = columns.indexOf(expression.name, 1) - 1;
    return { slot, type: column >= 0 ? types[column]! : 'string' };
  };
  const evaluator = compileExpression(condition, lookup, { dividesToFloat: false });
  return (row) => evaluator.evaluate(readers.map((read) => read(row))) === true;
}
