// Why two answers differ, if not by a defect.

import type { Expr } from '../../src/promql/language/ast.ts';
import { parserOptions } from '../../src/promql/language/features.ts';
import { parseExpr } from '../../src/promql/language/parser.ts';
import { childrenOf, walk } from '../../src/promql/language/walk.ts';
import { unpaired } from './answers.ts';
import { type ApiAnswer, areSame, differenceOf } from './compare.ts';
import { BASE_T, SPAN_MS } from './data.ts';
import {
  ANSWER_DIFFERENCES,
  type AnswerDifference,
  type KnownDifference,
  PART_DIFFERENCES,
  type ParsedQuery,
  type PartDifference,
} from './known-differences.ts';
import { ask, LANGUAGE_FEATURES, type Servers, type Times } from './servers.ts';
import { isAtLeast } from './vocabulary.ts';

/** What was asked. */
export interface Asked {
  readonly servers: Servers;
  /** Of the Prometheus that was asked. */
  readonly version: string;
  readonly query: string;
  readonly times: Times;
  readonly isOrdered: boolean;
}

/** Asking again this often shows nearly every answer that Prometheus gives to what it answers by chance. */
const REPEATS = 12;
const BY_CHANCE = 'chance: Prometheus takes series in no order in range queries';

/** Names of the reasons that together explain the difference; undefined if none do. */
export async function explain(
  asked: Asked,
  own: ApiAnswer,
  theirs: ApiAnswer,
): Promise<readonly string[] | undefined> {
  const query = parse(asked.query) ?? { text: asked.query, expr: undefined, nodes: [] };
  const comparison = new Comparison(asked, query);
  const inAnswers = comparison.inAnswers(own, theirs);
  if (inAnswers !== undefined || query.expr === undefined) return inAnswers;
  return (await comparison.byChance(own, theirs)) ?? (await comparison.inParts(theirs));
}

function parse(text: string): ParsedQuery | undefined {
  try {
    const expr = parseExpr(text, parserOptions(LANGUAGE_FEATURES));
    const nodes: Expr[] = [];
    walk(expr, (node) => nodes.push(node));
    return { text, expr, nodes };
  } catch {
    return undefined;
  }
}

class Comparison {
  readonly #asked: Asked;
  readonly #query: ParsedQuery;
  readonly #answerDifferences: readonly AnswerDifference[];
  readonly #partDifferences: readonly PartDifference[];

  constructor(asked: Asked, query: ParsedQuery) {
    this.#asked = asked;
    this.#query = query;
    const isOfVersion = ({ until }: KnownDifference): boolean =>
      until === undefined || !isAtLeast(asked.version, until);
    this.#answerDifferences = ANSWER_DIFFERENCES.filter(isOfVersion);
    this.#partDifferences = PART_DIFFERENCES.filter(isOfVersion);
  }

