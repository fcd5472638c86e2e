// Arithmetic and comparisons between two vectors. Series meet in match groups: at each step one of the
// "one" side with one (one-to-one) or several (many-to-one) of the other.

import type { Labels } from '../../model/labels.ts';
import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import { executionFailed } from '../errors.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { BinaryExpr, VectorMatching } from '../language/ast.ts';
import {
  type ElementResult,
  floatOperation,
  isArithmetic,
  isComparison,
  newElementResult,
  operate,
} from './binary-elements.ts';
import type { Evaluator, Scope } from './interface.ts';
import {
  deleteLabels,
  isMetadataLabel,
  keepLabels,
  labelsKey,
  setLabel,
  withoutMetadata,
} from './label-sets.ts';
import { anyPresent, matchGroups, matchLabels } from './match-groups.ts';
import { OneSide } from './one-side.ts';
import { StepRemarks } from './remarks.ts';
import { hasValue, joined, rowBytes, stepwiseCount } from './rows.ts';
import { newStepSeries, Presence, type StepSeries, setFloat, setHistogram } from './step-series.ts';

/** Rows of an operation between two vectors; not for set operators. Throws PROMQL_EXECUTION. */
export function vectorVectorRows(ev: Evaluator, binary: BinaryExpr, scope: Scope): StepSeries[] {
  const steps = scope.steps.count;
  const count = stepwiseCount(ev, scope);
  const lhs = ev.vector(binary.lhs, scope);
  const rhs = ev.vector(binary.rhs, scope);
  for (const row of lhs) count.gather(row);
  for (const row of rhs) count.gather(row);
  const match = new VectorMatch(ev, binary, lhs, rhs, steps);
  const result = match.run().filter(hasValue);
  for (const row of result) count.emit(row);
  count.finish();
  return match.mayCollide ? joined(ev, result, scope) : result;
}

/** One operation at work. `many` is the left side, but for one-to-many, where sides are swapped. */
class VectorMatch {
  readonly #ev: Evaluator;
  readonly #binary: BinaryExpr;
  readonly #matching: VectorMatching;
  readonly #isSwapped: boolean;
  readonly #many: readonly StepSeries[];
  readonly #one: readonly StepSeries[];
  readonly #groupOfMany: Int32Array;
  readonly #groupOfOne: Int32Array;
  readonly #oneSide: OneSide;
  readonly #steps: number;
  readonly #remarks: StepRemarks;
  readonly #results: StepSeries[] = [];
  readonly #element: ElementResult = newElementResult();
  /** By group: how many rows of the many side are in it. */
  readonly #manyInGroup: Int32Array;
  /** By group, where needed: steps at which a row of the many side found its partner. */
  readonly #matched: (Uint8Array | undefined)[];
  /** By group and labels of results, where needed: steps at which there is such a result. */
  readonly #inserted: (Map<string, Uint8Array> | undefined)[];
  /** See {@link mayCollide}. */
  #mayCollide: boolean;
  /** Rows of the many side whose result might meet that of another; found when first asked for. */
  #rivals: Set<number> | undefined;

