// Where the Prometheus that is asked differs from today's, whose language we speak. Every entry names the
// version and the item of its change log, and says exactly what differs: answers must be equal once that
// alone is put right. What no entry explains is a defect of ours.

import type { AggregateExpr, BinaryExpr, CallExpr, Expr } from '../../src/promql/language/ast.ts';
import { placeOf } from '../../src/promql/language/position.ts';
import {
  asShares,
  inOrder,
  inOrderOfLabels,
  uncounted,
  undetailed,
  unnamed,
  unpaired,
  withHistograms,
  withLateDivisor,
  withNaNsOf,
  withoutDurationFunctions,
  withoutNames,
  withoutOwnWarnings,
  withoutRemarks,
  withoutWarnings,
  withRemarks,
} from './answers.ts';
import { type ApiAnswer, areSame } from './compare.ts';
import type { Version } from './vocabulary.ts';

export interface KnownDifference {
  readonly name: string;
  /** The first version that does as we do; undefined: none will, for the reason in the name. */
  readonly until: Version | undefined;
}

/** A difference in what an answer says, which can be put right in the answers themselves. */
export interface AnswerDifference extends KnownDifference {
  /** Both answers as they would be if this were the same; `query` has been parsed. */
  readonly reconcile: (
    own: ApiAnswer,
    theirs: ApiAnswer,
    query: ParsedQuery,
  ) => readonly [own: ApiAnswer, theirs: ApiAnswer];
}

/**
 * A difference in what a part of a query gives, which may change the whole answer in any way. It counts as
 * explained if the part asked alone differs in just this way and the query is the same on both sides with
 * something else in the place of the part.
 */
export interface PartDifference extends KnownDifference {
  readonly isPart: (expr: Expr) => boolean;
  /** What stands in for a part of `query`; `textOf` gives what stands for nodes within it. */
  readonly standIn: (part: Expr, textOf: (expr: Expr) => string, query: ParsedQuery) => string;
  /** What to ask instead of the part alone. */
  readonly probe?: (part: Expr, text: string) => string;
  /** What to ask ourselves instead, to have it done in the old way. */
  readonly ownProbe?: (part: Expr, textOf: (expr: Expr) => string) => string;
  /** Whether answers to the part alone differ in just this way, or not at all. */
  readonly isExplained: (own: ApiAnswer, theirs: ApiAnswer) => boolean;
  /** Prometheus gives another answer every time. */
  readonly isByChance?: true;
  /** The parts need not differ visibly: operations above them may make much of little. */
  readonly isTooSmallToSee?: true;
}

export interface ParsedQuery {
  readonly text: string;
  /** undefined if we refuse the text. */
  readonly expr: Expr | undefined;
  /** All nodes. */
  readonly nodes: readonly Expr[];
}

