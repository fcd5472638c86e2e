// Settings of a database in JSON: durations as people write them, 0 for no quota.

import { parseDuration, printDuration } from '../../model/duration.ts';
import { FIELD_NAMINGS, type FieldNaming } from '../../model/field-naming.ts';
import {
  type DatabaseQuotas,
  type DatabaseSettings,
  QUOTA_NAMES,
} from '../../storage/database-settings.ts';
import { badRequest } from '../errors.ts';
import type { JsonBody } from './json-body.ts';

/** In the place of a duration or a naming: what the server does by default. */
const BY_DEFAULT = 'default';

export function settingsToJson({
  retentionMs,
  quotas,
  fieldNaming,
}: DatabaseSettings): Record<string, string | number> {
  const limits = QUOTA_NAMES.map((name) => [name, quotas[name] ?? 0]);
  return {
    retention: retentionMs === undefined ? BY_DEFAULT : printDuration(retentionMs),
    ...(Object.fromEntries(limits) as Record<keyof DatabaseQuotas, number>),
    fieldNaming: fieldNaming ?? BY_DEFAULT,
  };
}

/** What a body changes; undefined if it names no setting. */
export function settingsOf(
  body: JsonBody,
): ((settings: DatabaseSettings) => DatabaseSettings) | undefined {
  const given = ['retention', 'fieldNaming', ...QUOTA_NAMES].filter((name) => body.has(name));
  if (given.length === 0) return undefined;
  const retention = body.optionalText('retention');
  const retentionMs = retention === undefined ? undefined : retentionOf(retention);
  const naming = body.optionalText('fieldNaming');
  const fieldNaming = naming === undefined ? undefined : namingOf(naming);
  const limits = QUOTA_NAMES.map((name) => [name, body.optionalCount(name)] as const);
  const changed = limits
    .filter(([, limit]) => limit !== undefined)
    .map(([name, limit]) => [name, limit === 0 ? undefined : limit]);
  return (settings) => ({
    retentionMs: retention === undefined ? settings.retentionMs : retentionMs,
    quotas: { ...settings.quotas, ...Object.fromEntries(changed) } as DatabaseQuotas,
    fieldNaming: naming === undefined ? settings.fieldNaming : fieldNaming,
  });
}

function namingOf(text: string): FieldNaming | undefined {
  if (text === BY_DEFAULT) return undefined;
  const naming = FIELD_NAMINGS.find((one) => one === text);
  if (naming !== undefined) return naming;
  throw badRequest(`"fieldNaming" must be one of ${FIELD_NAMINGS.join(', ')}, or ${BY_DEFAULT}`);
}

function retentionOf(text: string): number | undefined {
  if (text === BY_DEFAULT) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw badRequest(`"retention" must be a duration such as 30d, 0 for ever, or ${BY_DEFAULT}`);
}
