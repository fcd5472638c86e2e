// /influx/write: lines of InfluxDB as metrics, as VictoriaMetrics takes them. The face at /write is InfluxDB itself, which
// knows types of fields and takes nothing that InfluxDB would not.

import type { FastifyReply } from 'fastify';
import type { Settings } from '../../config/settings.ts';
import { type Precision, parsePrecision } from '../../protocol/influx-line/index.ts';
import {
  LineMetricsDecoder,
  type LineMetricsOptions,
} from '../../protocol/influx-line/metrics/index.ts';
import { IMPORT_ENCODINGS } from '../body-encoding.ts';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';
import { errorHeader, withInfluxHeaders } from '../influx/headers.ts';
import { createOnWrite } from '../influx/write-rules.ts';
import type { RequestParams } from '../params.ts';
import type { Endpoint } from '../routes.ts';
import { describeImport, importEndpoint } from './import-endpoint.ts';
import type { ImportReport } from './import-run.ts';

export function influxLinesEndpoint(context: ApiContext): Endpoint {
  const endpoint = importEndpoint(context, {
    protocol: 'influx',
    paths: ['/influx/write', '/influx/api/v2/write'].flatMap((path) => [
      path,
      `/insert/:tenant${path}`,
    ]),
    encodings: IMPORT_ENCODINGS,
    receive: 'stream',
    databaseParam: bucketOf,
    beforeWrite: (request, name) => createOnWrite(context, request, name),
    open: ({ params, collector, now, seriesTable }) =>
      new LineMetricsDecoder(collector, context.settings['limits.max-line-size'], {
        ...lineMetricsOptions(context.settings),
        precision: precisionOf(params.value('precision') ?? ''),
        now: () => now,
        seriesTable: seriesTable('fields'),
      }),
    answer: answerAsInflux,
  });
  return withInfluxHeaders(context, endpoint);
}

/** What settings say of lines as metrics. */
export function lineMetricsOptions(
  settings: Settings,
): Pick<LineMetricsOptions, 'naming' | 'strings'> {
  return {
    naming: {
      separator: settings['influx.metric-separator'],
      skipsSingleField: settings['influx.metric-skip-single-field'],
      skipsMeasurement: settings['influx.metric-skip-measurement'],
    },
    strings: settings['influx.metric-strings'],
  };
}

/** The database that a bucket of InfluxDB 2 means: what stands before its slash. */
function bucketOf(params: RequestParams): string | undefined {
  return params.value('bucket')?.split('/')[0] || undefined;
}

/** Undefined if none was named: then digits tell. */
function precisionOf(text: string): Precision | undefined {
  if (text === '') return undefined;
  const precision = parsePrecision(text);
  if (precision !== undefined) return precision;
  throw badRequest(`invalid precision ${JSON.stringify(text)} (use ns, us, ms, s, m or h)`);
}

/** Senders of InfluxDB look for "partial write" to know that the rest is stored. */
function answerAsInflux(reply: FastifyReply, report: ImportReport): FastifyReply {
  if (report.isWhole) return reply.code(204).header('Content-Type', 'application/json').send();
  const dropped = report.badLines + report.refusedTotal;
  const message = `partial write: ${describeImport(report)} dropped=${dropped}`;
  return reply
    .code(400)
    .headers({ 'Content-Type': 'application/json', 'X-Influxdb-Error': errorHeader(message) })
    .send(`${JSON.stringify({ error: message })}\n`);
}
