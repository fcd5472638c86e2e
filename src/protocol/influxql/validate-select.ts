// Whether a SELECT makes sense, before any data is looked at, and what it comes down to: the time range,
// the interval, the calls. Messages and their order are InfluxDB's.

import type { Call, Expression, Field, Fill, Measurement, SelectStatement } from './ast.ts';
import {
  intersect,
  MAX_TIME_NS,
  MIN_TIME_NS,
  splitCondition,
  type TimeRange,
} from './condition.ts';
import { statementInvalid } from './errors.ts';
import { evaluateMath, isMathFunction } from './math-functions.ts';
import { printExpression } from './print-expression.ts';
import { reduceExpression } from './reduce.ts';
import { checkDimensions, type GroupByTime } from './validate-dimensions.ts';
import { FieldChecker } from './validate-field.ts';

/** A SELECT that makes sense. */
export interface CheckedSelect {
  /** As written. */
  readonly statement: SelectStatement;
  /** Measurements and checked subqueries, in the order of FROM. */
  readonly sources: readonly (Measurement | CheckedSubquery)[];
  /** WHERE without what it says of time. */
  readonly condition: Expression | undefined;
  /** Both ends inclusive. With an interval it ends now unless the statement says otherwise. */
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly groupByTime: GroupByTime | undefined;
  /** The interval is that of the query around this one, which has none of its own. */
  readonly isIntervalInherited: boolean;
  /** GROUP BY with constants computed, `time(…)` included. */
  readonly dimensions: readonly Expression[];
  readonly fill: Fill;
  readonly isAscending: boolean;
  /** Without `time`, constants computed, with the tags that `top` and `bottom` name. */
  readonly fields: readonly Field[];
  /** All but the functions of single values, outer ones before the inner. */
  readonly calls: readonly Call[];
  /** No call aggregates; each picks points. */
  readonly hasOnlySelectors: boolean;
  /** A field or tag by itself, or a wildcard. */
  readonly hasPlainFields: boolean;
  readonly topOrBottom: 'top' | 'bottom' | undefined;
  /** How many intervals before the first one functions such as `derivative` need. */
  readonly extraIntervals: number;
  /** What the column of times is called. */
  readonly timeColumn: string;
}

export interface CheckedSubquery {
  readonly kind: 'subquery';
  readonly select: CheckedSelect;
}

/** `nowNs` is what `now()` means. Throws INFLUXQL_INVALID. */
export function validateSelect(statement: SelectStatement, nowNs: bigint): CheckedSelect {
  const checked = new Checker(statement, nowNs).check();
  // What is left after computing may be no condition any more: `WHERE 'x' + 'y'`.
  splitCondition(checked.condition, nowNs, statement.timeZone);
  return checked;
}

class Checker {
  readonly #statement: SelectStatement;
  readonly #nowNs: bigint;

  constructor(statement: SelectStatement, nowNs: bigint) {
    this.#statement = statement;
    this.#nowNs = nowNs;
  }

  check(around?: CheckedSelect): CheckedSelect {
    const statement = this.#statement;
    const { timeZone } = statement;
    const split = splitCondition(statement.condition, this.#nowNs, timeZone);
    checkCondition(split.condition);
    const { groupByTime, dimensions } = checkDimensions(
      statement.dimensions,
      this.#nowNs,
      timeZone,
    );
    const isAscending = statement.sortFields[0]?.isAscending ?? true;
    if (around !== undefined && statement.sortFields.length > 0) {
      if (isAscending !== around.isAscending) {
        throw statementInvalid(
          'subqueries must be ordered in the same direction as the query itself',
        );
      }
    }
    const isIntervalInherited = groupByTime === undefined && around?.groupByTime !== undefined;
    const interval = groupByTime ?? around?.groupByTime;
    const range = this.#timeRange(split.timeRange, groupByTime !== undefined, around);
    const checker = new FieldChecker({
      hasInterval: interval !== undefined,
      isIntervalInherited,
      limit: statement.limit,
      hasTarget: statement.target !== undefined,
    });
    let timeColumn = 'time';
    for (const field of statement.fields) {
      const { expression, alias } = field;
      if (expression.kind === 'reference' && expression.name === 'time') {
        if (alias !== '') timeColumn = alias;
      } else {
        checker.add({
          expression: reduceExpression(expression, { evaluateCall: evaluateMath }),
          alias,
        });
      }
    }
    const fill = fillOf(statement.fill, around !== undefined && groupByTime !== undefined);
    checker.finish(fill);
    const checked: Omit<CheckedSelect, 'sources'> = {
      statement,
      condition: split.condition,
      ...range,
      groupByTime: interval,
      isIntervalInherited,
      dimensions,
      fill,
      isAscending: around?.isAscending ?? isAscending,
      fields: checker.fields,
      calls: checker.calls,
      hasOnlySelectors: checker.hasOnlySelectors,
      hasPlainFields: checker.hasPlainFields,
      topOrBottom: checker.topOrBottom,
      extraIntervals: checker.extraIntervals,
      timeColumn,
    };
    return { ...checked, sources: this.#sources({ ...checked, sources: [] }) };
  }

  #sources(around: CheckedSelect): (Measurement | CheckedSubquery)[] {
    return this.#statement.sources.map((source) =>
      source.kind === 'measurement'
        ? source
        : {
            kind: 'subquery',
            select: new Checker(source.statement, this.#nowNs).check(around),
          },
    );
  }

  /** What the statement says, within what the query around it says. */
  #timeRange(
    said: TimeRange,
    hasOwnInterval: boolean,
    around: CheckedSelect | undefined,
  ): { minNs: bigint; maxNs: bigint } {
    const own: TimeRange = {
      minNs: said.minNs ?? MIN_TIME_NS,
      maxNs: said.maxNs ?? (hasOwnInterval ? this.#nowNs : MAX_TIME_NS),
    };
    const range = around === undefined ? own : intersect(own, around);
    return { minNs: range.minNs!, maxNs: range.maxNs! };
  }
}

/** In a subquery empty intervals would only be made to be ignored. */
function fillOf(fill: Fill, isSubqueryWithInterval: boolean): Fill {
  return isSubqueryWithInterval && fill.kind === 'null' ? { kind: 'none' } : fill;
}

/** No aggregates in WHERE. */
function checkCondition(condition: Expression | undefined): void {
  if (condition === undefined) return;
  if (condition.kind === 'binary') {
    checkCondition(condition.left);
    checkCondition(condition.right);
  } else if (condition.kind === 'call') {
    const { name, args } = condition;
    if (!isMathFunction(name)) {
      throw statementInvalid(`invalid function call in condition: ${printExpression(condition)}`);
    }
    // Here InfluxDB takes `log` with one argument, unlike in a field.
    const expected = name === 'atan2' || name === 'pow' ? 2 : 1;
    if (args.length !== expected) {
      throw statementInvalid(
        `invalid number of arguments for ${name}, expected ${expected}, got ${args.length}`,
      );
    }
    for (const arg of args) checkCondition(arg);
  }
}
