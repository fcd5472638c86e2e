// What of the language is experimental and off by default, by Prometheus' --enable-feature names.

/** Feature names that change what parses. */
export const LANGUAGE_FEATURES = [
  'promql-experimental-functions',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
] as const;
export type LanguageFeature = (typeof LANGUAGE_FEATURES)[number];

/** How a text is parsed. */
export interface ParserOptions {
  /** Functions marked experimental, `limitk`, `limit_ratio`. */
  readonly experimentalFunctions: boolean;
  /** `anchored` and `smoothed`. */
  readonly extendedRangeSelectors: boolean;
  /** `fill`, `fill_left`, `fill_right`. */
  readonly fillModifiers: boolean;
  /** Levels of the tree; more is PROMQL_TOO_DEEP. Passes over the tree recurse, so this guards the stack. */
  readonly maxDepth: number;
  /**
   * Of the regular expressions in selectors together, as `patternSize` has it; more is PROMQL_REGEXPS_TOO_LARGE. They are
   * compiled to find their mistakes, which takes some microseconds for each unit.
   */
  readonly maxRegexpSize: number;
}

/** Deeper than any query that people or dashboards write; a chain of 500 `or` still fits. */
export const DEFAULT_MAX_DEPTH = 512;

/** Options with these features on; other names are ignored. */
export function parserOptions(
  features: Iterable<string> = [],
  maxDepth: number = DEFAULT_MAX_DEPTH,
): ParserOptions {
  const enabled = new Set<string>(features);
  const has = (feature: LanguageFeature): boolean => enabled.has(feature);
  return {
    experimentalFunctions: has('promql-experimental-functions'),
    extendedRangeSelectors: has('promql-extended-range-selectors'),
    fillModifiers: has('promql-binop-fill-modifiers'),
    maxDepth,
    maxRegexpSize: Number.POSITIVE_INFINITY,
  };
}
