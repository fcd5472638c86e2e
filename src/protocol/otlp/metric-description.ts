// What the points of a metric share: its name, type and unit, and whether any of them can be stored.

import type { Label } from '../../model/labels.ts';
import type { MetricMetadata, MetricType } from '../../model/metadata.ts';
import type { Refusal } from './labels.ts';
import { hasTemporality, type Metric, Temporality } from './model.ts';
import type { OtlpNames } from './names.ts';
import { escapesNames, type OtlpOptions } from './options.ts';
import { unitName } from './unit-name.ts';

const DELTA_REFUSED =
  'delta temporality is not taken: let the sender use cumulative (OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative), or start with --enable-feature=otlp-deltatocumulative';

export interface MetricDescription {
  /** In the store. */
  readonly name: string;
  /** True if its points are stored as the changes that they tell. */
  readonly isDelta: boolean;
  /** True if they are to be added up. */
  readonly isAccumulated: boolean;
  /** Labels that it adds to its series. */
  readonly labels: readonly Label[];
  readonly metadata: MetricMetadata;
}

/** Or why none of its points can be stored. */
export function describeMetric(metric: Metric, names: OtlpNames): MetricDescription | Refusal {
  const { name, unit, description, kind, temporality, isMonotonic } = metric;
  const { options } = names;
  if (kind === undefined) {
    return refuse('invalid_metric', 'the metric holds no kind of data that is known here');
  }
  if (name === undefined || unit === undefined) {
    return refuse('invalid_metric', "the metric's name or unit is not valid UTF-8");
  }
  const isDelta = hasTemporality(kind) && temporality === Temporality.delta;
  if (isDelta && options.deltas === 'refuse') {
    return refuse('unsupported_temporality', DELTA_REFUSED);
  }
  if (hasTemporality(kind) && !isDelta && temporality !== Temporality.cumulative) {
    const message = `aggregation temporality ${temporality} is unknown`;
    return refuse('unsupported_temporality', message);
  }
  const made = names.metric({ name, unit, kind, isMonotonic });
  if (made === undefined) return refuse('invalid_metric', 'nothing is left of the metric name');
  const isStoredAsDelta = isDelta && options.deltas === 'store';
  const type = isStoredAsDelta ? 'unknown' : typeOf(metric);
  const plainUnit = unitName(unit);
  return {
    name: made,
    isDelta: isStoredAsDelta,
    isAccumulated: isDelta && !isStoredAsDelta,
    labels: options.typeAndUnitLabels ? typeAndUnit(type, plainUnit, options) : [],
    metadata: { metric: made, type, help: description ?? '', unit: plainUnit },
  };
}

function typeOf({ kind, isMonotonic }: Metric): MetricType {
  switch (kind) {
    case 'sum':
      return isMonotonic ? 'counter' : 'gauge';
    case 'histogram':
    case 'exponentialHistogram':
      return 'histogram';
    case 'summary':
      return 'summary';
    default:
      return 'gauge';
  }
}

/** Where names are escaped, Prometheus brings the unit into form once more: runs of underscores collapse. */
function typeAndUnit(
  type: MetricType,
  unit: string,
  { translationStrategy }: OtlpOptions,
): Label[] {
  return [
    { name: '__type__', value: type === 'unknown' ? '' : type },
    { name: '__unit__', value: escapesNames(translationStrategy) ? unitName(unit) : unit },
  ];
}

function refuse(reason: Refusal['reason'], message: string): Refusal {
  return { reason, message };
}
