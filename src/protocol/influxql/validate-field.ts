// The fields of a SELECT: which functions there are, what they take, what goes together.

import type { Call, Expression, Field, Fill, IntegerLiteral } from './ast.ts';
import { isLiteral } from './ast.ts';
import { printDuration } from './duration.ts';
import { statementInvalid } from './errors.ts';
import { goTypeOf } from './go-type.ts';
import { isMathFunction, mathArgumentCount } from './math-functions.ts';
import { printExpression } from './print-expression.ts';

/** What the fields need to know of their statement. */
export interface FieldContext {
  readonly hasInterval: boolean;
  readonly isIntervalInherited: boolean;
  /** 0 for none. */
  readonly limit: number;
  readonly hasTarget: boolean;
}

/** Functions of one field that pick a point, and those that do not. */
const SELECTORS: ReadonlySet<string> = new Set(['max', 'min', 'first', 'last']);
const AGGREGATES: ReadonlySet<string> = new Set([
  'count',
  'sum',
  'mean',
  'median',
  'mode',
  'stddev',
  'spread',
]);

/** Moving averages and indicators: what they may have behind field and period. */
const INDICATORS: ReadonlyMap<
  string,
  { readonly warmups: readonly string[] | undefined; readonly leastHold: bigint }
> = new Map(
  Object.entries({
    exponential_moving_average: { warmups: ['exponential', 'simple'], leastHold: 0n },
    double_exponential_moving_average: { warmups: ['exponential', 'simple'], leastHold: 0n },
    triple_exponential_moving_average: { warmups: ['exponential', 'simple'], leastHold: 0n },
    relative_strength_index: { warmups: ['exponential', 'simple'], leastHold: 0n },
    triple_exponential_derivative: { warmups: ['exponential', 'simple'], leastHold: 1n },
    kaufmans_efficiency_ratio: { warmups: undefined, leastHold: 0n },
    kaufmans_adaptive_moving_average: { warmups: undefined, leastHold: 0n },
    chande_momentum_oscillator: { warmups: ['none', 'exponential', 'simple'], leastHold: 0n },
  }),
);

export class FieldChecker {
  readonly #context: FieldContext;
  readonly #fields: Field[] = [];
  readonly #calls: Call[] = [];
  #hasOnlySelectors = true;
  #hasPlainFields = false;
  #hasDistinct = false;
  #topOrBottom: 'top' | 'bottom' | undefined;
  #extraIntervals = 0;
  /** False within the operands of an operator, where wildcards cannot be spread out. */
  #isWildcardAllowed = true;

  constructor(context: FieldContext) {
    this.#context = context;
  }

  get fields(): readonly Field[] {
    return this.#fields;
  }

  get calls(): readonly Call[] {
    return this.#calls;
  }

  get hasOnlySelectors(): boolean {
    return this.#hasOnlySelectors;
  }

  get hasPlainFields(): boolean {
    return this.#hasPlainFields;
  }

  get topOrBottom(): 'top' | 'bottom' | undefined {
    return this.#topOrBottom;
  }

  get extraIntervals(): number {
    return this.#extraIntervals;
  }

  add(field: Field): void {
    this.#fields.push(field);
    this.#isWildcardAllowed = true;
    this.#check(field.expression);
  }

