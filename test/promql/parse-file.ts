// Prometheus' test language: a file of commands that load samples and say what queries must give.
// Everything is parsed before anything is run.

import { parseDuration } from '../../src/model/duration.ts';
import type { Labels } from '../../src/model/labels.ts';
import {
  literalValue,
  parseSeriesDescription,
  type SequenceValue,
} from '../../src/promql/language/series-description.ts';
import { unquote } from '../../src/promql/language/unquote.ts';
import { compileAnchored } from '../../src/runtime/regexp.ts';

export type Command = { readonly kind: 'clear' } | LoadCommand | EvalCommand;

export interface LoadCommand {
  readonly kind: 'load';
  readonly stepMs: number;
  /** Classic histograms are stored as native ones, too. */
  readonly withNativeHistograms: boolean;
  readonly series: readonly LoadedSeries[];
}

export interface LoadedSeries {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
  /** By position: start time minus sample time in ms; undefined: none. */
  readonly startOffsetsMs: readonly (number | undefined)[] | undefined;
}

export interface EvalCommand {
  readonly kind: 'eval';
  /** From 1. */
  readonly line: number;
  readonly query: string;
  /** At which time, or from when to when. */
  readonly times: InstantTimes | RangeTimes;
  readonly expected: Expected;
}

export interface InstantTimes {
  readonly kind: 'instant';
  readonly t: number;
}

export interface RangeTimes {
  readonly kind: 'range';
  readonly startT: number;
  readonly endT: number;
  readonly stepMs: number;
}

/** A text that must be equal, or an expression that must match a part. */
export interface TextPattern {
  readonly source: string;
  matches(text: string): boolean;
}

export interface Expected {
  readonly fail: TextPattern | undefined;
  readonly warn: readonly TextPattern[];
  readonly info: readonly TextPattern[];
  readonly noWarn: boolean;
  readonly noInfo: boolean;
  readonly ordered: boolean;
  readonly scalar: number | undefined;
  readonly text: string | undefined;
  /** Set for an instant query that gives a range vector. */
  readonly points: RangeTimes | undefined;
  readonly series: readonly ExpectedSeries[];
}

export interface ExpectedSeries {
  /** Of all expected series, from 1. */
  readonly position: number;
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

const LOAD = /^load(?:_(with_nhcb))?\s+(.+?)$/;
const EVAL_INSTANT = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)$/;
const EVAL_RANGE =
  /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)$/;
const EXPECT = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/;
const EXPECT_RANGE = /^expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)$/;
const EXPECT_STRING = /^expect string\s+(.+)$/;
const START_LINE = /^(\S+)@st\s+(.+)$/;
const START_ITEM = /^([-+]?\d+[a-wyz]*)(?:([-+]\d+[a-wyz]*)?x(\d+))?$/;

/** Throws an Error that names the line. */
export function parseFile(text: string): Command[] {
  return new FileParser(text).parse();
}

