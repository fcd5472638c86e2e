// OpenTelemetry's protocol for metrics: requests in, series out, answers back.

import { decodeMetricsJson } from './decode-json.ts';
import { decodeMetricsProtobuf } from './decode-protobuf.ts';
import type { OtlpNames } from './names.ts';
import type { OtlpEncoding } from './response.ts';
import { type Translation, type TranslationContext, Translator } from './translate.ts';

export { type DeltaLimits, DeltaStreams } from './delta.ts';
export { OtlpNames } from './names.ts';
export {
  DEFAULT_OTLP_OPTIONS,
  type DeltaHandling,
  type OtlpOptions,
  TRANSLATION_STRATEGIES,
  type TranslationStrategy,
} from './options.ts';
export {
  type ExportAnswer,
  encodeExportAnswer,
  encodeStatus,
  type OtlpEncoding,
  RpcCode,
  type RpcStatus,
} from './response.ts';
export { NO_POINT, type Translation, type TranslationContext } from './translate.ts';

/**
 * A whole request as a batch. Points that cannot be stored are refused one by one; throws PROTOBUF_MALFORMED or
 * JSON_MALFORMED for a body that cannot be read, and OTLP_TOO_MANY_SERIES.
 */
export function translateMetrics(
  body: Uint8Array,
  encoding: OtlpEncoding,
  names: OtlpNames,
  context: TranslationContext,
): Translation {
  const translator = new Translator(names, context);
  if (encoding === 'json') decodeMetricsJson(body, translator);
  else decodeMetricsProtobuf(body, translator);
  return translator.finish();
}