  /** Reasons that lie in the answers themselves. */
  inAnswers(own: ApiAnswer, theirs: ApiAnswer, query = this.#query): string[] | undefined {
    const reasons: string[] = [];
    let [a, b] = [own, theirs];
    for (const { name, reconcile } of this.#answerDifferences) {
      const before = differenceOf(a, b, this.#asked.isOrdered);
      [a, b] = reconcile(a, b, query);
      if (differenceOf(a, b, this.#asked.isOrdered) !== before) reasons.push(name);
    }
    return differenceOf(a, b, this.#asked.isOrdered) === undefined ? reasons : undefined;
  }

  /**
   * Prometheus gives another answer every time: ours among them, or to the steps of a range query, asked one
   * by one, the same as ours.
   */
  async byChance(own: ApiAnswer, theirs: ApiAnswer): Promise<readonly string[] | undefined> {
    let varies = false;
    for (let i = 0; i < REPEATS; i++) {
      const again = await this.#askThem();
      const reasons = this.inAnswers(own, again);
      if (reasons !== undefined) return [...reasons, BY_CHANCE];
      varies ||= differenceOf(again, theirs, this.#asked.isOrdered) !== undefined;
    }
    if (!varies) return undefined;
    return areSame(unpaired(own), unpaired(theirs)) ? [BY_CHANCE] : this.#atEveryStep();
  }

  async #atEveryStep(): Promise<readonly string[] | undefined> {
    const { start, end, step, ...others } = this.#asked.times;
    if (start === undefined) return undefined;
    const all = new Set([BY_CHANCE]);
    for (let t = Number(start); t <= Number(end); t += Number(step)) {
      const at = { ...others, time: t.toFixed(3) };
      const [own, theirs] = await this.#askBoth(this.#query.text, at);
      if (areSame(own, theirs)) continue;
      const reasons = await explain({ ...this.#asked, times: at, isOrdered: false }, own, theirs);
      if (reasons === undefined) return undefined;
      for (const reason of reasons) all.add(reason);
    }
    return [...all];
  }

  /** Reasons that lie in parts of the query. */
  async inParts(theirs: ApiAnswer): Promise<string[] | undefined> {
    for (const difference of this.#partDifferences) {
      const parts = this.#query.nodes.filter(difference.isPart);
      if (parts.length === 0) continue;
      if (difference.isByChance && !(await this.#isByChance(theirs))) continue;
      const rest = await this.#restIsSame(difference);
      if (rest === undefined) continue;
      if (await this.#partsDiffer(difference, parts)) return [...rest, difference.name];
    }
    return undefined;
  }

  async #isByChance(theirs: ApiAnswer): Promise<boolean> {
    for (let i = 0; i < REPEATS; i++) {
      if (differenceOf(await this.#askThem(), theirs, this.#asked.isOrdered) !== undefined)
        return true;
    }
    return false;
  }

  /** Asks with something in the place of all parts; reasons for what still differs. */
  async #restIsSame(difference: PartDifference): Promise<readonly string[] | undefined> {
    const { expr } = this.#query;
    if (expr === undefined) return undefined;
    const text = withStandIns(expr, this.#query, difference);
    const query = parse(text);
    if (query === undefined) return undefined;
    const [own, theirs] = await this.#askBoth(text, this.#asked.times);
    if (differenceOf(own, theirs, this.#asked.isOrdered) === undefined) return [];
    const reasons = this.inAnswers(own, theirs, query);
    if (reasons !== undefined) return reasons;
    return explainRest({ ...this.#asked, query: text }, own, theirs, difference);
  }

  /** Asks for the parts that have no others within, each alone. */
  async #partsDiffer(difference: PartDifference, parts: readonly Expr[]): Promise<boolean> {
    let differ = difference.isByChance === true || difference.isTooSmallToSee === true;
    for (const part of parts) {
      if (holdsOther(part, difference)) continue;
      const slice = this.#textOf(part);
      const text = difference.probe?.(part, slice) ?? slice;
      const oldWay = difference.ownProbe?.(part, (node) => this.#textOf(node));
      for (const times of this.#timesOf(part)) {
        const [own, theirs] = await this.#askBoth(text, times);
        const query = parse(text) ?? this.#query;
        if (this.inAnswers(own, theirs, query) !== undefined) continue;
        const ours = oldWay === undefined ? own : await this.#askUs(oldWay, times);
        const [a, b] = this.#reconciled(ours, theirs, query);
        if (!difference.isExplained(a, b)) return false;
        differ = true;
      }
    }
    return differ;
  }

  #reconciled(
    own: ApiAnswer,
    theirs: ApiAnswer,
    query: ParsedQuery,
  ): readonly [ApiAnswer, ApiAnswer] {
    return this.#answerDifferences.reduce<readonly [ApiAnswer, ApiAnswer]>(
      ([a, b], { reconcile }) => reconcile(a, b, query),
      [own, theirs],
    );
  }

  /** Times of the query; what stands in a subquery is asked for over all of the data. */
  #timesOf(part: Expr): Times[] {
    const isInSubquery = this.#query.nodes.some(
      (node) => node.kind === 'subquery' && contains(node, part),
    );
    if (!isInSubquery) return [this.#asked.times];
    const seconds = (t: number): string => String(t / 1000);
    const [start, end] = [seconds(BASE_T), seconds(BASE_T + SPAN_MS)];
    const { time: _, ...others } = this.#asked.times;
    return [15, 37, 60].map((step) => ({ ...others, start, end, step: String(step) }));
  }

  async #askThem(): Promise<ApiAnswer> {
    return ask(this.#asked.servers.theirUrl, this.#query.text, this.#asked.times);
  }

  #textOf({ span }: Expr): string {
    return this.#query.text.slice(span.start, span.end);
  }

  async #askUs(text: string, times: Times): Promise<ApiAnswer> {
    return ask(this.#asked.servers.ownUrl, text, times);
  }

  async #askBoth(text: string, times: Times): Promise<[own: ApiAnswer, theirs: ApiAnswer]> {
    return Promise.all([this.#askUs(text, times), ask(this.#asked.servers.theirUrl, text, times)]);
  }
}

/** What is left when one difference has been taken out may be another. */
async function explainRest(
  asked: Asked,
  own: ApiAnswer,
  theirs: ApiAnswer,
  { name }: PartDifference,
): Promise<readonly string[] | undefined> {
  const reasons = await explain(asked, own, theirs);
  return reasons?.includes(name) ? undefined : reasons;
}

function withStandIns(expr: Expr, query: ParsedQuery, difference: PartDifference): string {
  const textOf = (node: Expr): string => withStandIns(node, query, difference);
  if (difference.isPart(expr)) return difference.standIn(expr, textOf, query);
  const { text } = query;
  if (expr.kind === 'matrixSelector') return text.slice(expr.span.start, expr.span.end);
  let result = '';
  let at = expr.span.start;
  for (const child of [...childrenOf(expr)].sort((a, b) => a.span.start - b.span.start)) {
    result += text.slice(at, child.span.start) + textOf(child);
    at = child.span.end;
  }
  return result + text.slice(at, expr.span.end);
}

function holdsOther(part: Expr, { isPart }: PartDifference): boolean {
  let count = 0;
  walk(part, (node) => {
    if (isPart(node)) count++;
  });
  return count > 1;
}

function contains({ span }: Expr, { span: inner }: Expr): boolean {
  return span.start <= inner.start && inner.end <= span.end;
}
