// What administrators and programs that watch the server ask of it.

import { GET, type Method, type Operation, operation, POST } from './operation.ts';

const CHANGE: readonly Method[] = ['post', 'put'];
const PATCH: readonly Method[] = ['patch'];
const DELETE: readonly Method[] = ['delete'];
const PROBE: readonly Method[] = ['get', 'head'];
const TEXT = { media: 'text/plain' };

const USERS = '/api/v1/admin/users';
const GRANTS = `${USERS}/{name}/grants/{database}`;
const KEYS = '/api/v1/admin/keys';
const DATABASES = '/api/v1/admin/databases';
const REMOTE_WRITES = '/api/v1/admin/remote-writes';

const SETTINGS = [
  ...['retention', 'maxActiveSeries', 'maxNewSeriesPerSecond', 'maxSamplesPerSecond'],
  ...['maxDiskBytes', 'maxConcurrentQueries', 'fieldNaming'],
];

const REGISTRATION = ['extraLabels', 'disabled'];

export const ADMINISTRATION: readonly Operation[] = [
  operation(PROBE, '/-/healthy', 'Whether the process lives.', { answer: TEXT }),
  operation(PROBE, '/-/ready', 'Whether requests are taken.', { answer: TEXT }),
  operation(PROBE, '/metrics', "The server's own metrics.", { answer: TEXT }),
  operation(CHANGE, '/-/quit', 'Stops the server in good order.', { answer: TEXT }),
  operation(CHANGE, '/-/reload', 'Reads certificates and settings again.', {
    answer: TEXT,
  }),
  operation(POST, '/internal/force_flush', 'Writes what is in memory to parts.', {
    answer: 'nothing',
  }),
  operation(POST, '/internal/force_merge', 'Does the background merges that are due.', {
    answer: 'nothing',
  }),
  operation(POST, '/api/v1/admin/queries/{id}/cancel', 'Stops a query.', {
    parameters: ['id!'],
    answer: 'nothing',
  }),
  operation(CHANGE, '/api/v1/admin/tsdb/delete_series', 'Deletes samples.', {
    parameters: ['match[]!', 'start', 'end'],
    answer: 'nothing',
  }),
  operation(CHANGE, '/api/v1/admin/tsdb/clean_tombstones', 'Frees what was deleted.', {
    answer: 'nothing',
  }),
  operation(CHANGE, '/api/v1/admin/tsdb/snapshot', 'Makes a snapshot.'),

  operation(GET, USERS, 'All users.'),
  operation(POST, USERS, 'Makes a user.', {
    parameters: ['name!', 'password', 'admin'],
    body: 'json',
    answer: 'made',
  }),
  operation(GET, `${USERS}/{name}`, 'A user.', { parameters: ['name!'] }),
  operation(PATCH, `${USERS}/{name}`, 'Changes a user.', {
    parameters: ['name!', 'password', 'admin'],
    body: 'json',
  }),
  operation(DELETE, `${USERS}/{name}`, 'Removes a user.', {
    parameters: ['name!'],
    answer: 'nothing',
  }),
  operation(['put'], GRANTS, 'What a user may do with a database.', {
    parameters: ['name!', 'database!', 'privilege!'],
    body: 'json',
  }),
  operation(DELETE, GRANTS, 'Takes that away.', { parameters: ['name!', 'database!'] }),

  operation(GET, KEYS, 'All keys, without secrets.'),
  operation(POST, KEYS, 'Makes a key.', {
    parameters: ['name', 'scopes!', 'databases!', 'expiresAt', 'expiresIn'],
    body: 'json',
    answer: 'made',
  }),
  operation(GET, `${KEYS}/{id}`, 'A key, without its secret.', { parameters: ['id!'] }),
  operation(DELETE, `${KEYS}/{id}`, 'Removes a key.', { parameters: ['id!'], answer: 'nothing' }),
  operation(POST, `${KEYS}/{id}/rotate`, 'Makes a second secret of a key.', {
    parameters: ['id!'],
    answer: 'made',
  }),
  operation(POST, `${KEYS}/{id}/retire`, 'Takes the older secret away.', { parameters: ['id!'] }),

  operation(POST, '/api/v1/tsdb/{database}', 'Makes a database, as openGemini has it.', {
    parameters: ['database!'],
  }),
  operation(GET, DATABASES, 'Databases that may be seen.'),
  operation(POST, DATABASES, 'Makes a database.', {
    parameters: ['name!', ...SETTINGS],
    body: 'json',
    answer: 'made',
  }),
  operation(GET, `${DATABASES}/{database}`, 'A database.', { parameters: ['database!'] }),
  operation(PATCH, `${DATABASES}/{database}`, 'Changes settings of a database.', {
    parameters: ['database!', ...SETTINGS],
    body: 'json',
  }),
  operation(DELETE, `${DATABASES}/{database}`, 'Removes a database with its data.', {
    parameters: ['database!'],
    answer: 'nothing',
  }),

  operation(GET, REMOTE_WRITES, 'All registrations of senders.'),
  operation(POST, REMOTE_WRITES, 'Registers a sender: a database, a key, URLs.', {
    parameters: ['name!', 'database', ...REGISTRATION],
    body: 'json',
    answer: 'made',
  }),
  operation(GET, `${REMOTE_WRITES}/{id}`, 'A registration.', { parameters: ['id!'] }),
  operation(PATCH, `${REMOTE_WRITES}/{id}`, 'Changes what is set of a registration.', {
    parameters: ['id!', ...REGISTRATION],
    body: 'json',
  }),
  operation(DELETE, `${REMOTE_WRITES}/{id}`, 'Ends a registration; its database stays.', {
    parameters: ['id!'],
    answer: 'nothing',
  }),
  operation(POST, `${REMOTE_WRITES}/{id}/rotate-key`, 'Makes a second secret of its key.', {
    parameters: ['id!'],
    answer: 'made',
  }),
  operation(POST, `${REMOTE_WRITES}/{id}/retire-key`, 'Takes the older secret away.', {
    parameters: ['id!'],
  }),
];
