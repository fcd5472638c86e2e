// What can be set for one database: how long it keeps samples, and how much it may take of what all share.

import { FIELD_NAMINGS, type FieldNaming } from '../model/field-naming.ts';

/** Each is undefined for no limit. */
export interface DatabaseQuotas {
  /** Series that have had samples lately. Past it, new ones are refused and known ones go on. */
  readonly maxActiveSeries: number | undefined;
  /** New ones; past it, writes are told to come back. */
  readonly maxNewSeriesPerSecond: number | undefined;
  /** Samples and histograms; past it, writes are told to come back. */
  readonly maxSamplesPerSecond: number | undefined;
  /** Bytes of long-term storage; past it, writes are told to come back. */
  readonly maxDiskBytes: number | undefined;
  /** Queries of all languages at work; more wait. */
  readonly maxConcurrentQueries: number | undefined;
}

/** Quotas that writes are held to. */
export type WriteQuota = Exclude<keyof DatabaseQuotas, 'maxConcurrentQueries'>;

export const QUOTA_NAMES: readonly (keyof DatabaseQuotas)[] = [
  'maxActiveSeries',
  'maxNewSeriesPerSecond',
  'maxSamplesPerSecond',
  'maxDiskBytes',
  'maxConcurrentQueries',
];

export interface DatabaseSettings {
  /** Age in ms past which samples are dropped, 0 for never; undefined for what the store does by default. */
  readonly retentionMs: number | undefined;
  readonly quotas: DatabaseQuotas;
  /** Of fields that are new; undefined for what the server does by default. */
  readonly fieldNaming?: FieldNaming | undefined;
}

export const NO_QUOTAS: DatabaseQuotas = {
  maxActiveSeries: undefined,
  maxNewSeriesPerSecond: undefined,
  maxSamplesPerSecond: undefined,
  maxDiskBytes: undefined,
  maxConcurrentQueries: undefined,
};

export const DEFAULT_DATABASE_SETTINGS: DatabaseSettings = {
  retentionMs: undefined,
  quotas: NO_QUOTAS,
};

/** The document of a database in which its settings are kept. */
export const SETTINGS_DOCUMENT = 'settings';

export function printDatabaseSettings(settings: DatabaseSettings): string {
  const { retentionMs, quotas, fieldNaming } = settings;
  return JSON.stringify({ retentionMs, quotas, fieldNaming });
}

/** Back from text; undefined if it is none. Members that this version does not know are left out. */
export function parseDatabaseSettings(text: string): DatabaseSettings | undefined {
  let parsed: {
    retentionMs?: unknown;
    quotas?: Readonly<Record<string, unknown>>;
    fieldNaming?: unknown;
  } | null;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { retentionMs, quotas = {} } = parsed;
  const fieldNaming = FIELD_NAMINGS.find((naming) => naming === parsed.fieldNaming);
  if (!isLimit(retentionMs)) return undefined;
  if (typeof quotas !== 'object' || quotas === null) return undefined;
  const limits = QUOTA_NAMES.map((name) => quotas[name]);
  if (!limits.every(isLimit)) return undefined;
  const entries = QUOTA_NAMES.map((name, i) => [name, limits[i]]);
  return {
    retentionMs,
    quotas: Object.fromEntries(entries) as unknown as DatabaseQuotas,
    ...(fieldNaming !== undefined && { fieldNaming }),
  };
}

function isLimit(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && Number.isFinite(value) && value >= 0);
}

/** What a database takes at present. */
export interface DatabaseUsage {
  /** Series that have had samples lately, as `maxActiveSeries` counts them. */
  readonly activeSeries: number;
  /** Bytes of long-term storage. */
  readonly diskBytes: number;
  /** Samples in long-term storage. */
  readonly storedSamples: number;
  /** Ever-growing since the start. */
  readonly samplesWritten: number;
  readonly newSeries: number;
  /** Writes and series that quotas have refused. */
  readonly refusals: Readonly<Record<WriteQuota, number>>;
}
