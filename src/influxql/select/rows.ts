// Rows of an answer, or of a subquery: values of several streams that belong to one time, put into columns.

import { compareStrings } from '../../model/labels.ts';
import {
  type Call,
  type Expression,
  isMathFunction,
  printExpression,
} from '../../protocol/influxql/index.ts';
import { callPoints, referencePoints } from './calls.ts';
import { castTo, compileExpression, type Evaluator } from './evaluate.ts';
import type { Level, RowStream, Rows } from './level.ts';
import { firstOf } from './merge.ts';
import { changed, type Default, defaultOf, type Ref } from './options.ts';
import { compareIds, type GroupTags, type Point, type Points, type Scalar } from './point.ts';
import { limitStage } from './stages.ts';
import { compareTimes } from './time.ts';
import { type DataType, typeOf } from './types.ts';

/** Functions that pick points. */
const SELECTORS: ReadonlySet<string> = new Set([
  'first',
  'last',
  'min',
  'max',
  'percentile',
  'sample',
  'top',
  'bottom',
]);

interface Symbols {
  readonly calls: ReadonlyMap<string, Call>;
  readonly refs: ReadonlyMap<string, Ref>;
}

export async function selectRows(level: Level): Promise<RowStream> {
  const { prepared, options } = level;
  const symbols = symbolsOf(prepared.fields.map(({ expression }) => expression));
  const refs = [...symbols.refs].sort(([, a], [, b]) => compareStrings(a.name, b.name));
  const calls = [...symbols.calls];
  const slots = new Map<string, { readonly slot: number; readonly type: DataType }>();
  for (const [key, { type }] of refs) slots.set(key, { slot: slots.size, type });
  for (const [key, call] of calls) {
    slots.set(key, { slot: slots.size, type: typeOf(call, prepared.lookup) });
  }
  const evaluators = prepared.fields.map(({ expression }) =>
    compileExpression(expression, (one) => slots.get(keyOf(one)), { dividesToFloat: true }),
  );
  const types = evaluators.map(({ type }) => type);
  const withAux = { ...level, options: changed(options, { aux: refs.map(([, ref]) => ref) }) };
  const aux = refs.map(([key]) => slots.get(key)!);
  const isSelector = calls.length === 1 && SELECTORS.has(calls[0]![1].name);
  const scanners: Scanner[] = [];
  if (calls.length === 0) {
    if (refs.some(([, { type }]) => type !== 'unknown')) {
      const points = await referencePoints(withAux, undefined);
      scanners.push(new Scanner(limited(points, level), undefined, aux));
    }
  } else {
    for (const [key, call] of calls) {
      const slot = slots.get(key)!;
      if (slot.type === 'unknown') continue;
      const points = await callPoints(withAux, call, isSelector);
      scanners.push(new Scanner(limited(points, level), slot, aux));
    }
  }
  const fallback = defaultOf(options.fill);
  return {
    rows: scanRows(scanners, slots.size, evaluators, fallback, options.isAscending),
    types,
  };
}

function limited(points: Points, { options }: Level): Points {
  return options.limit > 0 || options.offset > 0 ? limitStage(points, options) : points;
}

function keyOf(expression: Expression): string {
  return printExpression(expression);
}

/** Functions and names that have to be read, each once. */
function symbolsOf(expressions: readonly Expression[]): Symbols {
  const calls = new Map<string, Call>();
  const refs = new Map<string, Ref>();
  const visit = (expression: Expression): void => {
    switch (expression.kind) {
      case 'reference':
        refs.set(keyOf(expression), { name: expression.name, type: expression.type ?? 'unknown' });
        return;
      case 'call':
        if (isMathFunction(expression.name)) expression.args.forEach(visit);
        else calls.set(keyOf(expression), expression);
        return;
      case 'parentheses':
        visit(expression.inner);
        return;
      case 'binary':
        visit(expression.left);
        visit(expression.right);
        return;
      default:
    }
  };
  expressions.forEach(visit);
  return { calls, refs };
}

interface Slot {
  readonly slot: number;
  readonly type: DataType;
}

/** One stream and the columns that it fills. */
class Scanner {
  head: Point | undefined;
  readonly #points: Points;
  readonly #value: Slot | undefined;
  readonly #aux: readonly Slot[];

  constructor(points: Points, value: Slot | undefined, aux: readonly Slot[]) {
    this.#points = points;
    this.#value = value;
    this.#aux = aux;
  }

  *advance(): Generator<undefined, void> {
    this.head = yield* firstOf(this.#points);
  }

  /** Puts the values of the head into the row if it belongs there, else what stands for missing ones. */
  fill(first: Point, into: (Scalar | undefined)[], fallback: Default): boolean {
    const { head } = this;
    const isHere =
      head !== undefined &&
      head.time === first.time &&
      head.name === first.name &&
      head.tags.id === first.tags.id;
    if (this.#value !== undefined)
      put(into, this.#value, isHere ? head.value : undefined, fallback);
    for (let i = 0; i < this.#aux.length; i++) {
      put(into, this.#aux[i]!, isHere ? head.aux[i] : undefined, fallback);
    }
    return isHere;
  }
}

function put(
  into: (Scalar | undefined)[],
  { slot, type }: Slot,
  value: Scalar | undefined,
  fallback: Default,
): void {
  if (value !== undefined) into[slot] = value;
  else if (fallback.kind === 'value') into[slot] = castTo(fallback.value, type) ?? fallback.value;
}

function* scanRows(
  scanners: readonly Scanner[],
  slotCount: number,
  evaluators: readonly Evaluator[],
  fallback: Default,
  isAscending: boolean,
): Rows {
  const slots = new Array<Scalar | undefined>(slotCount).fill(undefined);
  let name: string | undefined;
  let tags: GroupTags | undefined;
  for (const scanner of scanners) yield* scanner.advance();
  for (;;) {
    const first = earliest(scanners, isAscending);
    if (first === undefined) return;
    if (first.name !== name || first.tags.id !== tags?.id) {
      name = first.name;
      tags = first.tags;
      slots.fill(undefined);
    }
    for (const scanner of scanners) {
      if (scanner.fill(first, slots, fallback)) yield* scanner.advance();
    }
    const values = evaluators.map((evaluator) => evaluator.evaluate(slots));
    yield { time: first.time, name, tags: tags!, values };
  }
}

/** The head that comes first in the order of the answer. */
function earliest(scanners: readonly Scanner[], isAscending: boolean): Point | undefined {
  let first: Point | undefined;
  for (const { head } of scanners) {
    if (head === undefined) continue;
    if (first === undefined) {
      first = head;
      continue;
    }
    const order =
      compareStrings(head.name, first.name) ||
      compareIds(head.tags, first.tags) ||
      compareTimes(head.time, first.time);
    if (isAscending ? order < 0 : order > 0) first = head;
  }
  return first;
}
