// SELECT from its text to series of rows.

import { type SelectStatement, validateSelect } from '../protocol/influxql/index.ts';
import type { ExecutionContext } from './context.ts';
import { unsupported } from './errors.ts';
import { type CellType, EMPTY_PIECE, type ResultPieces, type ResultSeries } from './result.ts';
import type { Row } from './select/level.ts';
import { topOptions } from './select/options.ts';
import { prepareSelect } from './select/prepare.ts';
import { selectRows } from './select/rows.ts';
import type { DataType } from './select/types.ts';
import { OpenSources } from './sources.ts';

export async function* executeSelect(
  statement: SelectStatement,
  context: ExecutionContext,
): ResultPieces {
  if (statement.target !== undefined) throw unsupported('SELECT … INTO');
  const checked = validateSelect(statement, context.nowNs);
  const sources = new OpenSources(context);
  try {
    const prepared = await prepareSelect(checked, sources);
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
      statement.timeZone,
      context.chunkSize,
    );
    let isEmpty = true;
    for (const row of rows) {
      if (row === undefined) {
        await context.breathe();
        continue;
      }
      const full = collector.add(row);
      if (full === undefined) continue;
      isEmpty = false;
      yield { series: [full], isPartial: true };
      await context.breathe();
    }
    const last = collector.end();
    if (last !== undefined) yield { series: [last], isPartial: false };
    else if (isEmpty) yield EMPTY_PIECE;
  } finally {
    sources.close();
  }
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

/** Puts successive rows of one series together. */
class SeriesCollector {
  readonly #columns: readonly string[];
  readonly #types: readonly CellType[];
  readonly #timeZone: string | undefined;
  readonly #chunkSize: number;
  #first: Row | undefined;
  #rows: ResultSeries['rows'][number][] = [];

  constructor(
    columns: readonly string[],
    types: readonly CellType[],
    timeZone: string | undefined,
    chunkSize: number,
  ) {
    this.#columns = columns;
    this.#types = types;
    this.#timeZone = timeZone;
    this.#chunkSize = chunkSize;
  }

  /** Gives what is complete before the row is taken in. */
  add(row: Row): ResultSeries | undefined {
    const first = this.#first;
    const isSame = first?.name === row.name && first.tags.id === row.tags.id;
    const isFull = this.#rows.length >= this.#chunkSize;
    const done = first === undefined || (isSame && !isFull) ? undefined : this.#take(isSame);
    this.#first = row;
    this.#rows.push([row.time, ...row.values]);
    return done;
  }

  end(): ResultSeries | undefined {
    return this.#first === undefined ? undefined : this.#take(false);
  }

  #take(isPartial: boolean): ResultSeries {
    const { name, tags } = this.#first!;
    const rows = this.#rows;
    this.#rows = [];
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
