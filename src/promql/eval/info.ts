// info(): adds labels of info metrics (target_info and the like) to the series of the same targets.

import { type Label, type Labels, labelValue, METRIC_NAME } from '../../model/labels.ts';
import { type CompiledMatcher, compileMatchers } from '../../storage/label-matcher.ts';
import { executionFailed } from '../errors.ts';
import type { CallExpr, Expr, VectorSelector } from '../language/ast.ts';
import {
  IDENTIFYING_LABELS,
  infoDataMatchers,
  infoNameMatchers,
  infoTimes,
} from './info-selector.ts';
import { lookUp } from './instant-selector.ts';
import type { Evaluator, Scope } from './interface.ts';
import { partKey, setLabel } from './label-sets.ts';
import { anyPresent } from './match-groups.ts';
import { printSeries } from './print-series.ts';
import { hasValue, joined, rowBytes, stepwiseCount } from './rows.ts';
import { newStepSeries, Presence, type StepSeries, setFloat, setHistogram } from './step-series.ts';
import { instantRange, referenceTimes } from './times.ts';

/** Rows of a call of info(). Throws PROMQL_EXECUTION if info metrics contradict each other. */
export function infoRows(ev: Evaluator, call: CallExpr, scope: Scope): StepSeries[] {
  const [base, selector] = call.args as [Expr, VectorSelector | undefined];
  const rows = ev.vector(base, scope);
  const nameMatchers = compileMatchers(infoNameMatchers(selector));
  const dataMatchers = compileMatchers(infoDataMatchers(selector));
  const isInfo = (labels: Labels) => {
    const name = labelValue(labels, METRIC_NAME);
    return nameMatchers.every((matcher) => matcher.matches(name));
  };
  const enriched = rows.filter(({ labels }) => !isInfo(labels));
  const infos = readInfos(ev, call, base, enriched, scope);
  const count = stepwiseCount(ev, scope);
  for (const info of infos) count.gather(info);
  const active = anyPresent(rows, scope.steps.count);
  const enrichment = new Enrichment(ev, infos, dataMatchers, active);
  const result: StepSeries[] = [];
  for (const row of rows) {
    ev.control.checkpoint();
    count.gather(row);
    if (isInfo(row.labels)) result.push(row);
    else result.push(...enrichment.apply(row));
  }
  const present = result.filter(hasValue);
  for (const row of present) count.emit(row);
  count.finish();
  return joined(ev, present, scope);
}

/** An info series, with the time of the sample that counts at each step, NaN where there is none. */
interface InfoSeries extends Pick<StepSeries, 'present' | 'histograms'> {
  readonly labels: Labels;
  readonly sampleT: Float64Array;
}

function readInfos(
  ev: Evaluator,
  call: CallExpr,
  base: Expr,
  rows: readonly StepSeries[],
  { steps, stats }: Scope,
): InfoSeries[] {
  const values = identifyingValues(rows);
  if (values.size === 0) return [];
  const selection = ev.selection(call);
  const times = infoTimes(base);
  const { minT, maxT } = instantRange(times, steps, ev.options.lookbackMs);
  const reference = referenceTimes(times, steps);
  const found = new Int32Array(steps.count);
  const infos: InfoSeries[] = [];
  for (let i = 0; i < selection.length; i++) {
    ev.control.checkpoint();
    const labels = selection.labels(i);
    const isWanted = [...values].every(([name, of]) => of.has(labelValue(labels, name)));
    if (!isWanted) continue;
    const samples = selection.read(i, minT, maxT);
    if (!lookUp(samples, reference, ev.options.lookbackMs, found, ev.control)) continue;
    ev.control.reserve(steps.count * 9);
    const present = new Uint8Array(steps.count);
    let held = 0;
    const sampleT = new Float64Array(steps.count).fill(Number.NaN);
    for (let step = 0; step < found.length; step++) {
      const at = found[step]!;
      if (at < 0) continue;
      if (samples.histograms?.[at] !== undefined) {
        throw executionFailed(
          `this should be an info metric, with float samples: ${printSeries(labels)}`,
        );
      }
      present[step] = Presence.float;
      held++;
      sampleT[step] = samples.t[at]!;
      stats.countTotal(step, 1);
      stats.countRead(step, 1);
    }
    ev.budget.hold(held, stats);
    infos.push({ labels, sampleT, present, histograms: undefined });
  }
  return infos;
}

/** By identifying label: its values among the rows. Labels that no row has are left out. */
function identifyingValues(rows: readonly StepSeries[]): Map<string, Set<string>> {
  const values = new Map<string, Set<string>>();
  for (const { labels } of rows) {
    for (const name of IDENTIFYING_LABELS) {
      const value = labelValue(labels, name);
      if (value === '') continue;
      const of = values.get(name);
      if (of === undefined) values.set(name, new Set([value]));
      else of.add(value);
    }
  }
  return values;
}

