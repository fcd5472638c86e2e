// Requests of OpenTelemetry, however they came: translated, stored, and the sender told what was left out.

import type { FastifyRequest } from 'fastify';
import type { Settings } from '../../config/settings.ts';
import type { Label } from '../../model/labels.ts';
import {
  type DeltaHandling,
  DeltaStreams,
  type ExportAnswer,
  NO_POINT,
  type OtlpEncoding,
  OtlpNames,
  type Translation,
  translateMetrics,
} from '../../protocol/otlp/index.ts';
import { type Losses, noLosses } from '../../protocol/row-collector.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { Database, WriteResult } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { countReceived } from '../usage.ts';
import { describeRefusal, isPartial } from './partial-write.ts';

/** Names the protocol in counters and in the ledger of refusals. */
export const OTLP_PROTOCOL = 'otlp';

/** Refusals told to the sender; the rest is at /api/v1/status/rejected. */
const MAX_NAMED = 5;

/** What became of a request. */
export interface OtlpOutcome {
  readonly answer: ExportAnswer;
  /** Of the write; undefined if there was nothing to write. */
  readonly result: WriteResult | undefined;
  readonly losses: Losses;
}

/** Keeps what outlives requests: names, and the totals of senders that tell deltas. */
export class OtlpReceiver {
  readonly #names: OtlpNames;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #deltas = new Map<string, DeltaStreams>();

  constructor(settings: Settings, clock: Clock, metrics: Metrics) {
    this.#settings = settings;
    this.#clock = clock;
    this.#names = new OtlpNames({
      translationStrategy: settings['otlp.translation-strategy'],
      promoteResourceAttributes: settings['otlp.promote-resource-attributes'],
      promoteAllResourceAttributes: settings['otlp.promote-all-resource-attributes'],
      ignoreResourceAttributes: settings['otlp.ignore-resource-attributes'],
      keepIdentifyingResourceAttributes: settings['otlp.keep-identifying-resource-attributes'],
      convertHistogramsToNhcb: settings['otlp.convert-histograms-to-nhcb'],
      promoteScopeMetadata: settings['otlp.promote-scope-metadata'],
      labelNameUnderscoreSanitization: settings['otlp.label-name-underscore-sanitization'],
      labelNamePreserveMultipleUnderscores:
        settings['otlp.label-name-preserve-multiple-underscores'],
      deltas: deltaHandling(settings),
      typeAndUnitLabels: settings['enable-feature'].includes('type-and-unit-labels'),
      lookbackDelta: settings['query.lookback-delta'],
      maxLabels: settings['limits.max-labels'],
    });
    metrics.gauge('tidemark_otlp_delta_series', 'Series whose deltas are added up.', () => {
      let size = 0;
      for (const streams of this.#deltas.values()) size += streams.size;
      return size;
    });
  }

  /** Stores a request, given as plain bytes. Throws `bad_data` for what cannot be read, and what the store throws. */
  async receive(
    body: Uint8Array,
    encoding: OtlpEncoding,
    database: Database,
    extraLabels: readonly Label[],
  ): Promise<OtlpOutcome> {
    const deltas = this.#deltasOf(database.name);
    const context = { extraLabels, ...(deltas && { deltas }) };
    const translation = translateMetrics(body, encoding, this.#names, context);
    const { series, metadata, rejections, cutTimes, roundedIntegers } = translation;
    const isEmpty = series.length === 0 && rejections.length === 0;
    const result = isEmpty ? undefined : await database.write({ series, metadata, rejections });
    const losses = noLosses();
    losses.time_below_millisecond = cutTimes;
    losses.integer_rounded = roundedIntegers;
    return { answer: answerTo(translation, result), result, losses };
  }

  #deltasOf(database: string): DeltaStreams | undefined {
    if (this.#names.options.deltas !== 'accumulate') return undefined;
    let streams = this.#deltas.get(database);
    if (streams === undefined) {
      streams = new DeltaStreams({
        maxSeries: this.#settings['otlp.delta-max-series'],
        maxIdle: this.#settings['otlp.delta-max-idle'],
      });
      this.#deltas.set(database, streams);
    }
    streams.begin(this.#clock.monotonic());
    return streams;
  }
}

/** Counts what came of a request, for who made it, and lists what was refused. */
export function noteOutcome(
  context: ApiContext,
  request: Pick<FastifyRequest, 'principal'>,
  database: string,
  { result, losses }: OtlpOutcome,
): void {
  context.httpMetrics.countLosses(OTLP_PROTOCOL, losses);
  if (result === undefined) return;
  countReceived(context, request, OTLP_PROTOCOL, result);
  if (isPartial(result)) context.rejections.addResult(OTLP_PROTOCOL, database, result);
}

function deltaHandling(settings: Settings): DeltaHandling {
  const features = settings['enable-feature'];
  if (features.includes('otlp-deltatocumulative')) return 'accumulate';
  return features.includes('otlp-native-delta-ingestion') ? 'store' : 'refuse';
}

function answerTo(translation: Translation, result: WriteResult | undefined): ExportAnswer {
  const { pointCount, refusedPoints, warnings } = translation;
  const rejectedPoints = refusedPoints + pointsOf(translation, result?.refusedSeries ?? []);
  const refusals = result?.rejections ?? [];
  const named = refusals.slice(0, MAX_NAMED).map(describeRefusal);
  const isCut = refusals.length > named.length;
  const message = [
    ...(rejectedPoints > 0 ? [`${rejectedPoints} of ${pointCount} data points refused`] : []),
    ...named,
    ...(isCut ? ['and more, see /api/v1/status/rejected'] : []),
    ...warnings,
  ].join('; ');
  return { rejectedPoints, message };
}

/** How many data points the series are of. Series of one point follow each other. */
function pointsOf({ points }: Translation, series: readonly number[]): number {
  let count = 0;
  let last = NO_POINT;
  for (const i of series) {
    const point = points[i]!;
    if (point !== NO_POINT && point !== last) count++;
    last = point;
  }
  return count;
}