  /** Whether all fields go together. */
  finish(fill: Fill): void {
    if (this.#fields.length === 0) {
      throw statementInvalid('at least 1 non-time field must be queried');
    }
    const calls = this.#calls.length;
    if (calls > 1 && this.#topOrBottom !== undefined) throw this.#combinedTopOrBottom();
    if (calls === 0) {
      if (fill.kind === 'none' || fill.kind === 'linear') {
        throw statementInvalid(`fill(${fill.kind}) must be used with a function`);
      }
      if (this.#context.hasInterval && !this.#context.isIntervalInherited) {
        throw statementInvalid('GROUP BY requires at least one aggregate function');
      }
    }
    if (this.#hasDistinct && (calls !== 1 || this.#hasPlainFields)) {
      throw statementInvalid(
        'aggregate function distinct() cannot be combined with other functions or fields',
      );
    }
    if (!this.#hasPlainFields) return;
    if (!this.#hasOnlySelectors) {
      throw statementInvalid('mixing aggregate and non-aggregate queries is not supported');
    }
    if (calls > 1) {
      throw statementInvalid(
        'mixing multiple selector functions with tags or fields is not supported',
      );
    }
  }

  #check(expression: Expression): void {
    switch (expression.kind) {
      case 'reference':
        this.#hasPlainFields = true;
        return;
      case 'wildcard':
        this.#hasPlainFields = true;
        if (!this.#isWildcardAllowed) {
          throw statementInvalid('unable to use wildcard in a binary expression');
        }
        return;
      case 'regexp':
        if (!this.#isWildcardAllowed) {
          throw statementInvalid('unable to use regex in a binary expression');
        }
        this.#hasPlainFields = true;
        return;
      case 'call':
        this.#checkCall(expression);
        return;
      case 'distinct': {
        const call = distinctCall(expression.name);
        this.#calls.push(call);
        this.#checkDistinct(call.args, false);
        return;
      }
      case 'binary':
        this.#checkOperands(expression.left, expression.right);
        return;
      case 'parentheses':
        this.#check(expression.inner);
        return;
      default:
        throw statementInvalid('field must contain at least one variable');
    }
  }

  #checkOperands(left: Expression, right: Expression): void {
    this.#isWildcardAllowed = false;
    if (isLiteral(left) && isLiteral(right)) {
      throw statementInvalid('cannot perform a binary expression on two literals');
    }
    if (!isLiteral(left)) this.#check(left);
    if (!isLiteral(right)) this.#check(right);
  }