/** Info series of one metric and one target: at each step the newest sample's series counts. */
interface Target {
  readonly infos: readonly InfoSeries[];
  /** By step: index into `infos`, -1 where there is none. */
  readonly newest: Int32Array;
}

class Enrichment {
  readonly #ev: Evaluator;
  readonly #dataMatchers: readonly CompiledMatcher[];
  readonly #wanted: ReadonlySet<string>;
  readonly #targetKey = partKey([...IDENTIFYING_LABELS], true);
  /** By identifying labels: one entry per info metric. */
  readonly #targets = new Map<string, Target[]>();

  /** `active` marks steps at which there is anything to enrich. */
  constructor(
    ev: Evaluator,
    infos: readonly InfoSeries[],
    dataMatchers: readonly CompiledMatcher[],
    active: Uint8Array,
  ) {
    this.#ev = ev;
    this.#dataMatchers = dataMatchers;
    this.#wanted = new Set(dataMatchers.map(({ name }) => name));
    for (const group of this.#groupByMetric(infos).values()) {
      const key = this.#targetKey(group[0]!.labels);
      const target = { infos: group, newest: newestOf(group, active) };
      const others = this.#targets.get(key);
      if (others === undefined) this.#targets.set(key, [target]);
      else others.push(target);
    }
  }

  #groupByMetric(infos: readonly InfoSeries[]): Map<string, InfoSeries[]> {
    const keyOf = partKey([METRIC_NAME, ...IDENTIFYING_LABELS], true);
    const groups = new Map<string, InfoSeries[]>();
    for (const info of infos) {
      const key = keyOf(info.labels);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [info]);
      else group.push(info);
    }
    return groups;
  }

  /** The row with labels added; several rows if these change over time. */
  apply(row: StepSeries): StepSeries[] {
    const targets = this.#targets.get(this.#targetKey(row.labels)) ?? [];
    const results = new Map<string, StepSeries | undefined>();
    for (let i = 0; i < row.present.length; i++) {
      if (row.present[i] === Presence.none) continue;
      let key = '';
      for (const { newest } of targets) key += `${newest[i]},`;
      if (!results.has(key)) results.set(key, this.#newResult(row, targets, i));
      const result = results.get(key);
      if (result === undefined) continue;
      if (row.present[i] === Presence.float) setFloat(result, i, row.values[i]!);
      else setHistogram(result, i, row.histograms![i]!);
    }
    return [...results.values()].filter((result) => result !== undefined);
  }

  /** undefined if the row is left out, since nothing has the labels that are asked for. */
  #newResult(row: StepSeries, targets: readonly Target[], step: number): StepSeries | undefined {
    const added = new Map<string, string>();
    let isFound = false;
    for (const { infos, newest } of targets) {
      const info = infos[newest[step]!];
      if (info === undefined) continue;
      isFound = true;
      for (const label of info.labels) this.#addLabel(label, row.labels, added);
    }
    if (!isFound && !this.#dataMatchers.every(({ matchesEmpty }) => matchesEmpty)) return undefined;
    let { labels } = row;
    for (const [name, value] of added) labels = setLabel(labels, name, value);
    this.#ev.control.reserve(rowBytes(row.present.length));
    const result = newStepSeries(labels, row.present.length);
    result.dropName = row.dropName;
    return result;
  }

  #addLabel({ name, value }: Label, base: Labels, added: Map<string, string>): void {
    if (name === METRIC_NAME || (this.#wanted.size > 0 && !this.#wanted.has(name))) return;
    const other = added.get(name);
    if (other !== undefined && other !== value) throw executionFailed(`conflicting label: ${name}`);
    if (labelValue(base, name) === '') added.set(name, value);
  }
}

function newestOf(infos: readonly InfoSeries[], active: Uint8Array): Int32Array {
  const newest = new Int32Array(active.length).fill(-1);
  for (let s = 0; s < infos.length; s++) {
    const { labels, sampleT } = infos[s]!;
    for (let i = 0; i < active.length; i++) {
      if (Number.isNaN(sampleT[i]!)) continue;
      const other = infos[newest[i]!];
      if (other === undefined || sampleT[i]! > other.sampleT[i]!) {
        newest[i] = s;
      } else if (sampleT[i] === other.sampleT[i] && active[i] === 1) {
        throw executionFailed(
          `found duplicate series for info metric: existing ${printSeries(other.labels)} @ ${other.sampleT[i]}, new ${printSeries(labels)} @ ${sampleT[i]}`,
        );
      }
    }
  }
  return newest;
}
