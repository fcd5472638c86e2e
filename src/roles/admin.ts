// `tidemark users|keys|databases|remote-write …`: what each sends, and what it prints of the answer.

import type { AdminClient } from './admin-client.ts';

/** Prints a line. */
export type Print = (line: string) => void;

interface UserAnswer {
  readonly name: string;
  readonly admin: boolean;
  readonly grants: Readonly<Record<string, string>>;
  readonly password?: string;
}

interface KeyAnswer {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly databases: readonly string[];
  readonly secrets: readonly unknown[];
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly secret?: string;
}

interface RemoteWriteAnswer {
  readonly id: string;
  readonly name: string;
  readonly database: string;
  readonly writeUrl: string;
  readonly readUrl: string;
  readonly queryUrl: string;
  readonly influxUrl: string;
  readonly accessKeyId: string;
  readonly accessKeySecret?: string;
  readonly extraLabels: Readonly<Record<string, string>>;
  readonly disabled: boolean;
  readonly lastSeenAt: string | null;
  readonly samplesReceived: number;
  readonly prometheusYaml?: string;
  readonly openTelemetryYaml?: string;
  readonly grafanaYaml?: string;
}

// Users.

export async function listUsers(client: AdminClient, print: Print): Promise<void> {
  const { users } = (await client.send('GET', ['users'])) as { users: UserAnswer[] };
  const rows = users.map(({ name, admin, grants }) => {
    const rights = Object.entries(grants).map(([database, right]) => `${database}=${right}`);
    return [name, admin ? 'admin' : '', rights.join(' ')];
  });
  printTable(print, ['USER', '', 'GRANTS'], rows);
}

/** Prints the password if the server has made one. */
export async function createUser(
  client: AdminClient,
  print: Print,
  user: { readonly name: string; readonly password: string | undefined; readonly admin: boolean },
): Promise<void> {
  const answer = (await client.send('POST', ['users'], user)) as UserAnswer;
  if (answer.password !== undefined) print(`password: ${answer.password}`);
}

export async function setPassword(
  client: AdminClient,
  name: string,
  password: string,
): Promise<void> {
  await client.send('PATCH', ['users', name], { password });
}

export async function setAdmin(client: AdminClient, name: string, admin: boolean): Promise<void> {
  await client.send('PATCH', ['users', name], { admin });
}

export async function dropUser(client: AdminClient, name: string): Promise<void> {
  await client.send('DELETE', ['users', name]);
}

export async function grant(
  client: AdminClient,
  name: string,
  database: string,
  privilege: string,
): Promise<void> {
  await client.send('PUT', ['users', name, 'grants', database], { privilege });
}

// Keys.

export async function listKeys(client: AdminClient, print: Print): Promise<void> {
  const { keys } = (await client.send('GET', ['keys'])) as { keys: KeyAnswer[] };
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.scopes.join(','),
    key.databases.join(','),
    String(key.secrets.length),
    key.expiresAt ?? 'never',
    key.lastUsedAt ?? 'never',
  ]);
  printTable(print, ['ID', 'NAME', 'SCOPES', 'DATABASES', 'SECRETS', 'EXPIRES', 'LAST USED'], rows);
}

export async function createKey(
  client: AdminClient,
  print: Print,
  key: {
    readonly name: string | undefined;
    readonly scopes: readonly string[];
    readonly databases: readonly string[];
    readonly expiresIn: string | undefined;
  },
): Promise<void> {
  printKey(print, (await client.send('POST', ['keys'], key)) as KeyAnswer);
}

export async function rotateKey(client: AdminClient, print: Print, id: string): Promise<void> {
  printKey(print, (await client.send('POST', ['keys', id, 'rotate'])) as KeyAnswer);
}

export async function retireKey(client: AdminClient, id: string): Promise<void> {
  await client.send('POST', ['keys', id, 'retire']);
}

export async function dropKey(client: AdminClient, id: string): Promise<void> {
  await client.send('DELETE', ['keys', id]);
}

function printKey(print: Print, { id, secret }: KeyAnswer): void {
  print(`key id: ${id}`);
  print(`secret: ${secret}`);
  print('The secret is not shown again.');
}

// Databases.

export async function listDatabases(client: AdminClient, print: Print): Promise<void> {
  const answer = (await client.send('GET', ['databases'])) as { databases: { name: string }[] };
  for (const { name } of answer.databases) print(name);
}

/** What can be set of a database, as it is sent; undefined leaves it. */
export interface DatabaseOptions {
  readonly retention?: string;
  readonly maxActiveSeries?: number;
  readonly maxNewSeriesPerSecond?: number;
  readonly maxSamplesPerSecond?: number;
  readonly maxDiskBytes?: number;
  readonly maxConcurrentQueries?: number;
  readonly fieldNaming?: string;
}

export async function createDatabase(
  client: AdminClient,
  name: string,
  options: DatabaseOptions,
): Promise<void> {
  await client.send('POST', ['databases'], { name, ...options });
}

