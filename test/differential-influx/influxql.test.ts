// Our parser and checks against InfluxDB's. What InfluxDB says is kept beside the parser, where its own
// tests compare it without InfluxDB; RECORD_INFLUXQL=1 writes it anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  parseStatements,
  printStatement,
  requiredPrivileges,
  validateSelect,
} from '../../src/protocol/influxql/index.ts';
import { InfluxServer, type InfluxUser, influxdVersion } from '../support/influxdb.ts';
import { Random } from '../support/random.ts';
import { SELECTS, STATEMENTS } from './statements.ts';

const MUTATIONS = Number(process.env.INFLUX_RUNS ?? 1_000);
const SEED = Number(process.env.INFLUX_SEED ?? 1);

const RECORDED = new URL('../../src/protocol/influxql/testdata/recorded.json', import.meta.url);
const ADMIN: InfluxUser = { name: 'root', password: 'r' };
/** Without rights: InfluxDB names the statement that this user may not execute. */
const NOBODY: InfluxUser = { name: 'u', password: 'p' };

/** Regular expressions that only newer releases of Go take. */
const NEWER_SYNTAX = /\(\?</;

/** Messages about types, which are known only with the data. */
const OF_DATA = /^(type error|invalid argument type)/;

/** What InfluxDB made of a text. */
interface Recorded {
  readonly text: string;
  /** The whole message. */
  readonly error?: string;
  /** The first statement as InfluxDB prints it, and what it requires of its user. */
  readonly printed?: string;
  readonly requires?: string;
}

const version = influxdVersion();

describe.skipIf(version === undefined)('InfluxDB', () => {
  let server: InfluxServer;
  const results: Record<'statements' | 'selects', Recorded[]> = { statements: [], selects: [] };

  beforeAll(async () => {
    server = await InfluxServer.start({ isAuthenticated: true });
    await server.query(`CREATE USER root WITH PASSWORD 'r' WITH ALL PRIVILEGES`);
    await server.query(`CREATE USER u WITH PASSWORD 'p'; CREATE DATABASE empty`, { user: ADMIN });
  }, 60_000);

  afterAll(async () => {
    await server.stop();
    if (process.env.RECORD_INFLUXQL !== '1') return;
    writeFileSync(RECORDED, `${JSON.stringify({ version, ...results }, undefined, 1)}\n`);
  });

  const recorded = JSON.parse(readFileSync(RECORDED, 'utf8')) as typeof results;
  const isRecording = process.env.RECORD_INFLUXQL === '1';

  it('says of statements what was recorded', async () => {
    for (const text of STATEMENTS) {
      const { body } = await server.query(text, { user: NOBODY, params: { db: 'empty' } });
      results.statements.push({ text, ...outcomeOf(JSON.parse(body)) });
    }
    if (!isRecording) expect(results.statements).toEqual(recorded.statements);
  }, 60_000);

  it('says of SELECTs what was recorded', async () => {
    for (const text of SELECTS) {
      const { body } = await server.query(text, { user: ADMIN, params: { db: 'empty' } });
      results.selects.push({ text, ...outcomeOf(JSON.parse(body)) });
    }
    if (!isRecording) expect(results.selects).toEqual(recorded.selects);
  }, 60_000);

  it(`says of mutated statements what we say (${MUTATIONS})`, async () => {
    const random = new Random(SEED);
    for (let i = 0; i < MUTATIONS; i++) {
      const text = mutate(random);
      // At a backslash at the end InfluxDB's headers have a NUL, which no client reads.
      if (text === '' || text.endsWith('\\') || NEWER_SYNTAX.test(text)) continue;
      const { body } = await server.query(text, { user: NOBODY, params: { db: 'empty' } });
      const theirs = outcomeOf(JSON.parse(body));
      // Executed, because it needs no rights.
      if (theirs.printed === undefined && !theirs.error?.startsWith('error parsing')) continue;
      // Of cardinalities we ask for more.
      const { requires, ...ours } = ourOutcome(text);
      const isStricter = theirs.printed?.includes(' CARDINALITY') === true;
      const expected = isStricter ? { ...ours, requires: theirs.requires } : { ...ours, requires };
      expect({ text, requires: undefined, ...theirs }).toEqual({ text, ...expected });
    }
  }, 600_000);

  it(`says of mutated SELECTs what we say (${MUTATIONS})`, async () => {
    const random = new Random(SEED);
    for (let i = 0; i < MUTATIONS; i++) {
      const text = mutateSelect(random);
      if (!isSelect(text)) continue;
      const { body } = await server.query(text, { user: ADMIN, params: { db: 'empty' } });
      const { error } = outcomeOf(JSON.parse(body));
      if (error !== undefined && OF_DATA.test(error)) continue;
      expect({ text, error: timeless(error) }).toEqual({
        text,
        error: timeless(ourComplaint(text)),
      });
    }
  }, 600_000);
});

if (version === undefined) {
  process.stdout.write(
    'differential test of InfluxQL skipped: there is no influxd (see CONTRIBUTING.md)\n',
  );
}

function outcomeOf(body: {
  readonly error?: string;
  readonly results?: readonly { readonly error?: string }[];
}): Omit<Recorded, 'text'> {
  const error = body.error ?? body.results?.[0]?.error;
  if (error === undefined) return {};
  const refused =
    /^error authorizing query: u not authorized to execute statement '(.*)', requires (.*)$/s.exec(
      error,
    );
  return refused === null ? { error } : { printed: refused[1]!, requires: refused[2]! };
}

/** One statement's words up to somewhere and another's from somewhere, with a change or two. */
function mutate(random: Random): string {
  const words = random.pick(STATEMENTS).split(' ');
  const others = random.pick(STATEMENTS).split(' ');
  const text = [
    ...words.slice(0, random.below(words.length + 1)),
    ...others.slice(random.below(others.length)),
  ].join(' ');
  const characters = ' ,;"\'/()*=~<>!.:$+-\\\naQ01';
  let changed = text;
  for (let n = random.below(3); n > 0; n--) {
    const at = random.below(changed.length + 1);
    const inserted = characters[random.below(characters.length)]!;
    changed = changed.slice(0, at) + inserted + changed.slice(at + random.below(2));
  }
  return changed.trim();
}

/** A SELECT in which one argument or clause is another's. */
function mutateSelect(random: Random): string {
  const words = random.pick(SELECTS).split(/(?<=[ (,)])|(?=[,)])/);
  const others = random.pick(SELECTS).split(/(?<=[ (,)])|(?=[,)])/);
  const at = random.below(words.length);
  const from = random.below(others.length);
  const taken = random.between(0, 3);
  words.splice(at, random.below(3), ...others.slice(from, from + taken));
  return words.join('');
}

function isSelect(text: string): boolean {
  try {
    const statements = parseStatements(text);
    const [first] = statements;
    return statements.length === 1 && first?.kind === 'select' && first.target === undefined;
  } catch {
    return false;
  }
}

/** Without the time that it was now. */
function timeless(message: string | undefined): string | undefined {
  return message?.replaceAll(/'\d{4}-\d\d-\d\dT[^']*'/g, '<time>');
}

/** What keeps our SELECT from running. */
function ourComplaint(text: string): string | undefined {
  const [statement] = parseStatements(text);
  if (statement?.kind !== 'select') return undefined;
  try {
    validateSelect(statement, BigInt(Date.now()) * 1_000_000n);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Of several statements InfluxDB names the first that needs what the user has not. */
function ourOutcome(text: string): Omit<Recorded, 'text'> {
  try {
    for (const statement of parseStatements(text)) {
      const [required] = requiredPrivileges(statement);
      if (required === undefined) continue;
      const printed = printStatement(statement);
      if (required.kind === 'admin') return { printed, requires: 'admin privilege' };
      const database = required.database === '' ? 'empty' : required.database;
      return { printed, requires: `${required.privilege} on ${database}` };
    }
    return {};
  } catch (error) {
    return { error: (error as Error).message };
  }
}
