// Commands that administer a running server: users, keys, databases, remote-write.

import { type Command, Option } from 'commander';
import { invalidSetting } from '../config/errors.ts';
import { countType, sizeType, type ValueType } from '../config/value-types.ts';
import type { DatabaseOptions, RemoteWriteOptions } from '../roles/admin.ts';
import type { AdminClient } from '../roles/admin-client.ts';
import { addressOf, connectionOptions, readSecret, type ServerOptions } from './connection.ts';

const WHO = 'an administrator, or the id of a key';

type Roles = typeof import('../roles/admin.ts');

interface Session {
  readonly client: AdminClient;
  readonly roles: Roles;
}

export function addAdminCommands(program: Command): void {
  addUsers(program);
  addKeys(program);
  addDatabases(program);
  addRemoteWrites(program);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Adds `parent usage` with the options of the connection; `run` gets its own arguments and options after them. */
function add<Options extends object>(
  parent: Command,
  usage: string,
  description: string,
  options: readonly Option[],
  run: (session: Session, args: string[], options: Options) => Promise<void>,
): void {
  const command = parent.command(usage).description(description);
  for (const option of [...options, ...connectionOptions(WHO)]) command.addOption(option);
  command.action(async (...given: unknown[]) => {
    const values = command.opts<ServerOptions & Options>();
    const args = given.slice(0, command.registeredArguments.length) as string[];
    await run(await connect(values), args, values);
  });
}

async function connect(options: ServerOptions): Promise<Session> {
  const { AdminClient } = await import('../roles/admin-client.ts');
  return { client: new AdminClient(addressOf(options)), roles: await import('../roles/admin.ts') };
}

function newPasswordOption(help: string): Option {
  return new Option('--new-password-file <FILE>', help);
}

function addUsers(program: Command): void {
  const users = program.command('users').description('users of a running server');
  add(users, 'list', 'list users and what they may do', [], ({ client, roles }) =>
    roles.listUsers(client, print),
  );
  add<{ admin?: true; newPasswordFile?: string }>(
    users,
    'create <name>',
    'create a user; without a password file one is made and printed',
    [
      new Option('--admin', 'may do everything'),
      newPasswordOption("the user's password, '-' for standard input"),
    ],
    ({ client, roles }, [name], { admin, newPasswordFile }) =>
      roles.createUser(client, print, {
        name: name!,
        password: newPasswordFile === undefined ? undefined : readSecret(newPasswordFile),
        admin: admin === true,
      }),
  );
  add<{ newPasswordFile: string }>(
    users,
    'password <name>',
    'change a password',
    [newPasswordOption("the new password, '-' for standard input").makeOptionMandatory()],
    ({ client, roles }, [name], { newPasswordFile }) =>
      roles.setPassword(client, name!, readSecret(newPasswordFile)),
  );
  add(users, 'promote <name>', 'make an administrator of a user', [], ({ client, roles }, [name]) =>
    roles.setAdmin(client, name!, true),
  );
  add(users, 'demote <name>', 'make a user of an administrator', [], ({ client, roles }, [name]) =>
    roles.setAdmin(client, name!, false),
  );
  add(
    users,
    'grant <name> <database> <privilege>',
    'let a user read, write or do both (all) in a database',
    [],
    ({ client, roles }, [name, database, privilege]) =>
      roles.grant(client, name!, database!, privilege!),
  );
  add(
    users,
    'revoke <name> <database>',
    'take away what a user may do in a database',
    [],
    ({ client, roles }, [name, database]) => roles.grant(client, name!, database!, 'none'),
  );
  add(users, 'drop <name>', 'drop a user', [], ({ client, roles }, [name]) =>
    roles.dropUser(client, name!),
  );
}

function addKeys(program: Command): void {
  const keys = program.command('keys').description('key pairs of a running server, for programs');
  add(keys, 'list', 'list keys, without their secrets', [], ({ client, roles }) =>
    roles.listKeys(client, print),
  );
  add<{ name?: string; scope: string[]; database: string[]; expiresIn?: string }>(
    keys,
    'create',
    'create a key and print its secret, once',
    [
      new Option('--name <TEXT>', 'what it is for'),
      repeated('--scope <SCOPE>', 'read, write or admin; repeat it for several'),
      repeated('--database <NAME>', "a database, or '*' for all; repeat it for several"),
      new Option('--expires-in <DURATION>', 'when it ends, such as 90d; never by default'),
    ],
    ({ client, roles }, _args, { name, scope, database, expiresIn }) =>
      roles.createKey(client, print, { name, scopes: scope, databases: database, expiresIn }),
  );
  add(
    keys,
    'rotate <id>',
    'give a key a second secret; the one so far stays valid until retired',
    [],
    ({ client, roles }, [id]) => roles.rotateKey(client, print, id!),
  );
  add(keys, 'retire <id>', 'end all but the newest secret', [], ({ client, roles }, [id]) =>
    roles.retireKey(client, id!),
  );
  add(keys, 'drop <id>', 'drop a key', [], ({ client, roles }, [id]) => roles.dropKey(client, id!));
}

function repeatable(flags: string, help: string): Option {
  return new Option(flags, help).argParser((text, previous: string[] | undefined) => [
    ...(previous ?? []),
    text,
  ]);
}

function repeated(flags: string, help: string): Option {
  return repeatable(flags, help).makeOptionMandatory();
}

function addDatabases(program: Command): void {
  const databases = program
    .command('databases')
    .description('create, set, list and drop databases of a running server');
  add<DatabaseFlags>(
    databases,
    'create <name>',
    'create a database; no error if it exists and nothing is to be set',
    databaseOptions(),
    ({ client, roles }, [name], flags) => roles.createDatabase(client, name!, settingsOf(flags)),
  );
  add<DatabaseFlags>(
    databases,
    'set <name>',
    'change what is kept, and how much may be taken',
    databaseOptions(),
    ({ client, roles }, [name], flags) => roles.changeDatabase(client, name!, settingsOf(flags)),
  );
  add(databases, 'show <name>', 'print the settings of one', [], ({ client, roles }, [name]) =>
    roles.showDatabase(client, print, name!),
  );
  add(databases, 'list', 'list databases, one a line', [], ({ client, roles }) =>
    roles.listDatabases(client, print),
  );
  add(
    databases,
    'drop <name>',
    'drop a database and all its data',
    [],
    ({ client, roles }, [name]) => roles.dropDatabase(client, name!),
  );
}

/** As commander names them. */
interface DatabaseFlags {
  readonly retention?: string;
  readonly maxActiveSeries?: string;
  readonly maxNewSeries?: string;
  readonly maxSamples?: string;
  readonly maxDisk?: string;
  readonly maxQueries?: string;
  readonly fieldNaming?: string;
}

function databaseOptions(): Option[] {
  return [
    new Option(
      '--retention <DURATION>',
      'age past which samples go; 0 keeps them, default is the server’s',
    ),
    new Option('--max-active-series <NUMBER>', 'series at a time; 0 is no quota, here and below'),
    new Option('--max-new-series <NUMBER>', 'new series per second'),
    new Option('--max-samples <NUMBER>', 'samples per second'),
    new Option('--max-disk <SIZE>', 'long-term storage, such as 20GiB'),
    new Option('--max-queries <NUMBER>', 'queries at the same time; more wait'),
    new Option(
      '--field-naming <NAMING>',
      'how metrics of new fields of line protocol are called: value-as-name, always-suffix, or default, as the server does',
    ),
  ];
}

/** What was given, as it is sent. */
function settingsOf(flags: DatabaseFlags): DatabaseOptions {
  const { retention, maxActiveSeries, maxNewSeries, maxSamples, maxDisk, maxQueries } = flags;
  const settings = {
    retention,
    fieldNaming: flags.fieldNaming,
    maxActiveSeries: parsed('--max-active-series', countType, maxActiveSeries),
    maxNewSeriesPerSecond: parsed('--max-new-series', countType, maxNewSeries),
    maxSamplesPerSecond: parsed('--max-samples', countType, maxSamples),
    maxDiskBytes: parsed('--max-disk', sizeType, maxDisk),
    maxConcurrentQueries: parsed('--max-queries', countType, maxQueries),
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/** The flag's value; a mistake is one of usage. */
function parsed(
  flag: string,
  type: ValueType<number>,
  text: string | undefined,
): number | undefined {
  if (text === undefined) return undefined;
  const value = type.parse([text]);
  if (value !== undefined) return value;
  throw invalidSetting(flag, `expected ${type.expects}, got ${JSON.stringify(text)}`);
}

function addRemoteWrites(program: Command): void {
  const remoteWrites = program
    .command('remote-write')
    .description('registrations: a database, a key pair and URLs for one sender');
  const format = (): Option =>
    new Option('--format <FORMAT>', 'what to print: all of it, or a configuration to paste')
      .choices(['text', 'prometheus', 'otel', 'grafana', 'json'])
      .default('text');
  type Format = Parameters<Roles['rotateRemoteWrite']>[3];
  const extraLabels = (): Option =>
    repeatable(
      '--extra-label <NAME=VALUE>',
      'set on all that it writes, over what the sender says; repeat it for several',
    );
  add<{ database?: string; extraLabel?: string[]; format: Format }>(
    remoteWrites,
    'create <name>',
    'create one; its database has its name unless another is given',
    [
      new Option('--database <NAME>', 'a database to use, even if it exists'),
      extraLabels(),
      format(),
    ],
    ({ client, roles }, [name], { database, extraLabel, format: chosen }) => {
      const request = { name: name!, database, extraLabels: labelsOf(extraLabel) };
      return roles.createRemoteWrite(client, print, request, chosen);
    },
  );
  add<RemoteWriteFlags>(
    remoteWrites,
    'set <name>',
    'change its extra labels; disable it, or enable it again',
    [
      extraLabels(),
      new Option('--no-extra-labels', 'take them all away').conflicts('extraLabel'),
      new Option('--disable', 'refuse what it is used for; senders are told to keep their data'),
      new Option('--enable', 'use it again').conflicts('disable'),
    ],
    ({ client, roles }, [name], flags) =>
      roles.changeRemoteWrite(client, name!, remoteWriteSettingsOf(flags)),
  );
  add(
    remoteWrites,
    'list',
    'list them: when seen last, samples received',
    [],
    ({ client, roles }) => roles.listRemoteWrites(client, print),
  );
  add(
    remoteWrites,
    'show <name>',
    'print one, without its secret',
    [],
    ({ client, roles }, [name]) => roles.showRemoteWrite(client, print, name!),
  );
  add<{ format: Format }>(
    remoteWrites,
    'rotate <name>',
    'give it a second secret; the one so far stays valid until retired',
    [format()],
    ({ client, roles }, [name], { format: chosen }) =>
      roles.rotateRemoteWrite(client, print, name!, chosen),
  );
  add(
    remoteWrites,
    'retire <name>',
    'end all but the newest secret',
    [],
    ({ client, roles }, [name]) => roles.retireRemoteWriteKey(client, name!),
  );
  add(
    remoteWrites,
    'drop <name>',
    'drop one with its key; its database stays',
    [],
    ({ client, roles }, [name]) => roles.dropRemoteWrite(client, name!),
  );
}

/** As commander names them. */
interface RemoteWriteFlags {
  readonly extraLabel?: readonly string[];
  /** False where there shall be none. */
  readonly extraLabels: boolean;
  readonly disable?: true;
  readonly enable?: true;
}

function remoteWriteSettingsOf(flags: RemoteWriteFlags): RemoteWriteOptions {
  const { extraLabel, extraLabels, disable = false, enable = false } = flags;
  const isSwitched = disable || enable;
  return {
    extraLabels: extraLabels ? labelsOf(extraLabel) : {},
    disabled: isSwitched ? disable : undefined,
  };
}

/** Labels by name; a mistake is one of usage. */
function labelsOf(texts: readonly string[] | undefined): Record<string, string> | undefined {
  if (texts === undefined) return undefined;
  const entries = texts.map((text) => {
    const equals = text.indexOf('=');
    if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
    throw invalidSetting('--extra-label', `expected NAME=VALUE, got ${JSON.stringify(text)}`);
  });
  return Object.fromEntries(entries) as Record<string, string>;
}
