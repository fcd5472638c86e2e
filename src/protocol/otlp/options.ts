// How metrics become series. Names and meaning are those of Prometheus' section `otlp:`.

export const TRANSLATION_STRATEGIES = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
] as const;
export type TranslationStrategy = (typeof TRANSLATION_STRATEGIES)[number];

/** What becomes of points that tell the change since the last one. */
export type DeltaHandling =
  /** They are refused. */
  | 'refuse'
  /** Stored as they are, of type unknown. */
  | 'store'
  /** Added up to what a cumulative sender would have told. */
  | 'accumulate';

export interface OtlpOptions {
  readonly translationStrategy: TranslationStrategy;
  /** Attributes of the resource that become labels of every series. */
  readonly promoteResourceAttributes: readonly string[];
  /** All of them do, but those of `ignoreResourceAttributes`. */
  readonly promoteAllResourceAttributes: boolean;
  readonly ignoreResourceAttributes: readonly string[];
  /** Keeps service.name, service.namespace and service.instance.id among the labels of target_info. */
  readonly keepIdentifyingResourceAttributes: boolean;
  /** Histograms with explicit bounds become native ones with custom buckets. */
  readonly convertHistogramsToNhcb: boolean;
  /** Adds the labels `otel_scope_…`. */
  readonly promoteScopeMetadata: boolean;
  /** Puts `key` before label names that start with one underscore. */
  readonly labelNameUnderscoreSanitization: boolean;
  /** Keeps runs of underscores in label names. */
  readonly labelNamePreserveMultipleUnderscores: boolean;
  readonly deltas: DeltaHandling;
  /** Adds the labels `__type__` and `__unit__`. */
  readonly typeAndUnitLabels: boolean;
  /** ms; target_info is repeated twice as often. */
  readonly lookbackDelta: number;
  /** Points of more labels are refused before the labels are made. */
  readonly maxLabels: number;
}

/** Prometheus' defaults. */
export const DEFAULT_OTLP_OPTIONS: OtlpOptions = {
  translationStrategy: 'UnderscoreEscapingWithSuffixes',
  promoteResourceAttributes: [],
  promoteAllResourceAttributes: false,
  ignoreResourceAttributes: [],
  keepIdentifyingResourceAttributes: false,
  convertHistogramsToNhcb: false,
  promoteScopeMetadata: false,
  labelNameUnderscoreSanitization: true,
  labelNamePreserveMultipleUnderscores: true,
  deltas: 'refuse',
  typeAndUnitLabels: false,
  lookbackDelta: 300_000,
  maxLabels: 64,
};

/** True if names are brought into the characters that Prometheus had before version 3. */
export function escapesNames(strategy: TranslationStrategy): boolean {
  return strategy.startsWith('UnderscoreEscaping');
}

/** True if units and types show in metric names. */
export function addsSuffixes(strategy: TranslationStrategy): boolean {
  return strategy.endsWith('WithSuffixes');
}
