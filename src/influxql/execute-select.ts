// SELECT to series of rows.

import type { CheckedSelect } from '../protocol/influxql/index.ts';
import type { ReadContext } from './reading/context.ts';
import { JobSources } from './reading/sources.ts';
import { type CellType, EMPTY_PIECE, type ResultPieces, type ResultSeries } from './result.ts';
import type { Control } from './select/control.ts';
import type { Row } from './select/level.ts';
import { topOptions } from './select/options.ts';
import { prepareSelect } from './select/prepare.ts';
import { selectRows } from './select/rows.ts';
import type { DataType } from './select/types.ts';

/** `checked` with its sources in the order of the context's scopes. */
export async function* executeSelect(checked: CheckedSelect, context: ReadContext): ResultPieces {
  const prepared = await prepareSelect(checked, new JobSources(checked, context));
  const options = topOptions(checked, prepared.condition, prepared.dimensions);
  const { control, breathe, random } = context;
  const { rows, types } = await selectRows({
    prepared,
    options,
    control,
    breathe,
    random,
    evaluate: selectRows,
  });
  const collector = new SeriesCollector(
    prepared.columns,
    ['time', ...types.map(cellType)],
    checked.statement.timeZone,
    context.chunkSize,
    control,
  );
  let isEmpty = true;
  for (const row of rows) {
    if (row === undefined) {
      await breathe();
      continue;
    }
    const full = collector.add(row);
    if (full === undefined) continue;
    isEmpty = false;
    yield { series: [full], isPartial: true };
    await breathe();
  }
  const last = collector.end();
  if (last !== undefined) yield { series: [last], isPartial: false };
  else if (isEmpty) yield EMPTY_PIECE;
}

function cellType(type: DataType): CellType {
  switch (type) {
    case 'integer':
    case 'unsigned':
      return 'integer';
    case 'string':
    case 'tag':
      return 'string';
    case 'boolean':
      return 'boolean';
    default:
      return 'float';
  }
}

/** A chunk may be as large as a client likes: so many of its rows at a time are held in the budget. */
const ROWS_PER_HOLD = 1000;

/** Puts successive rows of one series together. */
class SeriesCollector {
  readonly #columns: readonly string[];
  readonly #types: readonly CellType[];
  readonly #timeZone: string | undefined;
  readonly #chunkSize: number;
  readonly #control: Control;
  #held = 0;
  #first: Row | undefined;
  #rows: ResultSeries['rows'][number][] = [];

  constructor(
    columns: readonly string[],
    types: readonly CellType[],
    timeZone: string | undefined,
    chunkSize: number,
    control: Control,
  ) {
    this.#columns = columns;
    this.#types = types;
    this.#timeZone = timeZone;
    this.#chunkSize = chunkSize;
    this.#control = control;
  }

  /** Gives what is complete before the row is taken in. */
  add(row: Row): ResultSeries | undefined {
    const first = this.#first;
    const isSame = first?.name === row.name && first.tags.id === row.tags.id;
    const isFull = this.#rows.length >= this.#chunkSize;
    const done = first === undefined || (isSame && !isFull) ? undefined : this.#take(isSame);
    this.#first = row;
    this.#rows.push([row.time, ...row.values]);
    if (this.#rows.length - this.#held >= ROWS_PER_HOLD) {
      this.#control.checkpoint();
      this.#control.hold(ROWS_PER_HOLD);
      this.#held += ROWS_PER_HOLD;
    }
    return done;
  }

  end(): ResultSeries | undefined {
    return this.#first === undefined ? undefined : this.#take(false);
  }

  #take(isPartial: boolean): ResultSeries {
    const { name, tags } = this.#first!;
    const rows = this.#rows;
    this.#rows = [];
    this.#control.hold(-this.#held);
    this.#held = 0;
    return {
      name,
      tags: tags.keys.map((key, i) => [key, tags.values[i]!] as const),
      columns: this.#columns,
      types: this.#types,
      rows,
      timeZone: this.#timeZone,
      isPartial,
    };
  }
}
