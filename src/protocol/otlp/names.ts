// Names that were made before: the same metrics and attributes come with every request.

import { labelName } from './label-name.ts';
import { metricName, type NamedMetric } from './metric-name.ts';
import { DEFAULT_OTLP_OPTIONS, type OtlpOptions } from './options.ts';

/** Past it the names are forgotten and made anew: a sender may make any number of them. */
const MAX_NAMES = 20_000;
/** Longer names are made anew each time. */
const MAX_REMEMBERED_LENGTH = 256;

/** Remembers names; good for many requests with the same options. */
export class OtlpNames {
  readonly options: OtlpOptions;
  readonly #labels = new Map<string, string>();
  readonly #metrics = new Map<string, string>();

  constructor(options: OtlpOptions = DEFAULT_OTLP_OPTIONS) {
    this.options = options;
  }

  /** See {@link labelName}. */
  label(key: string): string | undefined {
    return this.#labels.get(key) ?? keep(this.#labels, key, labelName(key, this.options));
  }

  /** See {@link metricName}. */
  metric(metric: NamedMetric): string | undefined {
    const { name, unit, kind, isMonotonic } = metric;
    const key = `${kind}${isMonotonic ? '+' : ' '}${unit.length} ${unit}${name}`;
    const { translationStrategy } = this.options;
    return (
      this.#metrics.get(key) ?? keep(this.#metrics, key, metricName(metric, translationStrategy))
    );
  }
}

function keep(
  names: Map<string, string>,
  key: string,
  made: string | undefined,
): string | undefined {
  if (made === undefined || key.length > MAX_REMEMBERED_LENGTH) return made;
  if (names.size >= MAX_NAMES) names.clear();
  names.set(key, made);
  return made;
}
