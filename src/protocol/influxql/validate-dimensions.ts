// GROUP BY: tags, and at most one `time(interval[, offset])`.

import type { Expression } from './ast.ts';
import { statementInvalid } from './errors.ts';
import { reduceExpression } from './reduce.ts';
import { looksLikeTime, parseTime } from './time-literal.ts';

export interface GroupByTime {
  readonly intervalNs: bigint;
  /** Within the interval; where intervals begin, from 1970. May be negative. */
  readonly offsetNs: bigint;
}

/** The dimensions with constants computed. Throws INFLUXQL_INVALID. */
export function checkDimensions(
  dimensions: readonly Expression[],
  nowNs: bigint,
  timeZone: string | undefined,
): { readonly groupByTime: GroupByTime | undefined; readonly dimensions: readonly Expression[] } {
  let groupByTime: GroupByTime | undefined;
  const reduced = dimensions.map((dimension) => reduceExpression(dimension));
  for (const dimension of reduced) {
    switch (dimension.kind) {
      case 'reference':
        if (dimension.name.toLowerCase() !== 'time') break;
        throw statementInvalid('time() is a function and expects at least one argument');
      case 'call': {
        if (dimension.name !== 'time') {
          throw statementInvalid('only time() calls allowed in dimensions');
        }
        const [interval, offset] = dimension.args;
        if (dimension.args.length < 1 || dimension.args.length > 2) {
          throw statementInvalid('time dimension expected 1 or 2 arguments');
        }
        if (interval?.kind !== 'duration') {
          throw statementInvalid('time dimension must have duration argument');
        }
        if (groupByTime !== undefined) {
          throw statementInvalid('multiple time dimensions not allowed');
        }
        groupByTime = groupByTimeOf(interval.ns, offset, nowNs, timeZone);
        break;
      }
      case 'wildcard':
      case 'regexp':
        break;
      default:
        throw statementInvalid('only time and tag dimensions allowed');
    }
  }
  return { groupByTime, dimensions: reduced };
}

/** An interval of 0 is none. Nor is a negative one, as far as InfluxDB's answers go. */
function groupByTimeOf(
  intervalNs: bigint,
  offset: Expression | undefined,
  nowNs: bigint,
  timeZone: string | undefined,
): GroupByTime | undefined {
  const rest = offset === undefined ? 0n : offsetOf(offset, nowNs, timeZone);
  return intervalNs <= 0n ? undefined : { intervalNs, offsetNs: rest % intervalNs };
}

function offsetOf(offset: Expression, nowNs: bigint, timeZone: string | undefined): bigint {
  switch (offset.kind) {
    case 'duration':
    case 'time':
      return offset.ns;
    case 'call':
      if (offset.name !== 'now') {
        throw statementInvalid('time dimension offset function must be now()');
      }
      if (offset.args.length > 0) {
        throw statementInvalid('time dimension offset now() function requires no arguments');
      }
      return nowNs;
    case 'string': {
      if (!looksLikeTime(offset.value)) break;
      const ns = parseTime(offset.value, timeZone);
      if (ns === undefined) throw statementInvalid('invalid timestamp string');
      return ns;
    }
  }
  throw statementInvalid('time dimension offset must be duration or now()');
}
