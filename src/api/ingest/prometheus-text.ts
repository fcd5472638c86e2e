// /api/v1/import/prometheus: the Prometheus text format, OpenMetrics and the protobuf format; and the same below paths that name
// labels, as programs write to a Pushgateway.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { TextFormatDecoder } from '../../protocol/text-format/decoder.ts';
import { FamilyDecoder } from '../../protocol/text-format/family-decoder.ts';
import { pushgatewayLabels } from '../../protocol/text-format/pushgateway-path.ts';
import { IMPORT_ENCODINGS } from '../body-encoding.ts';
import type { ApiContext } from '../context.ts';
import { badRequest, invalidParameter, unsupportedMedia } from '../errors.ts';
import type { RequestParams } from '../params.ts';
import { type Endpoint, writePaths } from '../routes.ts';
import { answerAsText, type ImportFormat, importEndpoint } from './import-endpoint.ts';
import type { ImportReport } from './import-run.ts';

const PATH = '/api/v1/import/prometheus';
const GROUP_PATH = `${PATH}/metrics/`;

export function prometheusTextEndpoints(context: ApiContext): Endpoint[] {
  const format: ImportFormat = {
    protocol: 'prometheus_text',
    paths: writePaths(PATH),
    encodings: IMPORT_ENCODINGS,
    receive: 'stream',
    open: ({ request, params, collector, now: arrival, seriesTable }) => {
      const now = timestampOf(params) ?? arrival;
      const maxBytes = context.settings['limits.max-line-size'];
      const form = formOf(request);
      if (form === 'protobuf')
        return new FamilyDecoder(collector, { now, maxMessageBytes: maxBytes });
      const isOpenMetrics = form === 'openmetrics';
      return new TextFormatDecoder(collector, maxBytes, {
        isOpenMetrics,
        now,
        seriesTable: seriesTable(form),
      });
    },
  };
  return [
    importEndpoint(context, format),
    importEndpoint(context, {
      ...format,
      methods: ['POST', 'PUT'],
      paths: writePaths(`${GROUP_PATH}*`),
      pathLabels: groupLabels,
      answer: answerAsPushgateway,
    }),
  ];
}

/** Whatever is not said to be something else is taken for the text format. */
function formOf({ contentType = '' }: FastifyRequest): 'text' | 'openmetrics' | 'protobuf' {
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (type === 'application/openmetrics-text') return 'openmetrics';
  if (type !== 'application/vnd.google.protobuf') return 'text';
  if (parameters.includes('encoding=delimited')) return 'protobuf';
  throw unsupportedMedia(`Content-Type ${contentType}: want encoding=delimited`);
}

/** `timestamp`, in ms: the time of samples that have none. */
function timestampOf(params: RequestParams): number | undefined {
  const text = params.value('timestamp') ?? '';
  if (text === '') return undefined;
  const t = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(t)) return t;
  throw invalidParameter('timestamp', `expected whole milliseconds, got ${JSON.stringify(text)}`);
}

/** Labels of the path as it was sent: an encoded slash belongs to a value. */
function groupLabels(request: FastifyRequest): ReturnType<typeof pushgatewayLabels> & object {
  const path = (request.raw.url ?? '').split('?')[0]!;
  const labels = pushgatewayLabels(path.slice(path.indexOf(GROUP_PATH) + GROUP_PATH.length));
  if (typeof labels === 'string') throw badRequest(labels);
  return labels;
}

/** Programs that push to a gateway take nothing but 200 for success. */
function answerAsPushgateway(reply: FastifyReply, report: ImportReport): FastifyReply {
  return report.isWhole ? reply.code(200).send() : answerAsText(reply, report);
}