export const ANSWER_DIFFERENCES: readonly AnswerDifference[] = [
  {
    name: '3.12 #18498: a warning where sort has no effect',
    until: '3.12',
    reconcile: (own, theirs) => [
      withoutWarnings(own, /^PromQL warning: sort is ineffective/),
      theirs,
    ],
  },
  {
    name: '3.7 #17051, #17094: a warning where counter resets conflict',
    until: '3.7',
    reconcile: (own, theirs) => [
      withoutWarnings(own, /^PromQL warning: conflicting counter resets during histogram/),
      theirs,
    ],
  },
  {
    name: '3.7 #17004: histograms are gauges once negated, subtracted, multiplied or divided',
    until: '3.7',
    reconcile: (own, theirs, { nodes }) =>
      nodes.some(makesGauges)
        ? [
            withoutOwnWarnings(
              own,
              /^PromQL warning: this native histogram .* not a counter/,
              theirs,
            ),
            withoutOwnWarnings(
              theirs,
              /^PromQL warning: this native histogram .* not a gauge/,
              own,
            ),
          ]
        : [own, theirs],
  },
  {
    name: '3.7 #16794: no metric names in remarks on buckets',
    until: '3.7',
    reconcile: (own, theirs) => [withRemarks(own, unnamed), withRemarks(theirs, unnamed)],
  },
  {
    name: '3.7 #16996: places of what is aggregated, if in parentheses',
    until: '3.7',
    reconcile: (own, theirs, query) => {
      const places = placesWithinParens(query);
      return [
        own,
        withRemarks(theirs, (remark) =>
          remark.replace(/\((\d+:\d+)\)$/, (_, place) => `(${places.get(place) ?? place})`),
        ),
      ];
    },
  },
  {
    name: '3.6 #16725: an error where a parameter is NaN or infinite',
    until: '3.6',
    reconcile: (own, theirs) => {
      const isOurs =
        /^(Parameter|Ratio) value is NaN$|^Scalar value [+-]Inf (ov|und)erflows int64$/;
      // Theirs may be an error of what comes later.
      const isTheirs = theirs.status === 'success' || theirs.errorType === 'execution';
      return isOurs.test(own.error ?? '') && isTheirs ? [own, own] : [own, theirs];
    },
  },
  {
    name: '3.7 #16896: a string in parentheses is no error',
    until: '3.7',
    reconcile: (own, theirs) =>
      own.data?.resultType === 'string' &&
      theirs.error ===
        'unexpected result in StepInvariantExpr evaluation: *parser.StepInvariantExpr'
        ? [own, own]
        : [own, theirs],
  },
  {
    name: '3.6 #16777, 3.12 #17877: step() and range() among what errors expect of a duration',
    until: '3.12',
    reconcile: (own, theirs) => [withoutDurationFunctions(own), withoutDurationFunctions(theirs)],
  },
  {
    name: '#18810, after 3.14: the order of the two series in errors about matching',
    until: '3.15',
    reconcile: (own, theirs) => [own, { ...theirs, ...inOrder(theirs.error) }],
  },
  {
    name: '#19403, after 3.14: a divisor of 0 in parentheses is found when it is computed',
    until: '3.15',
    reconcile: (own, theirs) => [own, withLateDivisor(own, theirs)],
  },
  {
    name: '3.10 #15578: how much had to be fixed for monotonicity',
    until: '3.10',
    reconcile: (own, theirs) => [withRemarks(own, undetailed), theirs],
  },
  {
    name: 'deliberate: monotonicity that was forced is counted once, not doubled at every step',
    until: undefined,
    reconcile: (own, theirs) => [withRemarks(own, uncounted), withRemarks(theirs, uncounted)],
  },
  {
    name: 'deliberate: limitk keeps the order of series, Prometheus has that of a heap',
    until: undefined,
    reconcile: (own, theirs, { nodes }) =>
      nodes.some((node) => node.kind === 'aggregate' && node.op === 'limitk')
        ? [unpaired(own), unpaired(theirs)]
        : [own, theirs],
  },
  {
    name: 'deliberate: an answer where Prometheus panics',
    until: undefined,
    reconcile: (own, theirs) =>
      own.status === 'success' && theirs.error?.startsWith('unexpected error: runtime error: ')
        ? [own, own]
        : [own, theirs],
  },
  {
    name: 'deliberate: a missing label comes first; Prometheus puts it before and after any other',
    until: undefined,
    reconcile: (own, theirs, { expr }) =>
      expr !== undefined && isSortedByMissing(own, innermost(expr))
        ? [inOrderOfLabels(own), inOrderOfLabels(theirs)]
        : [own, theirs],
  },
];

export const PART_DIFFERENCES: readonly PartDifference[] = [
  {
    name: '3.6 #16828: rates of histograms do not begin below zero',
    until: '3.6',
    isPart: (expr) => expr.kind === 'call' && (expr.func === 'rate' || expr.func === 'increase'),
    standIn: (part, textOf) => `delta(${part.kind === 'call' ? textOf(part.args[0]!) : ''})`,
    isExplained: (own, theirs) =>
      areSame(withHistograms(own, asShares), withHistograms(theirs, asShares)),
  },
  {
    name: '3.7 #17141: resets in buckets alone are not seen by who asks for count and sum only',
    until: '3.7',
    isPart: isStatistic,
    standIn: (part, textOf) =>
      `histogram_stddev(${isStatistic(part) ? textOf(part.args[0]!) : ''})`,
    // Nothing is trimmed away, but buckets are needed for that.
    ownProbe: (part, textOf) =>
      isStatistic(part) ? `${part.func}((${textOf(part.args[0]!)}) </ +Inf)` : '',
    isExplained: (own, theirs) => areSame(withoutRemarks(own), withoutRemarks(theirs)),
  },
  {
    name: '3.8 #17424: histogram_fraction whose lower bound is in the first bucket',
    until: '3.8',
    isPart: (expr) => expr.kind === 'call' && expr.func === 'histogram_fraction',
    standIn: (part, textOf) =>
      `histogram_quantile(0.5, ${part.kind === 'call' ? textOf(part.args[2]!) : ''})`,
    isExplained: (own, theirs) => areSame(withNaNsOf(own, theirs), theirs),
  },
  {
    name: '3.12 #18409: last_over_time of a subquery keeps no name that was to go',
    until: '3.12',
    isPart: isNewestOfSubquery,
    standIn: (part, textOf) =>
      `max_over_time(${isNewestOfSubquery(part) ? textOf(part.args[0]!) : ''})`,
    isExplained: (own, theirs) => areSame(own, withoutNames(theirs)),
  },
  {
    name: '3.9 #17668: an error where a comparison finds several, even if it then drops them',
    until: '3.9',
    isPart: (expr) =>
      expr.kind === 'binary' && isComparison(expr.op) && expr.matching !== undefined && !expr.bool,
    standIn: (part, textOf, query) =>
      part.kind === 'binary' ? withOperator(part, `${part.op} bool`, textOf, query) : '',
    isExplained: (own, theirs) =>
      areSame(own, theirs) ||
      (theirs.status === 'success' &&
        (own.error ?? '').startsWith('multiple matches for labels: ')),
  },
  {
    name: 'deliberate: the last digits of transcendental functions, where little else is left',
    until: undefined,
    isPart: isTranscendental,
    standIn: (part, textOf, query) => {
      if (part.kind === 'binary') return `(${withOperator(part, '-', textOf, query)})`;
      return part.kind === 'call' ? `-(${textOf(part.args[0]!)})` : '';
    },
    isExplained: areSame,
    isTooSmallToSee: true,
  },
  {
    name: 'chance: which of equal values topk takes, and which series limitk, from a vector without order',
    until: undefined,
    isPart: isSelection,
    standIn: (part, textOf) => (isSelection(part) ? `(${textOf(part.expr)})` : ''),
    probe: (part, text) => {
      if (!isSelection(part)) return text;
      const labels = part.grouping.map((label) => JSON.stringify(label)).join(', ');
      const grouping = `${part.without ? 'without' : 'by'} (${labels})`;
      return `${part.op === 'limitk' ? 'count' : 'sum'} ${grouping} (${text})`;
    },
    isExplained: areSame,
    isByChance: true,
  },
];

