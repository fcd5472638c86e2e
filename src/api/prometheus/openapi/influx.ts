// InfluxDB's ways in and out.

import { GET, type Operation, operation, POST } from './operation.ts';

const LINES = { media: 'text/plain' };
const JSON_TEXT = { media: 'application/json' };

export const INFLUX: readonly Operation[] = [
  operation(['get', 'head'], '/ping', 'Whether the server is there.', {
    parameters: ['verbose'],
    aliases: ['/status', '/influx/ping'],
    answer: 'nothing',
  }),
  operation(GET, '/health', 'Whether the server is well.', {
    aliases: ['/influx/health'],
    answer: JSON_TEXT,
  }),
  operation(['get', 'post'], '/query', 'Runs statements of InfluxQL.', {
    aliases: ['/influx/query'],
    parameters: ['q!', 'db', 'rp', 'params', 'epoch', 'chunked', 'chunk_size', 'pretty'],
    answer: JSON_TEXT,
  }),
  operation(POST, '/api/v2/query', 'Refuses Flux.', { answer: JSON_TEXT }),
  operation(POST, '/write', 'Stores points in line protocol.', {
    parameters: ['db!', 'rp', 'precision', 'consistency', 'extra_label'],
    body: LINES,
    answer: 'nothing',
  }),
  operation(POST, '/api/v2/write', 'Stores points in line protocol.', {
    parameters: ['bucket!', 'precision', 'extra_label'],
    body: LINES,
    answer: 'nothing',
  }),
  operation(POST, '/influx/write', 'Stores line protocol as metrics, a series for each field.', {
    aliases: ['/influx/api/v2/write'],
    parameters: ['db', 'bucket', 'precision', 'extra_label'],
    body: LINES,
    answer: 'nothing',
  }),
];
