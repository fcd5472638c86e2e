// Joins the sources of settings: flags win over the environment, which wins over tidemark.yaml,
// which wins over defaults.

import { systemErrorCode } from '../runtime/error.ts';
import { invalidSetting, unreadableFile } from './errors.ts';
import { isLoopback, printAddress } from './listen-type.ts';
import {
  environmentName,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type Settings,
} from './settings.ts';
import { readYaml, type SourcedTexts, type TextsByName } from './yaml-source.ts';

/** Read if present when no other file was named. */
export const DEFAULT_CONFIG_FILE = 'tidemark.yaml';

export interface SettingSources {
  /** Texts of flags by setting name. */
  readonly flags: ReadonlyMap<SettingName, readonly string[]>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Value of --config.file, if given. */
  readonly configFile: string | undefined;
  readonly readFile: (path: string) => string;
}

/** All settings, checked. Throws AppError `bad_data` whose message names the place of the mistake. */
export function loadSettings(sources: SettingSources): Settings {
  const yaml = readConfigFile(sources);
  const values: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const given = fromFlags(name, sources) ?? fromEnvironment(name, sources) ?? yaml.get(name);
    values[name] = given === undefined ? SETTINGS[name].fallback : parseValue(name, given);
  }
  const settings = values as unknown as Settings;
  checkTogether(settings);
  return settings;
}

function readConfigFile({ configFile, environment, readFile }: SettingSources): TextsByName {
  const named = configFile ?? environment[environmentName('config.file')];
  const file = named ?? DEFAULT_CONFIG_FILE;
  let content: string;
  try {
    content = readFile(file);
  } catch (error) {
    if (named === undefined && systemErrorCode(error) === 'ENOENT') return new Map();
    throw unreadableFile(file, error);
  }
  return readYaml(content, file);
}

function fromFlags(name: SettingName, { flags }: SettingSources): SourcedTexts | undefined {
  const texts = flags.get(name);
  return texts === undefined ? undefined : { texts, where: `--${name}` };
}

function fromEnvironment(
  name: SettingName,
  { environment }: SettingSources,
): SourcedTexts | undefined {
  const variable = environmentName(name);
  const text = environment[variable];
  if (text === undefined || text === '') return undefined;
  const texts = SETTINGS[name].type.isList ? text.split(',').map((part) => part.trim()) : [text];
  return { texts, where: variable };
}

function parseValue(name: SettingName, { texts, where }: SourcedTexts): unknown {
  const { type } = SETTINGS[name];
  const value = type.parse(texts);
  if (value !== undefined) return value;
  const subject = where === `--${name}` ? '' : `${name}: `;
  const got = texts.map((text) => JSON.stringify(text)).join(', ');
  throw invalidSetting(where, `${subject}expected ${type.expects}, got ${got}`);
}

const NEVER_ZERO = [
  'query.lookback-delta',
  'query.default-step',
  'query.timeout',
  'query.max-concurrency',
  'query.max-length',
  'query.max-samples',
  'sockets.max-connections',
  'sockets.idle-timeout',
  'sockets.max-line-size',
  'sockets.max-frame-size',
  'sockets.udp-memory',
  'otlp.delta-max-idle',
] as const satisfies readonly SettingName[];

/** Listeners that ask for credentials with `--auth`. */
const AUTHENTICATED_LISTENERS = [
  'listen',
  'otlp.grpc-listen',
] as const satisfies readonly SettingName[];

/** Listeners of protocols in which a sender cannot say who it is. */
const UNAUTHENTICATED_LISTENERS = [
  'influx.listen',
  'graphite.listen',
  'graphite.pickle-listen',
  'opentsdb.listen',
] as const satisfies readonly SettingName[];

/** Deltas can be stored as they are or added up, not both. */
const DELTA_FEATURES = ['otlp-deltatocumulative', 'otlp-native-delta-ingestion'] as const;

/** Rules that span settings, and those of single ones that their kind does not know. */
function checkTogether(settings: Settings): void {
  for (const name of AUTHENTICATED_LISTENERS) {
    const open = settings[name].find((address) => !isLoopback(address));
    if (open === undefined || settings.auth || settings['web.allow-public']) continue;
    throw invalidSetting(
      name,
      `${printAddress(open)} can be reached from other machines and there is no authentication; add --auth, or add --web.allow-public if that is intended`,
    );
  }
  for (const name of UNAUTHENTICATED_LISTENERS) {
    const reachable = settings[name].find((address) => !isLoopback(address));
    if (reachable === undefined || settings['web.allow-public']) continue;
    throw invalidSetting(
      name,
      `${printAddress(reachable)} can be reached from other machines and this protocol has no authentication; add --web.allow-public if that is intended`,
    );
  }
  if (settings['wal.sync-interval'] === 0) {
    throw invalidSetting('wal.sync-interval', 'must be longer than 0; see --wal.sync=always');
  }
  const features = settings['enable-feature'];
  if (DELTA_FEATURES.every((feature) => features.includes(feature))) {
    throw invalidSetting('enable-feature', `${DELTA_FEATURES.join(' and ')} exclude each other`);
  }
  const zero = NEVER_ZERO.find((name) => settings[name] === 0);
  if (zero !== undefined) throw invalidSetting(zero, 'must be more than 0');
}
