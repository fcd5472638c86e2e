// Our parser and checks against InfluxDB's. What InfluxDB says is kept beside the parser, where its own
// tests compare it without InfluxDB; RECORD_INFLUXQL=1 writes it anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InfluxServer, type InfluxUser, influxdVersion } from '../support/influxdb.ts';
import { SELECTS, STATEMENTS } from './statements.ts';

const RECORDED = new URL('../../src/protocol/influxql/testdata/recorded.json', import.meta.url);
const ADMIN: InfluxUser = { name: 'root', password: 'r' };
/** Without rights: InfluxDB names the statement that this user may not execute. */
const NOBODY: InfluxUser = { name: 'u', password: 'p' };

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
