// Runs a parsed test file against the engine. Instant evaluations are run again in the forms that
// Prometheus' own harness uses: with every selector pinned by `@` at other times, and as the middle
// step of a range query.

import { printLabels } from '../../src/model/labels.ts';
import type { Annotation } from '../../src/promql/annotations.ts';
import { Engine } from '../../src/promql/eval/engine.ts';
import type { QueryResult } from '../../src/promql/eval/interface.ts';
import type { Expr } from '../../src/promql/language/ast.ts';
import { LANGUAGE_FEATURES, parserOptions } from '../../src/promql/language/features.ts';
import { parseExpr } from '../../src/promql/language/parser.ts';
import { placeOf } from '../../src/promql/language/position.ts';
import { printExpr } from '../../src/promql/language/printer.ts';
import { childrenOf, mapChildren } from '../../src/promql/language/walk.ts';
import { errorMessage } from '../../src/runtime/error.ts';
import { atTime, differenceOf, type Result, resultOf } from './compare.ts';
import type { Command, EvalCommand, Expected, RangeTimes, TextPattern } from './parse-file.ts';
import { TestStore } from './store.ts';

/** The settings of Prometheus' own test engine. */
const ENGINE = new Engine({
  lookbackMs: 300_000,
  defaultSubqueryStepMs: 60_000,
  maxSamples: 10_000,
  perStepStats: false,
  delayedNameRemoval: true,
  useStartTimestamps: true,
  typeAndUnitLabels: false,
});

const PARSER = parserOptions(LANGUAGE_FEATURES);

/** One `eval` that has been run. */
export interface Outcome {
  readonly line: number;
  readonly query: string;
  /** What is wrong; undefined if it passed. */
  readonly problem: string | undefined;
}

/** Runs all commands in order. Throws if samples cannot be loaded. */
export async function runFile(commands: readonly Command[]): Promise<Outcome[]> {
  let store = new TestStore();
  const outcomes: Outcome[] = [];
  for (const command of commands) {
    if (command.kind === 'clear') store = new TestStore();
    else if (command.kind === 'load') store.load(command);
    else {
      const { line, query } = command;
      outcomes.push({ line, query, problem: await problemOf(command, store) });
    }
  }
  return outcomes;
}