export async function changeDatabase(
  client: AdminClient,
  name: string,
  options: DatabaseOptions,
): Promise<void> {
  await client.send('PATCH', ['databases', name], options);
}

/** Settings, one a line. */
export async function showDatabase(client: AdminClient, print: Print, name: string): Promise<void> {
  const answer = (await client.send('GET', ['databases', name])) as Record<string, unknown>;
  const rows = Object.entries(answer).map(([setting, value]) => [setting, String(value)]);
  printTable(print, rows[0]!, rows.slice(1));
}

export async function dropDatabase(client: AdminClient, name: string): Promise<void> {
  await client.send('DELETE', ['databases', name]);
}

// Registrations.

/** What of a new registration is printed. */
export const REMOTE_WRITE_FORMATS = ['text', 'prometheus', 'otel', 'grafana', 'json'] as const;
export type RemoteWriteFormat = (typeof REMOTE_WRITE_FORMATS)[number];

export async function listRemoteWrites(client: AdminClient, print: Print): Promise<void> {
  const answer = await client.send('GET', ['remote-writes']);
  const { remoteWrites } = answer as { remoteWrites: RemoteWriteAnswer[] };
  const rows = remoteWrites.map((one) => [
    one.name,
    one.id,
    one.database,
    one.accessKeyId,
    one.disabled ? 'disabled' : 'enabled',
    one.lastSeenAt ?? 'never',
    String(one.samplesReceived),
    printLabels(one.extraLabels),
  ]);
  const head = ['NAME', 'ID', 'DATABASE', 'KEY', 'STATE', 'LAST SEEN', 'SAMPLES SINCE START'];
  printTable(print, [...head, 'EXTRA LABELS'], rows);
}

/** What can be set of a registration, as it is sent; undefined leaves it. */
export interface RemoteWriteOptions {
  readonly extraLabels: Readonly<Record<string, string>> | undefined;
  readonly disabled: boolean | undefined;
}

export async function changeRemoteWrite(
  client: AdminClient,
  name: string,
  options: RemoteWriteOptions,
): Promise<void> {
  await client.send('PATCH', ['remote-writes', name], options);
}

export async function createRemoteWrite(
  client: AdminClient,
  print: Print,
  request: Pick<RemoteWriteOptions, 'extraLabels'> & {
    readonly name: string;
    readonly database: string | undefined;
  },
  format: RemoteWriteFormat,
): Promise<void> {
  const answer = await client.send('POST', ['remote-writes'], request);
  printRemoteWrite(print, answer as RemoteWriteAnswer, format);
}

export async function rotateRemoteWrite(
  client: AdminClient,
  print: Print,
  name: string,
  format: RemoteWriteFormat,
): Promise<void> {
  const answer = await client.send('POST', ['remote-writes', name, 'rotate-key']);
  printRemoteWrite(print, answer as RemoteWriteAnswer, format);
}

export async function showRemoteWrite(
  client: AdminClient,
  print: Print,
  name: string,
): Promise<void> {
  const answer = await client.send('GET', ['remote-writes', name]);
  printRemoteWrite(print, answer as RemoteWriteAnswer, 'text');
}

export async function retireRemoteWriteKey(client: AdminClient, name: string): Promise<void> {
  await client.send('POST', ['remote-writes', name, 'retire-key']);
}

export async function dropRemoteWrite(client: AdminClient, name: string): Promise<void> {
  await client.send('DELETE', ['remote-writes', name]);
}

function printRemoteWrite(
  print: Print,
  answer: RemoteWriteAnswer,
  format: RemoteWriteFormat,
): void {
  const { prometheusYaml = '', openTelemetryYaml = '', grafanaYaml = '' } = answer;
  const configs = { prometheus: prometheusYaml, otel: openTelemetryYaml, grafana: grafanaYaml };
  if (format === 'json') print(JSON.stringify(answer, undefined, 2));
  else if (format !== 'text') print(configs[format].trimEnd());
  else {
    printTable(print, ['name', answer.name], rowsOf(answer));
    if (prometheusYaml !== '') print(`\nAdd to prometheus.yml:\n\n${prometheusYaml.trimEnd()}`);
  }
}

function rowsOf(answer: RemoteWriteAnswer): string[][] {
  const { accessKeySecret: secret, lastSeenAt } = answer;
  return [
    ['id', answer.id],
    ['database', answer.database],
    ['write URL', answer.writeUrl],
    ['read URL', answer.readUrl],
    ['query URL', answer.queryUrl],
    ['key id', answer.accessKeyId],
    ['state', answer.disabled ? 'disabled' : 'enabled'],
    ['extra labels', printLabels(answer.extraLabels)],
    secret === undefined
      ? ['last seen', lastSeenAt ?? 'never']
      : ['secret', `${secret} (not shown again)`],
  ];
}

function printLabels(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return texts.join(' ');
}

function printTable(
  print: Print,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  for (const row of all) {
    print(
      row
        .map((text, i) => text.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    );
  }
}
