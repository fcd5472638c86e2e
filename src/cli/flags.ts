// Command-line flags of the settings table, for the argument parser.

import { type Command, Option } from 'commander';
import {
  environmentName,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
} from '../config/settings.ts';
import { booleanType } from '../config/value-types.ts';

/** Adds a flag for each setting, and --config.file. */
export function addSettingFlags(command: Command): void {
  for (const name of SETTING_NAMES) command.addOption(optionOf(name));
  command.addOption(
    new Option(
      '--config.file <FILE>',
      `YAML file with the same settings. Default ./tidemark.yaml, if present. [${environmentName('config.file')}]`,
    ),
  );
}

/** What was given, as texts by setting name. */
export function givenFlags(command: Command): Map<SettingName, string[]> {
  const values = command.opts<Record<string, string | string[] | true | undefined>>();
  const given = new Map<SettingName, string[]>();
  for (const name of SETTING_NAMES) {
    const value = values[attributeName(name)];
    if (value === undefined) continue;
    // A boolean flag without a value.
    if (value === true) given.set(name, ['true']);
    else given.set(name, typeof value === 'string' ? [value] : value);
  }
  return given;
}

function optionOf(name: SettingName): Option {
  const { type, fallback, help } = SETTINGS[name] as Setting<unknown>;
  const isBoolean = Object.is(type, booleanType);
  const value = isBoolean ? `[${type.placeholder}]` : `<${type.placeholder}>`;
  const printed = type.print(fallback);
  const shown = printed === '' ? '' : ` Default ${printed}.`;
  const option = new Option(`--${name} ${value}`, `${help}${shown} [${environmentName(name)}]`);
  if (type.isList) {
    option.argParser((text, previous: string[] | undefined) => [...(previous ?? []), text]);
  }
  return option;
}

/** The key under which commander keeps a flag: `wal.sync-interval` → `wal.syncInterval`. */
function attributeName(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
