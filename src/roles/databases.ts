// `tidemark databases …`: statements sent to a running server.

import { printIdentifier } from '../protocol/influxql/index.ts';
import { serverRefused, serverUnreachable } from './errors.ts';

interface QueryAnswer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly values?: readonly (readonly string[])[] }[];
  }[];
}

export async function createDatabase(server: string, name: string): Promise<void> {
  await query(server, `CREATE DATABASE ${printIdentifier(name)}`);
}

export async function dropDatabase(server: string, name: string): Promise<void> {
  await query(server, `DROP DATABASE ${printIdentifier(name)}`);
}

export async function listDatabases(server: string): Promise<string[]> {
  const answer = await query(server, 'SHOW DATABASES');
  const rows = answer.results?.[0]?.series?.[0]?.values ?? [];
  return rows.map((row) => row[0] ?? '');
}

/** Runs one statement. Throws CLIENT_UNREACHABLE or CLIENT_REFUSED. */
async function query(server: string, statement: string): Promise<QueryAnswer> {
  let response: Response;
  try {
    const base = server.endsWith('/') ? server : `${server}/`;
    const url = new URL(`query?q=${encodeURIComponent(statement)}`, base);
    response = await fetch(url, { method: 'POST' });
  } catch (error) {
    throw serverUnreachable(server, error);
  }
  const text = await response.text();
  const answer = parseAnswer(text);
  const error = answer?.error ?? answer?.results?.find((result) => result.error)?.error;
  if (answer === undefined || !response.ok || error !== undefined) {
    throw serverRefused(server, response.status, error ?? text.slice(0, 200).trim());
  }
  return answer;
}

function parseAnswer(text: string): QueryAnswer | undefined {
  try {
    return JSON.parse(text) as QueryAnswer;
  } catch {
    return undefined;
  }
}
