// OpenTSDB's ways in and out, and those in of DataDog and collectd.

import { GET, type Method, type Operation, operation, POST } from './operation.ts';

const JSON_TEXT = { media: 'application/json' };
const EITHER: readonly Method[] = ['get', 'post'];

export const OPENTSDB: readonly Operation[] = [
  operation(POST, '/api/put', 'Stores points of OpenTSDB.', {
    parameters: ['details', 'summary', 'sync', 'sync_timeout', 'extra_label'],
    body: JSON_TEXT,
    answer: JSON_TEXT,
  }),
  operation(EITHER, '/api/query', 'Series of OpenTSDB, aggregated; POST has them in JSON.', {
    parameters: ['start', 'end', 'm', 'ms', 'arrays', 'show_query'],
    body: JSON_TEXT,
    answer: JSON_TEXT,
  }),
  operation(EITHER, '/api/suggest', 'Names that begin with a text.', {
    parameters: ['type', 'q', 'max'],
    body: JSON_TEXT,
    answer: JSON_TEXT,
  }),
  operation(EITHER, '/api/search/lookup', 'Series of a metric, or with a tag.', {
    parameters: ['m', 'limit'],
    body: JSON_TEXT,
    answer: JSON_TEXT,
  }),
  operation(EITHER, '/api/version', 'The version of OpenTSDB whose API this is.', {
    answer: JSON_TEXT,
  }),
  operation(EITHER, '/api/aggregators', 'Names of aggregators.', { answer: JSON_TEXT }),
  operation(EITHER, '/api/config/filters', 'Filters of tags.', { answer: JSON_TEXT }),
];

export const DATADOG: readonly Operation[] = [
  operation(POST, '/datadog/api/v1/series', 'Stores series of DataDog.', {
    parameters: ['api_key', 'extra_label'],
    body: JSON_TEXT,
    answer: JSON_TEXT,
  }),
  operation(POST, '/datadog/api/v2/series', 'Stores series of DataDog, in JSON or protobuf.', {
    aliases: ['/api/v2/series'],
    parameters: ['api_key', 'extra_label'],
    body: JSON_TEXT,
    answer: JSON_TEXT,
  }),
  operation(GET, '/datadog/api/v1/validate', 'Whether the API key is good.', {
    parameters: ['api_key'],
    answer: JSON_TEXT,
  }),
  operation(POST, '/datadog/api/v1/check_run', 'Takes what is not stored.', {
    aliases: ['/datadog/api/v1/metadata', '/datadog/intake'],
    parameters: ['api_key'],
    body: JSON_TEXT,
    answer: JSON_TEXT,
  }),
];

export const COLLECTD: readonly Operation[] = [
  operation(POST, '/api/v1/import/collectd', 'Stores value lists of collectd.', {
    aliases: ['/collectd-post'],
    parameters: ['extra_label'],
    body: JSON_TEXT,
    answer: 'nothing',
  }),
];
