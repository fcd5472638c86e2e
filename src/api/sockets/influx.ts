// Lines of InfluxDB over sockets, as Telegraf's socket writer sends them.

import { LineMetricsDecoder } from '../../protocol/influx-line/metrics/index.ts';
import type { ApiContext } from '../context.ts';
import { lineMetricsOptions } from '../ingest/influx-lines.ts';
import type { SocketProtocol } from './protocol.ts';

export function influxLines({ settings }: ApiContext): SocketProtocol {
  return {
    name: 'influx',
    open: ({ collector, maxLineBytes, now, seriesTable }) =>
      new LineMetricsDecoder(collector, maxLineBytes, {
        ...lineMetricsOptions(settings),
        precision: undefined,
        now,
        seriesTable: seriesTable('fields'),
      }),
  };
}