function isStatistic(expr: Expr): expr is CallExpr {
  return (
    expr.kind === 'call' &&
    ['histogram_count', 'histogram_sum', 'histogram_avg'].includes(expr.func)
  );
}

function isNewestOfSubquery(expr: Expr): expr is CallExpr {
  return (
    expr.kind === 'call' &&
    (expr.func === 'last_over_time' || expr.func === 'first_over_time') &&
    innermost(expr.args[0]!).kind === 'subquery'
  );
}

function isTranscendental(expr: Expr): boolean {
  if (expr.kind === 'binary') return expr.op === '^' || expr.op === 'atan2';
  return expr.kind === 'call' && TRANSCENDENTAL.has(expr.func);
}

const TRANSCENDENTAL: ReadonlySet<string> = new Set(
  'exp ln log2 log10 sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh'.split(' '),
);

function makesGauges(expr: Expr): boolean {
  if (expr.kind === 'unary') return expr.op === '-';
  return expr.kind === 'binary' && ['-', '*', '/'].includes(expr.op);
}

function isSelection(expr: Expr): expr is AggregateExpr {
  return expr.kind === 'aggregate' && ['topk', 'bottomk', 'limitk'].includes(expr.op);
}

function isComparison(op: string): boolean {
  return ['==', '!=', '<', '<=', '>', '>='].includes(op);
}

/** The same operation with another operator. */
function withOperator(
  { op, lhs, rhs }: BinaryExpr,
  other: string,
  textOf: (expr: Expr) => string,
  { text }: ParsedQuery,
): string {
  const between = text.slice(lhs.span.end, rhs.span.start);
  return textOf(lhs) + between.replace(op, other) + textOf(rhs);
}

/** Places of parentheses around what is aggregated or a parameter, with those of what is inside. */
function placesWithinParens({ text, nodes }: ParsedQuery): Map<string, string> {
  const places = new Map<string, string>();
  for (const node of nodes) {
    if (node.kind !== 'aggregate') continue;
    for (const operand of [node.expr, node.param]) {
      if (operand?.kind !== 'paren') continue;
      places.set(placeOf(text, operand.span.start), placeOf(text, innermost(operand).span.start));
    }
  }
  return places;
}

function innermost(expr: Expr): Expr {
  return expr.kind === 'paren' ? innermost(expr.expr) : expr;
}

function isSortedByMissing({ data }: ApiAnswer, expr: Expr): boolean {
  if (data?.resultType !== 'vector' || expr.kind !== 'call') return false;
  if (expr.func !== 'sort_by_label' && expr.func !== 'sort_by_label_desc') return false;
  const labels = expr.args.flatMap((arg) => (arg.kind === 'string' ? [arg.value] : []));
  return data.result.some(({ metric }) => labels.some((label) => metric[label] === undefined));
}