  #checkCall(call: Call): void {
    const { name, args } = call;
    if (isMathFunction(name)) {
      expectCount(name, args, mathArgumentCount(name));
      for (const arg of args) if (!isLiteral(arg)) this.#check(arg);
      return;
    }
    this.#calls.push(call);
    switch (name) {
      case 'percentile':
        expectCount(name, args, 2);
        if (args[1]!.kind !== 'integer' && args[1]!.kind !== 'number') {
          throw statementInvalid('expected float argument in percentile()');
        }
        this.#checkSymbol(name, args[0]!);
        return;
      case 'sample':
        this.#checkSample(args);
        return;
      case 'distinct':
        this.#checkDistinct(args, false);
        return;
      case 'top':
      case 'bottom':
        this.#checkTopOrBottom(name, args);
        return;
      case 'derivative':
      case 'non_negative_derivative':
      case 'elapsed':
        expectBetween(name, args, 1, 2);
        checkUnit(
          args[1],
          () => `second argument to ${name} must be a duration, got ${goTypeOf(args[1]!)}`,
        );
        this.#checkTransformation(name, args[0]!, 1n);
        return;
      case 'difference':
      case 'non_negative_difference':
      case 'cumulative_sum':
        expectCount(name, args, 1);
        this.#checkTransformation(name, args[0]!, 1n);
        return;
      case 'moving_average': {
        expectCount(name, args, 2);
        const window = args[1]!;
        if (window.kind !== 'integer') {
          throw statementInvalid(
            `second argument for moving_average must be an integer, got ${goTypeOf(window)}`,
          );
        }
        if (window.value <= 1n) {
          throw statementInvalid(
            `moving_average window must be greater than 1, got ${window.value}`,
          );
        }
        this.#checkTransformation(name, args[0]!, window.value);
        return;
      }
      case 'integral':
        expectBetween(name, args, 1, 2);
        checkUnit(args[1], () => 'second argument must be a duration');
        this.#hasOnlySelectors = false;
        this.#checkSymbol(name, args[0]!);
        return;
      case 'holt_winters':
      case 'holt_winters_with_fit':
        this.#checkHoltWinters(name, args);
        return;
      default:
        if (INDICATORS.has(name)) this.#checkIndicator(name, args);
        else this.#checkFunction(name, args);
    }
  }

  #checkFunction(name: string, args: readonly Expression[]): void {
    if (AGGREGATES.has(name)) this.#hasOnlySelectors = false;
    else if (!SELECTORS.has(name)) throw statementInvalid(`undefined function ${name}()`);
    expectCount(name, args, 1);
    const arg = args[0]!;
    if (name === 'count' && isDistinct(arg)) this.#checkDistinct(distinctArgs(arg), true);
    else this.#checkSymbol(name, arg);
  }

  #checkSample(args: readonly Expression[]): void {
    expectCount('sample', args, 2);
    const size = args[1]!;
    if (size.kind !== 'integer') {
      throw statementInvalid('expected integer argument in sample()');
    }
    if (size.value <= 0n) {
      throw statementInvalid(`sample window must be greater than 1, got ${size.value}`);
    }
    this.#checkSymbol('sample', args[0]!);
  }

  #checkIndicator(name: string, args: readonly Expression[]): void {
    const { warmups, leastHold } = INDICATORS.get(name)!;
    expectBetween(name, args, 2, warmups === undefined ? 3 : 4);
    const [arg, period, hold, warmup] = args;
    if (period?.kind !== 'integer') throw statementInvalid(`${name} period must be an integer`);
    if (period.value < 1n) {
      throw statementInvalid(`${name} period must be greater than or equal to 1`);
    }
    if (hold !== undefined) {
      if (hold.kind !== 'integer') {
        throw statementInvalid(`${name} hold period must be an integer`);
      }
      // -1 stands for the default.
      if (hold.value < leastHold && hold.value !== -1n) {
        throw statementInvalid(`${name} hold period must be greater than or equal to ${leastHold}`);
      }
    }
    if (warmup !== undefined && warmups !== undefined) {
      if (warmup.kind !== 'string') throw statementInvalid(`${name} warmup type must be a string`);
      if (!warmups.includes(warmup.value)) {
        const choice = warmups.map((one) => `'${one}'`).join(' ');
        throw statementInvalid(`${name} warmup type must be one of: ${choice}`);
      }
    }
    this.#checkTransformation(name, arg!, period.value, false);
  }

  /** A function of successive values: of a field, or, with an interval, of another function. */
  #checkTransformation(
    name: string,
    arg: Expression,
    extraIntervals: bigint,
    canBeDistinct = true,
  ): void {
    this.#hasOnlySelectors = false;
    this.#extraIntervals = Math.max(this.#extraIntervals, Number(extraIntervals));
    const { hasInterval, isIntervalInherited } = this.#context;
    if (arg.kind === 'call') {
      if (!hasInterval) {
        throw statementInvalid(`${name} aggregate requires a GROUP BY interval`);
      }
      this.#checkNested(arg, canBeDistinct);
      return;
    }
    if (hasInterval && !isIntervalInherited) {
      throw statementInvalid(`aggregate function required inside the call to ${name}`);
    }
    this.#checkSymbol(name, arg);
  }

  #checkHoltWinters(name: string, args: readonly Expression[]): void {
    expectCount(name, args, 3);
    const [arg, count, season] = args as readonly [Expression, Expression, Expression];
    if (count.kind !== 'integer') {
      throw statementInvalid(`expected integer argument as second arg in ${name}`);
    }
    if (count.value <= 0n) {
      throw statementInvalid(`second arg to ${name} must be greater than 0, got ${count.value}`);
    }
    if (season.kind !== 'integer') {
      throw statementInvalid(`expected integer argument as third arg in ${name}`);
    }
    if (season.value < 0n) {
      throw statementInvalid(`third arg to ${name} cannot be negative, got ${season.value}`);
    }
    this.#hasOnlySelectors = false;
    if (arg.kind !== 'call') throw statementInvalid(`must use aggregate function with ${name}`);
    if (!this.#context.hasInterval) {
      throw statementInvalid(`${name} aggregate requires a GROUP BY interval`);
    }
    this.#checkNested(arg, true);
  }

  #checkNested(call: Call, canBeDistinct: boolean): void {
    if (canBeDistinct && call.name === 'distinct') this.#checkDistinct(call.args, true);
    else this.#check(call);
  }

  #checkDistinct(args: readonly Expression[], isNested: boolean): void {
    if (args.length === 0) {
      throw statementInvalid('distinct function requires at least one argument');
    }
    if (args.length > 1) throw statementInvalid('distinct function can only have one argument');
    if (args[0]!.kind !== 'reference') {
      throw statementInvalid('expected field argument in distinct()');
    }
    if (!isNested) this.#hasDistinct = true;
    this.#hasOnlySelectors = false;
  }

  #checkTopOrBottom(name: 'top' | 'bottom', args: readonly Expression[]): void {
    if (this.#topOrBottom !== undefined) throw this.#combinedTopOrBottom();
    if (args.length < 2) {
      throw statementInvalid(
        `invalid number of arguments for ${name}, expected at least 2, got ${args.length}`,
      );
    }
    checkTopLimit(name, args.at(-1)!, this.#context.limit);
    if (args[0]!.kind !== 'reference') {
      throw statementInvalid(
        `expected first argument to be a field in ${name}(), found ${printExpression(args[0]!)}`,
      );
    }
    for (const tag of args.slice(1, -1)) {
      if (tag.kind !== 'reference') {
        throw statementInvalid(
          `only fields or tags are allowed in ${name}(), found ${printExpression(tag)}`,
        );
      }
      // They become columns, too.
      if (this.#context.hasTarget) continue;
      this.#fields.push({ expression: tag, alias: '' });
      this.#hasPlainFields = true;
    }
    this.#topOrBottom = name;
  }

  /** A field, or many by a wildcard. */
  #checkSymbol(name: string, arg: Expression): void {
    if (arg.kind === 'reference') return;
    if (arg.kind !== 'wildcard' && arg.kind !== 'regexp') {
      throw statementInvalid(`expected field argument in ${name}()`);
    }
    if (!this.#isWildcardAllowed) {
      const what = arg.kind === 'wildcard' ? 'wildcard' : 'regex field';
      throw statementInvalid(`unsupported expression with ${what}: ${name}()`);
    }
    this.#hasOnlySelectors = false;
  }

  #combinedTopOrBottom(): Error {
    return statementInvalid(
      `selector function ${this.#topOrBottom}() cannot be combined with other functions`,
    );
  }
}