  constructor(
    ev: Evaluator,
    binary: BinaryExpr,
    lhs: readonly StepSeries[],
    rhs: readonly StepSeries[],
    steps: number,
  ) {
    this.#ev = ev;
    this.#binary = binary;
    this.#matching = binary.matching!;
    // What tells match groups apart may not be in the results.
    this.#mayCollide = this.#matching.on && this.#matching.labels.some(isMetadataLabel);
    this.#isSwapped = this.#matching.card === 'one-to-many';
    this.#many = this.#isSwapped ? rhs : lhs;
    this.#one = this.#isSwapped ? lhs : rhs;
    const groups = matchGroups(this.#matching, this.#many, this.#one);
    this.#groupOfMany = groups.ofLeft;
    this.#groupOfOne = groups.ofRight;
    this.#steps = steps;
    this.#remarks = new StepRemarks(steps);
    this.#manyInGroup = new Int32Array(groups.count);
    for (const group of groups.ofLeft) this.#manyInGroup[group]!++;
    this.#matched = new Array<Uint8Array | undefined>(groups.count).fill(undefined);
    this.#inserted = new Array<Map<string, Uint8Array> | undefined>(groups.count).fill(undefined);
    const active = this.#activeSteps();
    this.#oneSide = new OneSide(this.#matching, this.#one, groups.ofRight, groups.count, active);
  }

  /** Different results may have the same labels. */
  get mayCollide(): boolean {
    return this.#mayCollide;
  }

  run(): StepSeries[] {
    const { fillLeft, fillRight } = this.#matching;
    for (let m = 0; m < this.#many.length; m++) {
      this.#ev.control.checkpoint();
      const group = this.#groupOfMany[m]!;
      if (fillRight === undefined && !this.#oneSide.has(group)) continue;
      if (this.#operateColumns(m, group)) continue;
      // With several rows of a group, or filled-in values, results are not told apart by their groups.
      this.#mayCollide = true;
      this.#operateSteps(m, group);
    }
    if (fillLeft !== undefined) {
      this.#mayCollide = true;
      for (let o = 0; o < this.#one.length; o++) this.#fillMany(o, fillLeft);
    }
    this.#remarks.report(this.#ev.annotations, this.#binary.span.start);
    return this.#results;
  }

  /** Steps at which something can match: no side is empty, or what is missing is filled in. */
  #activeSteps(): Uint8Array {
    const active = anyPresent(this.#many, this.#steps);
    const others = anyPresent(this.#one, this.#steps);
    const { fillLeft, fillRight } = this.#matching;
    const isFilled = fillLeft !== undefined || fillRight !== undefined;
    for (let i = 0; i < active.length; i++) {
      active[i] = isFilled ? active[i]! | others[i]! : active[i]! & others[i]!;
    }
    return active;
  }

  /**
   * The plain case, which is nearly every one: two rows of floats meet and nobody else wants the place of
   * their result. False, and nothing is done, if it is not that.
   */
  #operateColumns(m: number, group: number): boolean {
    const { op } = this.#binary;
    const { fillLeft, fillRight } = this.#matching;
    const o = this.#oneSide.onlyRow(group);
    if (o === undefined || fillLeft !== undefined || fillRight !== undefined) return false;
    if (op === '</' || op === '>/' || this.#hasRivals(m, group)) return false;
    const many = this.#many[m]!;
    const one = this.#one[o]!;
    if (many.histograms !== undefined || one.histograms !== undefined) return false;
    // The row is ours, and nobody else asks for it.
    many.labels = this.#resultLabels(many.labels, one.labels);
    many.dropName = this.#binary.bool;
    this.#operateFloats(many, one);
    this.#results.push(many);
    return true;
  }

  /** Into `many`. */
  #operateFloats({ present, values }: StepSeries, one: StepSeries): void {
    const { op, bool } = this.#binary;
    const operation = floatOperation(op);
    const isSwapped = this.#isSwapped;
    const filters = isComparison(op) && !bool;
    for (let i = 0; i < present.length; i++) {
      if (present[i] === Presence.none) continue;
      if (one.present[i] === Presence.none) {
        present[i] = Presence.none;
        continue;
      }
      const left = isSwapped ? one.values[i]! : values[i]!;
      const result = isSwapped ? operation(left, values[i]!) : operation(left, one.values[i]!);
      if (!filters) values[i] = result;
      else if (result === 1) values[i] = left;
      else present[i] = Presence.none;
    }
  }

  /** True if another row of the many side may have the same result at the same step. */
  #hasRivals(m: number, group: number): boolean {
    if (this.#manyInGroup[group] === 1) return false;
    if (this.#matching.card === 'one-to-one') return true;
    this.#rivals ??= this.#findRivals();
    return this.#rivals.has(m);
  }

  #findRivals(): Set<number> {
    const rivals = new Set<number>();
    const firstByKey = new Map<string, number>();
    for (let m = 0; m < this.#many.length; m++) {
      const group = this.#groupOfMany[m]!;
      const o = this.#oneSide.onlyRow(group);
      if (o === undefined || this.#manyInGroup[group] === 1) continue;
      const labels = this.#resultLabels(this.#many[m]!.labels, this.#one[o]!.labels);
      const key = `${group}:${labelsKey(labels)}`;
      const first = firstByKey.get(key);
      if (first === undefined) firstByKey.set(key, m);
      else rivals.add(first).add(m);
    }
    return rivals;
  }

  #operateSteps(m: number, group: number): void {
    const many = this.#many[m]!;
    const { fillRight } = this.#matching;
    let partner = -1;
    let target: StepSeries | undefined;
    let filled: StepSeries | undefined;
    for (let i = 0; i < this.#steps; i++) {
      if (many.present[i] === Presence.none) continue;
      const o = this.#oneSide.rowAt(group, i);
      if (o >= 0) {
        const one = this.#one[o]!;
        if (o !== partner) target = this.#newResult(many.labels, one.labels);
        partner = o;
        this.#operateStep(group, i, many, one, 0, target!);
      } else if (fillRight !== undefined) {
        const labels = matchLabels(this.#matching, many.labels);
        filled ??= this.#newResult(many.labels, labels);
        this.#operateStep(group, i, many, undefined, fillRight, filled);
      }
    }
  }

  /** Rows of the one side that found nobody meet the fill value. */
  #fillMany(o: number, fill: number): void {
    const one = this.#one[o]!;
    const group = this.#groupOfOne[o]!;
    let target: StepSeries | undefined;
    for (let i = 0; i < this.#steps; i++) {
      if (one.present[i] === Presence.none || this.#matched[group]?.[i] === 1) continue;
      target ??= this.#newResult(matchLabels(this.#matching, one.labels), one.labels);
      this.#operateStep(group, i, undefined, one, fill, target);
    }
  }

  /** One side may be undefined: then it is a float, `fill`. */
  #operateStep(
    group: number,
    i: number,
    many: StepSeries | undefined,
    one: StepSeries | undefined,
    fill: number,
    target: StepSeries,
  ): void {
    const { op, bool } = this.#binary;
    const result = this.#element;
    const left = this.#isSwapped ? one : many;
    const right = this.#isSwapped ? many : one;
    operate(
      op,
      floatAt(left, i, fill),
      histogramAt(left, i),
      floatAt(right, i, fill),
      histogramAt(right, i),
      result,
    );
    if (result.remark !== undefined) this.#remarks.set(i, result.remark);
    if (result.failed) return;
    this.#noteMatch(group, i, target);
    if (bool) setFloat(target, i, result.keep ? 1 : 0);
    else if (!result.keep) return;
    else if (result.histogram !== undefined) setHistogram(target, i, result.histogram);
    else setFloat(target, i, result.value);
  }

  /** Throws PROMQL_EXECUTION if the match is one too many; also if a comparison then filters it out. */
  #noteMatch(group: number, i: number, target: StepSeries): void {
    const isOneToOne = this.#matching.card === 'one-to-one';
    const hasSeveral = this.#manyInGroup[group]! > 1;
    if (!hasSeveral && this.#matching.fillLeft === undefined) return;
    this.#matched[group] ??= new Uint8Array(this.#steps);
    const matched = this.#matched[group];
    if (isOneToOne && matched[i] === 1) {
      throw executionFailed(
        'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
      );
    }
    matched[i] = 1;
    if (isOneToOne || !hasSeveral) return;
    this.#inserted[group] ??= new Map();
    const inserted = this.#inserted[group];
    const key = labelsKey(target.labels);
    const steps = inserted.get(key) ?? new Uint8Array(this.#steps);
    if (steps[i] === 1) {
      throw executionFailed(
        'multiple matches for labels: grouping labels must ensure unique matches',
      );
    }
    steps[i] = 1;
    inserted.set(key, steps);
  }

  #newResult(many: Labels, one: Labels): StepSeries {
    this.#ev.control.reserve(rowBytes(this.#steps));
    const result = newStepSeries(this.#resultLabels(many, one), this.#steps);
    result.dropName = this.#binary.bool;
    this.#results.push(result);
    return result;
  }

  #resultLabels(many: Labels, one: Labels): Labels {
    const { op, bool } = this.#binary;
    const { card, on, labels, include } = this.#matching;
    const isRenamed = isArithmetic(op) || (bool && !this.#ev.options.delayedNameRemoval);
    let result = many;
    if (isRenamed) {
      result = withoutMetadata(many);
      // The metric name takes no part in matching, but type and unit do.
      if (result.length < many.length - 1 || !isNamed(many)) this.#mayCollide ||= result !== many;
    }
    if (card === 'one-to-one') {
      result = on ? keepLabels(result, labels) : deleteLabels(result, labels);
    }
    for (const name of include) result = setLabel(result, name, labelValue(one, name));
    return result;
  }
}

function isNamed(labels: Labels): boolean {
  return labels.some(({ name }) => name === METRIC_NAME);
}

function floatAt(row: StepSeries | undefined, i: number, fill: number): number {
  return row === undefined ? fill : row.values[i]!;
}

function histogramAt(row: StepSeries | undefined, i: number): FloatHistogram | undefined {
  return row?.present[i] === Presence.histogram ? row.histograms![i] : undefined;
}