async function problemOf(command: EvalCommand, store: TestStore): Promise<string | undefined> {
  try {
    return await new Evaluation(command, store).run();
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** When to evaluate; `stepMs` undefined: an instant query. */
interface Times {
  readonly startT: number;
  readonly endT: number;
  readonly stepMs: number | undefined;
}

class Evaluation {
  readonly #command: EvalCommand;
  readonly #expected: Expected;
  readonly #store: TestStore;

  constructor(command: EvalCommand, store: TestStore) {
    this.#command = command;
    this.#expected = command.expected;
    this.#store = store;
  }

  async run(): Promise<string | undefined> {
    const { query, times } = this.#command;
    if (times.kind === 'range') return this.#runRange(query, times);
    const { t } = times;
    const problem = await this.#runInstant(query, this.#expected.points?.endT ?? t);
    if (problem !== undefined) return problem;
    const pinned = pinnedQuery(query, this.#expected.points?.endT ?? t);
    if (pinned === undefined) return undefined;
    for (const otherT of otherTimes(this.#expected.points?.endT ?? t)) {
      const again = await this.#runInstant(pinned, otherT);
      if (again !== undefined) return `${pinned} at ${otherT}: ${again}`;
    }
    return undefined;
  }

  async #runRange(query: string, times: RangeTimes): Promise<string | undefined> {
    return this.#check(query, times, (result) => differenceOf(result, this.#expected, times));
  }

  async #runInstant(query: string, t: number): Promise<string | undefined> {
    let isScalar = false;
    const problem = await this.#check(
      query,
      { startT: t, endT: t, stepMs: undefined },
      (result) => {
        isScalar = result.kind === 'scalar';
        return differenceOf(result, this.#expected, this.#expected.points);
      },
    );
    if (problem !== undefined || this.#expected.fail !== undefined) return problem;
    const asRange = await this.#runMiddleStep(query, t, isScalar);
    return asRange === undefined ? undefined : `as a range query: ${asRange}`;
  }

  /** The same query from a minute before to a minute after, which must agree at `t`. */
  async #runMiddleStep(query: string, t: number, isScalar: boolean): Promise<string | undefined> {
    const { ordered, text, points } = this.#expected;
    if (text !== undefined || points !== undefined) return undefined;
    if (/(?:start|end|range|step)\(\)/.test(query)) return undefined;
    const range = { startT: t - 60_000, endT: t + 60_000, stepMs: 60_000 };
    const matrix = resultOf((await this.#evaluate(query, range)).value);
    if (ordered) return undefined;
    const middle = atTime(matrix, t);
    if (!isScalar) return differenceOf(middle, this.#expected, undefined);
    return differenceOf(scalarOf(middle), this.#expected, undefined);
  }

  async #check(
    query: string,
    times: Times,
    difference: (result: Result) => string | undefined,
  ): Promise<string | undefined> {
    let result: QueryResult;
    try {
      result = await this.#evaluate(query, times);
    } catch (error) {
      return this.#failureProblem(error);
    }
    if (this.#expected.fail !== undefined) return 'did not fail';
    return this.#annotationProblem(query, result.annotations) ?? difference(resultOf(result.value));
  }

  #evaluate(query: string, times: Times): Promise<QueryResult> {
    const { startT, endT, stepMs } = times;
    const expr = parseExpr(query, PARSER);
    return ENGINE.evaluate({ expr, query, startT, endT, stepMs }, this.#store);
  }

  #failureProblem(error: unknown): string | undefined {
    const { fail } = this.#expected;
    const message = errorMessage(error);
    if (fail?.matches(message) === true) return undefined;
    if (fail !== undefined) return `failed with ${message} instead of ${fail.source}`;
    return `failed: ${error instanceof Error ? (error.stack ?? message) : message}`;
  }

  #annotationProblem(query: string, annotations: readonly Annotation[]): string | undefined {
    const { warn, info, noWarn, noInfo } = this.#expected;
    const printed = (kind: Annotation['kind']): string[] =>
      annotations
        .filter((annotation) => annotation.kind === kind)
        .map(({ text, position }) => `PromQL ${kind}: ${text} (${placeOf(query, position)})`);
    return (
      remarkProblem('warning', printed('warning'), warn, noWarn) ??
      remarkProblem('info', printed('info'), info, noInfo)
    );
  }
}

function remarkProblem(
  kind: string,
  actual: readonly string[],
  expected: readonly TextPattern[],
  none: boolean,
): string | undefined {
  if (none && actual.length > 0) return `unexpected ${kind}: ${actual.join('; ')}`;
  if (expected.length === 0) return undefined;
  if (actual.length === 0) return `no ${kind}`;
  const missing = expected.find((pattern) => !actual.some((text) => pattern.matches(text)));
  if (missing !== undefined) {
    return `no ${kind} matches ${missing.source}; there are: ${actual.join('; ')}`;
  }
  const odd = actual.find((text) => !expected.some((pattern) => pattern.matches(text)));
  return odd === undefined ? undefined : `unexpected ${kind}: ${odd}`;
}

function scalarOf(vector: Result): Result {
  if (vector.kind !== 'vector' || vector.series.length !== 1) {
    throw new Error(`a scalar became ${vector.kind} ${JSON.stringify(vector)}`);
  }
  const { labels, points } = vector.series[0]!;
  const value = points[0]?.value;
  if (value?.kind !== 'float') throw new Error(`a scalar became ${printLabels(labels)}`);
  return { kind: 'scalar', value: value.value };
}

function otherTimes(t: number): number[] {
  if (t === 0) return [-1000, 0, 1000];
  return [-10 * t, 0, Math.trunc(t / 5), t, 10 * t];
}

/** Functions whose value depends on the evaluation time even if their arguments do not. */
const TIME_DEPENDENT: ReadonlySet<string> = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'end',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'range',
  'start',
  'step',
  'time',
  'timestamp',
]);

/** The query with `@ t` where no time is fixed yet; undefined if that would not fix its value. */
function pinnedQuery(query: string, t: number): string | undefined {
  const expr = parseExpr(query, PARSER);
  return isTimeDependent(expr) ? undefined : printExpr(pin(expr, t));
}

function isTimeDependent(expr: Expr): boolean {
  // What is inside a subquery sees the times of the subquery.
  if (expr.kind === 'subquery') return false;
  if (expr.kind === 'call' && TIME_DEPENDENT.has(expr.func)) return true;
  return childrenOf(expr).some(isTimeDependent);
}

function pin(expr: Expr, t: number): Expr {
  if (expr.kind === 'vectorSelector') return { ...expr, atT: expr.atT ?? t };
  // What is inside has its times from the subquery.
  if (expr.kind === 'subquery') return { ...expr, atT: expr.atT ?? t };
  return mapChildren(expr, (child) => pin(child, t));
}
