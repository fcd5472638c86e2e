// Loads that several axes look at: each is measured once in a run of the bench.

import { type Corpus, type CorpusSpec, writeCorpus } from '../corpus.ts';
import { type CellHooks, measureCell } from '../ingest-cell.ts';
import type { Aftermath } from '../measure.ts';
import type { CellPlan } from '../options.ts';
import type { CellResult, Figures } from '../results.ts';
import type { ServerKind } from '../server.ts';
import type { LoadMeasure, LoadRuns, Values } from './axis.ts';

export interface LoadPlan extends Omit<CorpusSpec, 'endT'> {
  /** Loads of one name are one. */
  readonly name: string;
  /** Whether the load is measured, or the starts after it. Default: the load. */
  readonly kind?: CellPlan['kind'];
  /** Where the samples do not come from a {@link CorpusSpec}: makes the bodies in an empty folder. */
  readonly makeBodies?: (folder: string, step: (what: string) => void) => Promise<Corpus>;
  /** Looked at in the first round, when everything is settled. */
  readonly aftermath?: Aftermath;
  readonly maxRounds?: number;
  /** Servers that take part if they are there; default: all. */
  readonly servers?: readonly string[];
}

/** Samples a second that servers take on two cores of 2026, and that bodies are made at: guesses for the schedule. */
const SAMPLES_PER_SECOND: Readonly<Record<string, number>> = {
  tidemark: 1e6,
  'tidemark-interval': 1.5e6,
  'victoria-metrics': 7e5,
  prometheus: 3e5,
};
const BODY_SAMPLES_PER_SECOND = 1.2e6;
/** Starting, settling and stopping a server. */
const SERVER_SECONDS = 3;
const AFTERMATH_SECONDS = 4;

export function kindsOf(
  names: readonly string[] | undefined,
  kinds: readonly ServerKind[],
): readonly ServerKind[] {
  return names === undefined ? kinds : kinds.filter(({ name }) => names.includes(name));
}

/** Seconds that a load will take, all rounds. */
export function guessLoadSeconds(
  plan: LoadPlan,
  kinds: readonly ServerKind[],
  rounds: number,
): number {
  const own = kindsOf(plan.servers, kinds);
  const perRound = own.reduce((sum, kind) => sum + guessRunSeconds(plan, kind), 0);
  const looking = plan.aftermath === undefined ? 0 : own.length * AFTERMATH_SECONDS;
  const bodies = samplesOf(plan) / BODY_SAMPLES_PER_SECOND;
  return bodies + Math.min(rounds, plan.maxRounds ?? rounds) * perRound + looking;
}

function guessRunSeconds(plan: LoadPlan, { name }: ServerKind): number {
  return samplesOf(plan) / (SAMPLES_PER_SECOND[name] ?? 1e6) + SERVER_SECONDS;
}

function samplesOf({ series, ticks }: LoadPlan): number {
  return series * ticks;
}

export interface LoadSettings {
  readonly kinds: readonly ServerKind[];
  readonly rounds: number;
  readonly folder: string;
}

export class SharedLoads {
  readonly #settings: LoadSettings;
  readonly #done = new Map<string, CellResult>();

  constructor(settings: LoadSettings) {
    this.#settings = settings;
  }

  /** Measures a load unless that has been done; `onProblem` hears of servers that failed, each time. */
  async measure(
    plan: LoadPlan,
    step: (what: string, share: number) => void,
    onProblem: (text: string) => void,
  ): Promise<LoadRuns> {
    const result = this.#done.get(plan.name) ?? (await this.#run(plan, step));
    this.#done.set(plan.name, result);
    for (const { server, round, problem } of result.runs) {
      if (problem !== undefined) onProblem(`${server}, round ${round + 1}: ${problem}`);
    }
    return runsOf(result);
  }

  async #run(plan: LoadPlan, step: (what: string, share: number) => void): Promise<CellResult> {
    const { folder } = this.#settings;
    const kinds = kindsOf(plan.servers, this.#settings.kinds);
    const rounds = Math.min(this.#settings.rounds, plan.maxRounds ?? Number.POSITIVE_INFINITY);
    const perRound = kinds.reduce((sum, kind) => sum + guessRunSeconds(plan, kind), 0);
    const shareBefore = (server: string, round: number): number => {
      const at = kinds.findIndex((kind) => kind.name === server);
      const before = kinds.slice(0, at).map((kind) => guessRunSeconds(plan, kind));
      return (round + before.reduce((sum, seconds) => sum + seconds, 0) / perRound) / rounds;
    };
    const hooks: CellHooks = {
      makeBodies: (bodyFolder) =>
        plan.makeBodies?.(bodyFolder, (what) => step(what, 0)) ??
        makeBodies(plan, bodyFolder, step),
      onStart: (server, round) => {
        step(
          `${plan.name}, round ${round + 1} of ${rounds}, ${server}`,
          shareBefore(server, round),
        );
      },
      ...(plan.aftermath === undefined ? {} : { aftermath: plan.aftermath }),
    };
    const { name, series, ticks, kind = 'load' } = plan;
    return measureCell({ name, series, ticks, kind }, kinds, rounds, folder, hooks);
  }
}

function makeBodies(
  plan: LoadPlan,
  folder: string,
  step: (what: string, share: number) => void,
): Corpus {
  const total = samplesOf(plan);
  return writeCorpus({ ...plan, endT: Date.now() }, folder, (samples) =>
    step(`${plan.name}, making bodies, ${Math.floor((100 * samples) / total)} %`, 0),
  );
}

/** The figures of a load by measure. */
export function runsOf({ runs }: Pick<CellResult, 'runs'>): LoadRuns {
  return {
    values: (measure, scale = 1) => {
      const values: Record<string, (number | null)[]> = {};
      for (const { server, round, figures, problem } of runs) {
        const value = problem === undefined ? figureOf(figures, measure) : undefined;
        const own = values[server] ?? [];
        values[server] = own;
        own[round] = value === undefined ? null : value * scale;
      }
      return values satisfies Values;
    },
  };
}

function figureOf(figures: Figures, measure: LoadMeasure): number | undefined {
  if (measure !== 'wallSeconds') return figures[measure];
  const { samplesPerSecond } = figures;
  return samplesPerSecond === undefined ? undefined : 1e6 / samplesPerSecond;
}