class FileParser {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#lines = text
      .split('\n')
      .map((line) => line.trim())
      .map((line) => (line.startsWith('#') ? '' : line));
  }

  parse(): Command[] {
    const commands: Command[] = [];
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at]!;
      if (line !== '') commands.push(this.#command(line));
    }
    return commands;
  }

  #command(line: string): Command {
    const word = line.split(/[\t ]+/, 1)[0]!.toLowerCase();
    if (word === 'clear') return { kind: 'clear' };
    if (word.startsWith('load')) return this.#load(line);
    if (word.startsWith('eval')) return this.#eval(line);
    throw this.#error(`invalid command ${line}`);
  }

  /** The lines of the block, each in turn the current one for errors. */
  *#block(): Generator<string> {
    while (this.#at + 1 < this.#lines.length && this.#lines[this.#at + 1] !== '') {
      this.#at++;
      yield this.#lines[this.#at]!;
    }
  }

  #load(line: string): LoadCommand {
    const match = LOAD.exec(line);
    if (match === null) throw this.#error('invalid load command');
    const stepMs = this.#duration(match[2]!);
    const series: LoadedSeries[] = [];
    let starts: { labels: string; offsetsMs: (number | undefined)[] } | undefined;
    for (const definition of this.#block()) {
      const start = START_LINE.exec(definition);
      if (start !== null) {
        const { labels } = parseSeriesDescription(`${start[1]} _`);
        starts = { labels: JSON.stringify(labels), offsetsMs: this.#startOffsets(start[2]!) };
        continue;
      }
      const { labels, values } = this.#series(definition);
      if (starts !== undefined && starts.labels !== JSON.stringify(labels)) {
        throw this.#error('@st line is of another series than the line after it');
      }
      if (starts !== undefined && starts.offsetsMs.length !== values.length) {
        throw this.#error('@st line has another number of values than the line after it');
      }
      series.push({ labels, values, startOffsetsMs: starts?.offsetsMs });
      starts = undefined;
    }
    if (starts !== undefined) throw this.#error('@st line without a line after it');
    return { kind: 'load', stepMs, withNativeHistograms: match[1] !== undefined, series };
  }

  #startOffsets(text: string): (number | undefined)[] {
    return text.split(/[\t ]+/).flatMap((item) => {
      const omitted = /^_(?:x(\d+))?$/.exec(item);
      if (omitted !== null) {
        return new Array<number | undefined>(Number(omitted[1] ?? 1)).fill(undefined);
      }
      const match = START_ITEM.exec(item);
      if (match === null) throw this.#error(`invalid start time ${item}`);
      const first = this.#signedDuration(match[1]!);
      const step = match[2] === undefined ? 0 : this.#signedDuration(match[2]);
      return Array.from({ length: Number(match[3] ?? 0) + 1 }, (_, i) => first + i * step);
    });
  }

  #eval(line: string): EvalCommand {
    const number = this.#at + 1;
    const instant = EVAL_INSTANT.exec(line);
    if (instant !== null) {
      const [, legacy, at, query] = instant;
      if (at === undefined) throw this.#error('invalid timestamp definition');
      const times: InstantTimes = { kind: 'instant', t: this.#duration(at) };
      const expected = this.#expectations(legacy, true);
      return { kind: 'eval', line: number, query: query!, times, expected };
    }
    const range = EVAL_RANGE.exec(line);
    if (range === null) throw this.#error('invalid evaluation command');
    const [, legacy, from, to, step, query] = range;
    const times = this.#range(from!, to!, step!);
    const expected = this.#expectations(legacy, false);
    return { kind: 'eval', line: number, query: query!, times, expected };
  }

  #expectations(legacy: string | undefined, isInstant: boolean): Expected {
    const builder = new ExpectedBuilder(legacy);
    for (const line of this.#block()) {
      const range = EXPECT_RANGE.exec(line);
      if (range !== null) {
        builder.points = this.#range(range[1]!, range[2]!, range[3]!);
        continue;
      }
      const text = EXPECT_STRING.exec(line);
      if (text !== null) {
        builder.text = unquote(text[1]!);
        continue;
      }
      if (line.split(' ', 1)[0] === 'expect') {
        const match = EXPECT.exec(line);
        if (match === null) throw this.#error(`invalid expect statement ${line}`);
        builder.expect(match[1]!, match[2], match[3]?.trim());
        continue;
      }
      const scalar = literalValue(line);
      if (scalar !== undefined) {
        builder.scalar = scalar;
        break;
      }
      const { labels, values } = this.#series(line);
      if (values.length > 1 && isInstant && builder.points === undefined) {
        throw this.#error('an instant query gives one value per series');
      }
      builder.series.push({ position: builder.series.length + 1, labels, values });
    }
    const problem = builder.problem();
    if (problem !== undefined) throw this.#error(problem);
    return builder.build();
  }

  #series(line: string): { labels: Labels; values: readonly SequenceValue[] } {
    try {
      return parseSeriesDescription(line);
    } catch (error) {
      throw this.#error((error as Error).message);
    }
  }

  #range(from: string, to: string, step: string): RangeTimes {
    const startT = this.#duration(from);
    const endT = this.#duration(to);
    if (endT < startT) throw this.#error('end is before start');
    return { kind: 'range', startT, endT, stepMs: this.#duration(step) };
  }

  #duration(text: string): number {
    const ms = parseDuration(text);
    if (ms === undefined) throw this.#error(`invalid duration ${text}`);
    return ms;
  }

  #signedDuration(text: string): number {
    const ms = this.#duration(text.replace(/^[-+]/, ''));
    return text.startsWith('-') ? -ms : ms;
  }

  #error(why: string): Error {
    return new Error(`line ${this.#at + 1}: ${why}`);
  }
}

class ExpectedBuilder {
  scalar: number | undefined;
  text: string | undefined;
  points: RangeTimes | undefined;
  readonly series: ExpectedSeries[] = [];
  readonly #patterns: Record<string, TextPattern[]> = {
    ordered: [],
    fail: [],
    warn: [],
    info: [],
    no_warn: [],
    no_info: [],
  };

  constructor(legacy: string | undefined) {
    if (legacy !== undefined) this.#patterns[legacy]!.push(ANYTHING);
  }

  expect(kind: string, how: string | undefined, text = ''): void {
    const pattern = how === undefined ? ANYTHING : how === 'msg' ? equalTo(text) : containing(text);
    this.#patterns[kind]!.push(pattern);
  }

  problem(): string | undefined {
    const has = (kind: string): boolean => this.#patterns[kind]!.length > 0;
    if (has('warn') && has('no_warn')) return 'warn and no_warn cannot be used together';
    if (has('info') && has('no_info')) return 'info and no_info cannot be used together';
    return this.#patterns.fail!.length > 1 ? 'several expect fail lines' : undefined;
  }

  build(): Expected {
    const { fail, warn, info, no_warn, no_info, ordered } = this.#patterns as Record<
      'fail' | 'warn' | 'info' | 'no_warn' | 'no_info' | 'ordered',
      TextPattern[]
    >;
    return {
      fail: fail[0],
      warn,
      info,
      noWarn: no_warn.length > 0,
      noInfo: no_info.length > 0,
      ordered: ordered.length > 0,
      scalar: this.scalar,
      text: this.text,
      points: this.points,
      series: this.series,
    };
  }
}

const ANYTHING: TextPattern = { source: '', matches: () => true };

function equalTo(source: string): TextPattern {
  return { source, matches: (text) => text === source };
}

function containing(source: string): TextPattern {
  const regexp = compileAnchored(`.*(?:${source}).*`);
  return { source, matches: (text) => regexp.matches(text) };
}