function checkTopLimit(
  name: string,
  arg: Expression,
  statementLimit: number,
): asserts arg is IntegerLiteral {
  if (arg.kind !== 'integer') {
    throw statementInvalid(
      `expected integer as last argument in ${name}(), found ${printExpression(arg)}`,
    );
  }
  if (arg.value <= 0n) {
    throw statementInvalid(`limit (${arg.value}) in ${name} function must be at least 1`);
  }
  if (statementLimit > 0 && arg.value > BigInt(statementLimit)) {
    throw statementInvalid(
      `limit (${arg.value}) in ${name} function can not be larger than the LIMIT (${statementLimit}) in the select statement`,
    );
  }
}

/** A unit of time behind the field, if there is one. */
function checkUnit(unit: Expression | undefined, message: () => string): void {
  if (unit === undefined) return;
  if (unit.kind !== 'duration') throw statementInvalid(message());
  if (unit.ns <= 0n) {
    throw statementInvalid(`duration argument must be positive, got ${printDuration(unit.ns)}`);
  }
}

function isDistinct(expression: Expression): boolean {
  return (
    expression.kind === 'distinct' || (expression.kind === 'call' && expression.name === 'distinct')
  );
}

function distinctArgs(expression: Expression): readonly Expression[] {
  if (expression.kind === 'distinct') return distinctCall(expression.name).args;
  return expression.kind === 'call' ? expression.args : [];
}

/** `DISTINCT name` means `distinct(name)`. */
function distinctCall(name: string): Call {
  return { kind: 'call', name: 'distinct', args: [{ kind: 'reference', name, type: undefined }] };
}

function expectCount(name: string, args: readonly Expression[], count: number): void {
  if (args.length !== count) {
    throw statementInvalid(
      `invalid number of arguments for ${name}, expected ${count}, got ${args.length}`,
    );
  }
}

function expectBetween(
  name: string,
  args: readonly Expression[],
  least: number,
  most: number,
): void {
  if (args.length < least || args.length > most) {
    throw statementInvalid(
      `invalid number of arguments for ${name}, expected at least ${least} but no more than ${most}, got ${args.length}`,
    );
  }
}
