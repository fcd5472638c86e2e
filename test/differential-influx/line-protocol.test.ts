// Our reading of the line protocol against InfluxDB's: the same lines refused with the same words, and
// what is accepted read back the same.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  FieldKind,
  LineDecoder,
  type LinePoint,
  printSeriesKey,
  timeNs,
} from '../../src/protocol/influx-line/index.ts';
import { InfluxServer, influxdVersion } from '../support/influxdb.ts';
import { Random } from '../support/random.ts';
import { LINES } from './lines.ts';

const MUTATIONS = Number(process.env.INFLUX_RUNS ?? 2_000);
const SEED = Number(process.env.INFLUX_SEED ?? 1);

describe.skipIf(influxdVersion() === undefined)('InfluxDB', () => {
  let server: InfluxServer;

  beforeAll(async () => {
    server = await InfluxServer.start();
    await server.query('CREATE DATABASE lines; CREATE DATABASE mutated');
  }, 60_000);

  afterAll(async () => {
    await server.stop();
  });

  it.each(LINES)('%j', async (line) => {
    const body = `first v=1 1\n${line}`;
    const { errors } = decode(body);
    expect(refusals((await server.write(body, { db: 'lines' })).body)).toEqual(errors.join('\n'));
  });

  it('reads back what we read', async () => {
    for (const line of LINES) {
      const { points } = decode(line);
      for (const point of points) expect(await stored(server, point)).toEqual(point.fields);
    }
  }, 60_000);

  it(`refuses mutated lines as we do (${MUTATIONS})`, async () => {
    const random = new Random(SEED);
    for (let i = 0; i < MUTATIONS; i++) {
      const body = mutate(random.pick(LINES), random);
      // Here InfluxDB takes a field without a name, and loses it.
      if (/\t+=/.test(body)) continue;
      const theirs = await server.write(body, { db: 'mutated' });
      // What storage has against a point takes the place of what the parser has against others.
      if (theirs.body !== '' && !theirs.body.includes('unable to parse ')) continue;
      expect({ body, refused: refusals(theirs.body) }).toEqual({
        body,
        refused: decode(body).errors.join('\n'),
      });
    }
  }, 600_000);
});

if (influxdVersion() === undefined) {
  process.stdout.write(
    'differential test of the line protocol skipped: there is no influxd (see CONTRIBUTING.md)\n',
  );
}

interface StoredPoint {
  readonly measurement: string;
  readonly key: string;
  readonly ns: bigint;
  readonly fields: Readonly<Record<string, string>>;
}

function decode(body: string): { points: StoredPoint[]; errors: string[] } {
  const points: StoredPoint[] = [];
  const errors: string[] = [];
  new LineDecoder().decode(Buffer.from(body), 'n', 0n, {
    point: (point) => points.push(storedPoint(point)),
    error: (message) => errors.push(message),
  });
  return { points, errors };
}

function storedPoint(point: LinePoint): StoredPoint {
  const fields: Record<string, string> = {};
  for (let i = 0; i < point.fieldCount; i++) fields[point.names[i]!] = valueText(point, i);
  return {
    measurement: point.series.measurement,
    key: printSeriesKey(point.series),
    ns: timeNs(point),
    fields,
  };
}

function valueText(point: LinePoint, i: number): string {
  switch (point.kinds[i]) {
    case FieldKind.string:
      return JSON.stringify(point.texts[i]);
    case FieldKind.boolean:
      return String(point.values[i] === 1);
    case FieldKind.integer:
      return String(point.integers[i] ?? point.values[i]);
    default:
      return String(point.values[i]);
  }
}

/** What was refused, without what is around it; '' for nothing. */
function refusals(body: string): string {
  if (body === '') return '';
  const { error } = JSON.parse(body) as { error: string };
  return error.replace(/^partial write: /, '').replace(/ dropped=\d+$/, '');
}

/** The fields of a point as InfluxDB has them now, by name. */
async function stored(
  server: InfluxServer,
  { measurement, key, ns, fields }: StoredPoint,
): Promise<Record<string, string>> {
  const name = `"${measurement.replaceAll(/[\\"]/g, '\\$&')}"`;
  // A line without a time is stored under another one each time it is sent.
  const where = ns === 0n ? '' : ` WHERE time = ${ns}`;
  const { body } = await server.query(`SELECT * FROM ${name}${where} GROUP BY *`, {
    params: { db: 'lines', epoch: 'ns' },
  });
  for (const series of parseExactly(body).results[0]?.series ?? []) {
    if (seriesKey(series) !== key) continue;
    const row = series.values.at(-1)!;
    const found: Record<string, string> = {};
    series.columns.forEach((column, i) => {
      const mine = fields[column];
      if (mine !== undefined) found[column] = textOf(row[i] ?? null, mine);
    });
    return found;
  }
  return {};
}

type Value = string | boolean | null;

interface Answer {
  readonly results: readonly {
    readonly series?: readonly {
      readonly name: string;
      readonly tags?: Readonly<Record<string, string>>;
      readonly columns: readonly string[];
      readonly values: readonly (readonly Value[])[];
    }[];
  }[];
}

/** An answer with every number as a string after a `#`: an int64 is no JavaScript number. */
function parseExactly(body: string): Answer {
  const marked = body.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : `"#${token}"`,
  );
  return JSON.parse(marked) as Answer;
}

/** A value as `valueText` has it. The same float can be written in two ways. */
function textOf(value: Value, mine: string): string {
  if (typeof value !== 'string') return String(value);
  if (!value.startsWith('#')) return JSON.stringify(value);
  const digits = value.slice(1);
  return digits === mine ? digits : String(Number(digits));
}

function seriesKey(series: {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
}): string {
  // GROUP BY * has the tags of all series; those that one lacks are empty.
  const tags = Object.entries(series.tags ?? {})
    .filter(([, value]) => value !== '')
    .map(([key, value]) => ({ key, value }));
  return printSeriesKey({ measurement: series.name, tags });
}

/** A line changed in a few places, now and then joined with another. No CR, which only we take at a line's end. */
function mutate(line: string, random: Random): string {
  const characters = ' ,="\\\n#.-+eitTfF0123456789abz\t';
  let text = random.oneIn(4) ? `${line}\n${random.pick(LINES)}` : line;
  for (let n = random.between(1, 3); n > 0; n--) {
    const at = random.below(text.length + 1);
    const inserted = random.oneIn(3) ? '' : characters[random.below(characters.length)]!;
    text = text.slice(0, at) + inserted + text.slice(at + random.below(2));
  }
  return text;
}
