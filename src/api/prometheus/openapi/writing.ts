// How samples come in, but for InfluxDB's ways.

import { type Operation, operation, POST } from './operation.ts';

const PROTOBUF = { media: 'application/x-protobuf' };

export const WRITING: readonly Operation[] = [
  operation(POST, '/api/v1/write', 'Remote write 1.0 and 2.0.', {
    aliases: ['/api/v1/prom/write', '/receive', '/api/v1/receive'],
    parameters: ['extra_label'],
    body: PROTOBUF,
    answer: 'nothing',
  }),
  operation(POST, '/insert/{tenant}/prometheus', 'The same, to the database of a tenant.', {
    parameters: ['tenant!', 'extra_label'],
    body: PROTOBUF,
    answer: 'nothing',
  }),
  operation(POST, '/api/prom_write', 'The same, for senders that want the status 200.', {
    aliases: ['/api/v3/write', '/api/prom/push', '/api/v1/push'],
    parameters: ['extra_label'],
    body: PROTOBUF,
    answer: { media: 'text/plain' },
  }),
  operation(POST, '/api/v1/import', 'Stores JSON lines.', {
    parameters: ['extra_label'],
    body: { media: 'application/stream+json' },
    answer: 'nothing',
  }),
  operation(
    POST,
    '/api/v1/import/prometheus',
    'Stores the Prometheus text format or OpenMetrics.',
    {
      parameters: ['timestamp', 'extra_label'],
      body: { media: 'text/plain' },
      answer: 'nothing',
    },
  ),
  operation(
    ['post', 'put'],
    '/api/v1/import/prometheus/metrics/{pushGroup}',
    'The same, with labels in the path, as a Pushgateway has them.',
    {
      parameters: ['pushGroup!', 'timestamp', 'extra_label'],
      body: { media: 'text/plain' },
      answer: { media: 'text/plain' },
    },
  ),
  operation(POST, '/api/v1/import/csv', 'Stores CSV, whose columns are named.', {
    parameters: ['format!', 'extra_label'],
    body: { media: 'text/csv' },
    answer: 'nothing',
  }),
  operation(POST, '/api/v1/otlp/v1/metrics', 'Metrics of OpenTelemetry, in protobuf or JSON.', {
    aliases: [
      '/v1/metrics',
      '/otlp/v1/metrics',
      '/api/v1/otlp/metrics',
      '/opentelemetry/v1/metrics',
      '/opentelemetry/api/v1/push',
    ],
    parameters: ['extra_label'],
    body: PROTOBUF,
    answer: PROTOBUF,
  }),
  operation(POST, '/api/v1/otlp/{tenant}/metrics', 'The same, as openGemini 1.5 has it.', {
    parameters: ['tenant!', 'extra_label'],
    body: PROTOBUF,
    answer: PROTOBUF,
  }),
];
