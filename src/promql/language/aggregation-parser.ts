// Aggregations: `sum by (job) (up)`, `sum(up) by (job)`, `topk(5, up)`.

import type { AggregateExpr, AggregateOp, Expr } from './ast.ts';
import type { ParserOptions } from './features.ts';
import { parseGrouping } from './grouping-parser.ts';
import type { Token } from './token.ts';
import type { Place, TokenStream } from './token-stream.ts';

const AGGREGATION: Place = { context: 'aggregation', expected: '' };

const WITH_PARAMETER: ReadonlySet<string> = new Set<AggregateOp>([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

/** True for aggregators whose first argument is not what they aggregate. */
function hasParameter(op: AggregateOp): boolean {
  return WITH_PARAMETER.has(op);
}

/** Takes the rest of an aggregation whose name has been taken; `args` takes the argument list. */
export function parseAggregation(
  stream: TokenStream,
  name: Token,
  options: ParserOptions,
  args: () => Expr[],
): AggregateExpr {
  const op = name.kind as AggregateOp;
  return stream.within(AGGREGATION, () => {
    const before = parseClause(stream);
    const list = args();
    let { lastEnd: end } = stream;
    const clause = before ?? parseClause(stream);
    if (before === undefined && clause !== undefined) end = stream.lastEnd;
    const [expr, param] = splitArguments(stream, name, list, options);
    return {
      kind: 'aggregate',
      span: { start: name.start, end },
      op,
      expr,
      param,
      grouping: clause?.grouping ?? [],
      without: clause?.without ?? false,
    };
  });
}

interface Clause {
  readonly grouping: readonly string[];
  readonly without: boolean;
}

function parseClause(stream: TokenStream): Clause | undefined {
  const keyword = stream.accept('by') ?? stream.accept('without');
  if (keyword === undefined) return undefined;
  return { grouping: parseGrouping(stream), without: keyword.kind === 'without' };
}

function splitArguments(
  stream: TokenStream,
  { kind, start }: Token,
  args: readonly Expr[],
  options: ParserOptions,
): [expr: Expr, param: Expr | undefined] {
  const op = kind as AggregateOp;
  if (args.length === 0) {
    throw stream.error(start, 'no arguments for aggregate expression provided');
  }
  if ((op === 'limitk' || op === 'limit_ratio') && !options.experimentalFunctions) {
    throw stream.error(
      start,
      `${op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`,
    );
  }
  const expected = hasParameter(op) ? 2 : 1;
  if (args.length !== expected) {
    throw stream.error(
      start,
      `wrong number of arguments for aggregate expression provided, expected ${expected}, got ${args.length}`,
    );
  }
  return [args[expected - 1]!, expected === 2 ? args[0] : undefined];
}
