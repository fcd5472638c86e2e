// A query's answer in Prometheus' envelope, as bytes, piece by piece.

import { PointsWriter } from '../../codec/json-points.ts';
import { textJson } from '../../codec/json-strings.ts';
import { formatF } from '../../model/go-text.ts';
import type { PointSeries, QueryValue } from '../../promql/eval/interface.ts';
import { Presence, type StepSeries } from '../../promql/eval/step-series.ts';
import { type Steps, stepT } from '../../promql/eval/steps.ts';
import { BytePieces } from './byte-pieces.ts';
import { floatText, secondsText, writeHistogram, writeLabels } from './json-values.ts';
import { type QueryStats, statsJson } from './stats-json.ts';

export interface Answer {
  readonly value: QueryValue;
  readonly stats: QueryStats | undefined;
  /** Asked for when the result has been written; gives a JSON value. */
  readonly trace: (() => unknown) | undefined;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

type Piece = Uint8Array;

/**
 * Yields all pieces but the last, which it returns, each the beginning of memory that `newBytes` gave. Rows
 * are read as it goes.
 */
export function* answerPieces(answer: Answer, newBytes: () => Uint8Array): Generator<Piece, Piece> {
  const out = new BytePieces(newBytes);
  out.ascii(`{"status":"success","data":{"resultType":"${resultType(answer.value)}","result":`);
  yield* writeValue(out, answer.value);
  if (answer.stats !== undefined) out.text(`,"stats":${statsJson(answer.stats)}`);
  if (answer.trace !== undefined) out.text(`,"trace":${JSON.stringify(answer.trace())}`);
  out.ascii('}');
  if (answer.warnings.length > 0) out.text(`,"warnings":${textsJson(answer.warnings)}`);
  if (answer.infos.length > 0) out.text(`,"infos":${textsJson(answer.infos)}`);
  out.ascii('}');
  yield* fullPieces(out);
  return out.takeRest();
}

function textsJson(texts: readonly string[]): string {
  return `[${texts.map(textJson).join(',')}]`;
}

function resultType({ type }: QueryValue): string {
  return type === 'steps' || type === 'points' ? 'matrix' : type;
}

function* writeValue(out: BytePieces, value: QueryValue): Generator<Piece, void> {
  switch (value.type) {
    case 'scalar':
      // Unlike samples: never with an exponent, and the time as JSON has it.
      out.ascii(`[${value.t / 1000},"${formatF(value.value)}"]`);
      return;
    case 'string':
      out.text(`[${value.t / 1000},${textJson(value.value)}]`);
      return;
    case 'vector': {
      const time = secondsText(value.t);
      yield* writeRows(out, value.series, (row) => writeVectorRow(out, row, time));
      return;
    }
    case 'steps': {
      const { steps } = value;
      const points = new PointsWriter(steps);
      yield* writeRows(out, value.series, (row) => writeStepRow(out, row, steps, points));
      return;
    }
    case 'points':
      yield* writeRows(out, value.series, (row) => writePointRow(out, row));
      return;
  }
}

/** Pieces go out between series and, where `write` yields, within long ones. */
function* writeRows<T>(
  out: BytePieces,
  rows: readonly T[],
  write: (row: T) => Generator<Piece, void> | void,
): Generator<Piece, void> {
  out.ascii('[');
  for (let i = 0; i < rows.length; i++) {
    if (i > 0) out.ascii(',');
    const pieces = write(rows[i]!);
    if (pieces !== undefined) yield* pieces;
    if (out.hasFull) yield* fullPieces(out);
  }
  out.ascii(']');
}

function* fullPieces(out: BytePieces): Generator<Piece, void> {
  for (let piece = out.takeFull(); piece !== undefined; piece = out.takeFull()) yield piece;
}

/** `time` in seconds. */
function writeVectorRow(out: BytePieces, row: StepSeries, time: string): void {
  out.ascii('{"metric":');
  writeLabels(out, row.labels);
  const histogram = row.present[0] === Presence.histogram ? row.histograms![0] : undefined;
  if (histogram === undefined) {
    out.ascii(`,"value":[${time},"${floatText(row.values[0]!)}"]}`);
    return;
  }
  out.ascii(`,"histogram":[${time},`);
  writeHistogram(out, histogram);
  out.ascii(']}');
}

function* writeStepRow(
  out: BytePieces,
  row: StepSeries,
  steps: Steps,
  points: PointsWriter,
): Generator<Piece, void> {
  const { present, values, histograms } = row;
  out.ascii('{"metric":');
  writeLabels(out, row.labels);
  points.start(values, present);
  let bytes = points.next();
  if (bytes.length > 0) {
    out.ascii(',"values":[');
    // The first point needs no comma before it.
    out.raw(bytes.subarray(1));
    for (bytes = points.next(); bytes.length > 0; bytes = points.next()) {
      out.raw(bytes);
      if (out.hasFull) yield* fullPieces(out);
    }
    out.ascii(']');
  }
  if (histograms !== undefined) {
    let separator = ',"histograms":[';
    for (let i = 0; i < steps.count; i++) {
      if (present[i] !== Presence.histogram) continue;
      out.ascii(`${separator}[${secondsText(stepT(steps, i))},`);
      separator = ',';
      writeHistogram(out, histograms[i]!);
      out.ascii(']');
      if (out.hasFull) yield* fullPieces(out);
    }
    if (separator === ',') out.ascii(']');
  }
  out.ascii('}');
}

function* writePointRow(out: BytePieces, row: PointSeries): Generator<Piece, void> {
  const { labels, t, values, histograms } = row;
  out.ascii('{"metric":');
  writeLabels(out, labels);
  let separator = ',"values":[';
  for (let i = 0; i < t.length; i++) {
    if (histograms?.[i] !== undefined) continue;
    out.ascii(`${separator}[${secondsText(t[i]!)},"${floatText(values[i]!)}"]`);
    separator = ',';
    if (out.hasFull) yield* fullPieces(out);
  }
  if (separator === ',') out.ascii(']');
  if (histograms !== undefined) {
    separator = ',"histograms":[';
    for (let i = 0; i < t.length; i++) {
      const histogram = histograms[i];
      if (histogram === undefined) continue;
      out.ascii(`${separator}[${secondsText(t[i]!)},`);
      separator = ',';
      writeHistogram(out, histogram);
      out.ascii(']');
      if (out.hasFull) yield* fullPieces(out);
    }
    if (separator === ',') out.ascii(']');
  }
  out.ascii('}');
}
