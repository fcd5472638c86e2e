// OpenTelemetry over gRPC: sockets of our own, calls as a client makes them.

import { copyFileSync, readFileSync } from 'node:fs';
import { connect as tlsConnect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import {
  Client,
  type ClientOptions,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { GrpcListeners } from '../../src/api/grpc/listeners.ts';
import type { ListenEntry } from '../../src/config/listen-type.ts';
import { labelsToObject } from '../../src/model/labels.ts';
import { unavailable } from '../../src/storage/errors.ts';
import type { Database } from '../../src/storage/interface.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { basic, testAccess } from '../support/access.ts';
import { startApi, type TestApi, type TestApiOptions } from '../support/api.ts';
import { TestAuthority } from '../support/certificates.ts';
import { nanos, type OtlpObject, otlpProtobuf, otlpRequest } from '../support/otlp.ts';
import { temporaryFolder } from '../support/program.ts';

const NOW = Date.now();
const EXPORT = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const DEADLINE_MS = 20_000;

let api: TestApi;
let listeners: GrpcListeners;
const clients: Client[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await listeners.close(1000);
  await api.app.close();
});

async function start(
  options: TestApiOptions = {},
  entry: Partial<ListenEntry> = {},
): Promise<number> {
  const listen = { host: '127.0.0.1', port: 0, ...entry };
  api = startApi({ ...options, settings: { ...options.settings, 'otlp.grpc-listen': [listen] } });
  listeners = new GrpcListeners(api.context);
  const [{ port } = { port: 0 }] = await listeners.listenAll();
  return port;
}

function connect(
  port: number,
  options: ClientOptions = {},
  secure = credentials.createInsecure(),
): Client {
  const client = new Client(`127.0.0.1:${port}`, secure, options);
  clients.push(client);
  return client;
}

/** The answer's bytes; rejects with a ServiceError. */
function call(
  client: Client,
  message: Buffer,
  headers: Readonly<Record<string, string>> = {},
  path = EXPORT,
): Promise<Buffer> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const same = (bytes: Buffer): Buffer => bytes;
  const deadline = Date.now() + DEADLINE_MS;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, message, metadata, { deadline }, (error, answer) => {
      if (error !== null) reject(error);
      else resolve(answer!);
    });
  });
}

async function failure(of: Promise<Buffer>): Promise<ServiceError> {
  try {
    await of;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error('the call was answered');
}

function gauge(name: string, point: OtlpObject = {}): OtlpObject {
  return { name, gauge: { dataPoints: [{ timeUnixNano: nanos(NOW), asDouble: 1, ...point }] } };
}

const GOOD = otlpProtobuf(otlpRequest([gauge('up')], { 'service.name': 'api' }));

async function seriesIn(database = 'default'): Promise<number> {
  const { payload } = await api.app.inject(
    `/api/v1/series?match[]={__name__=~".%2B"}&db=${database}`,
  );
  return (JSON.parse(payload) as { data: unknown[] }).data.length;
}

/** A store whose writes end as told. */
class OddStorage extends MemoryStorage {
  readonly #write: Database['write'];

  constructor(write: Database['write']) {
    super();
    this.#write = write;
  }

  override database(name: string): ReturnType<MemoryStorage['database']> {
    const found = super.database(name);
    if (found !== undefined) found.write = this.#write as typeof found.write;
    return found;
  }
}

describe('what is taken', () => {
  test('a message, plain and compressed', async () => {
    const port = await start();
    expect(await call(connect(port), GOOD)).toHaveLength(0);
    const gzip = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip };
    const other = otlpProtobuf(otlpRequest([gauge('zipped')]));
    expect(await call(connect(port, gzip), other)).toHaveLength(0);
    expect(await call(connect(port), Buffer.alloc(0))).toHaveLength(0);
    expect(await seriesIn()).toBe(2);
    const { payload } = await api.app.inject('/metrics');
    expect(payload).toContain('tidemark_grpc_calls_total{code="0"} 3');
    expect(payload).toContain('tidemark_samples_received_total{protocol="otlp",kind="float"} 2');
  });

  test('a part, and the sender is told', async () => {
    const port = await start();
    const answer = await call(connect(port), otlpProtobuf(otlpRequest([gauge('a'), gauge('温')])));
    // partial_success { rejected_data_points: 1, error_message }
    expect(answer.subarray(0, 1).toString('hex')).toBe('0a');
    expect(answer.subarray(2, 5).toString('hex')).toBe('080112');
    expect(answer.toString()).toContain('1 of 2 data points refused');
    expect(await seriesIn()).toBe(1);
  });

  test('many calls at once on one connection', async () => {
    const port = await start({
      settings: { 'limits.body-memory': 2 << 20, 'limits.max-decoded-size': 1 << 20 },
    });
    const client = connect(port);
    const calls = Array.from({ length: 50 }, (_, i) =>
      call(client, otlpProtobuf(otlpRequest([gauge(`m${i}`)]))),
    );
    expect(new Set((await Promise.all(calls)).map(({ length }) => length))).toEqual(new Set([0]));
    expect(await seriesIn()).toBe(50);
    expect(api.context.bodies.heldBytes).toBe(0);
  });
});

describe('what is refused', () => {
  test('bad messages and other methods', async () => {
    const client = connect(await start());
    const bad = await failure(call(client, Buffer.from('hello')));
    expect([bad.code, bad.details]).toEqual([
      status.INVALID_ARGUMENT,
      expect.stringContaining('malformed protobuf'),
    ]);
    const trace = EXPORT.replaceAll('etrics', 'race');
    expect((await failure(call(client, GOOD, {}, trace))).code).toBe(status.UNIMPLEMENTED);
    expect((await failure(call(client, GOOD, { 'x-scope-orgid': 'nope' }))).code).toBe(
      status.NOT_FOUND,
    );
    // The connection goes on.
    expect(await call(client, GOOD)).toHaveLength(0);
  });

  test('messages that are too large, also once they are unpacked, for good', async () => {
    const port = await start({ settings: { 'limits.max-decoded-size': 10_000 } });
    const large = otlpProtobuf(otlpRequest([gauge('x'.repeat(20_000))]));
    const sent = await failure(call(connect(port), large));
    expect(sent.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(sent.metadata.get('grpc-status-details-bin')).toEqual([]);
    expect(gzipSync(large).length).toBeLessThan(10_000);
    const gzip = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip };
    const unpacked = await failure(call(connect(port, gzip), large));
    expect(unpacked.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(await call(connect(port), GOOD)).toHaveLength(0);
  });

  test('nobody, somebody who may not, and an address for reads', async () => {
    const access = testAccess();
    await access.createUser('root', 'root-password', true);
    await access.createUser('reader', 'reader-password', false);
    access.setPrivilege('reader', 'default', 'read');
    const port = await start({ access, settings: { auth: true } });
    const client = connect(port);
    const as = (name: string, password: string): Promise<Buffer> =>
      call(client, GOOD, { authorization: basic(name, password) });
    expect((await failure(call(client, GOOD))).code).toBe(status.UNAUTHENTICATED);
    expect((await failure(as('root', 'wrong'))).code).toBe(status.UNAUTHENTICATED);
    const denied = await failure(as('reader', 'reader-password'));
    expect([denied.code, denied.details]).toEqual([
      status.PERMISSION_DENIED,
      expect.stringContaining('not authorized to write'),
    ]);
    expect(await as('root', 'root-password')).toHaveLength(0);
    await listeners.close(0);
    const readOnly = await start({}, { role: 'read' });
    const refused = await failure(call(connect(readOnly), GOOD));
    expect([refused.code, refused.details]).toEqual([
      status.PERMISSION_DENIED,
      'not served here: this address is for reads',
    ]);
  });

  test('a stranger, before the message is received', async () => {
    const access = testAccess();
    await access.createUser('root', 'root-password', true);
    const port = await start({ access, settings: { auth: true } });
    const client = connect(port);
    const same = (bytes: Buffer): Buffer => bytes;
    // A stream of which no message ever comes.
    const code = await new Promise<number>((resolve) => {
      client.makeClientStreamRequest(EXPORT, same, same, new Metadata(), {}, (error) => {
        resolve(error?.code ?? status.OK);
      });
    });
    expect(code).toBe(status.UNAUTHENTICATED);
  });
});

describe('which database', () => {
  test('a header, or what a key is for', async () => {
    const access = testAccess();
    await access.createUser('root', 'root-password', true);
    const port = await start({ access, settings: { auth: true } });
    await api.storage.createDatabase('one');
    await api.storage.createDatabase('two');
    const { key, secret } = access.createKey({
      name: 'sender',
      scopes: ['write'],
      databases: ['two'],
      expiresAt: undefined,
    });
    const client = connect(port);
    await call(client, GOOD, {
      authorization: basic('root', 'root-password'),
      'x-scope-orgid': 'one',
    });
    await call(client, GOOD, { authorization: `Bearer ${key.id}.${secret}` });
    const names = await Promise.all(
      ['default', 'one', 'two'].map(async (name) => {
        const querier = api.storage.database(name)!.querier({ minT: 0, maxT: NOW });
        return (await querier.series([])).length;
      }),
    );
    expect(names).toEqual([0, 1, 1]);
  });
});

describe('a registration', () => {
  test('sets its labels, and senders of one that is disabled keep their data', async () => {
    const access = testAccess();
    await access.createUser('root', 'root-password', true);
    const port = await start({ access, settings: { auth: true } });
    await api.storage.createDatabase('prod');
    const extraLabels = [{ name: 'region', value: 'eu' }];
    const { key, secret, remoteWrite } = access.createRemoteWrite('prod', 'prod', { extraLabels });
    const client = connect(port);
    const authorization = `Bearer ${key.id}.${secret}`;
    await call(client, GOOD, { authorization });
    const querier = api.storage.database('prod')!.querier({ minT: 0, maxT: NOW });
    const [labels = []] = await querier.series([]);
    expect(labelsToObject(labels)).toEqual({ __name__: 'up', job: 'api', region: 'eu' });
    access.changeRemoteWrite(remoteWrite.id, { isDisabled: true });
    const refused = await failure(call(client, GOOD, { authorization }));
    expect([refused.code, refused.details]).toEqual([
      status.UNAVAILABLE,
      expect.stringContaining('is disabled: keep the data and try again later'),
    ]);
  });
});

describe('what comes again later', () => {
  const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

  function expectRetry({ code, metadata }: ServiceError): void {
    expect(code).toBe(status.UNAVAILABLE);
    const [details] = metadata.get('grpc-status-details-bin') as [Buffer];
    expect(details.toString()).toContain(RETRY_INFO);
    // RetryInfo { retry_delay { seconds: 5 } }
    expect(details.toString('hex').endsWith('12040a020805')).toBe(true);
  }

  test('while starting', async () => {
    expectRetry(await failure(call(connect(await start({ starting: true })), GOOD)));
  });

  test('when the store cannot take it, and for a defect', async () => {
    const errors = [unavailable('TSDB_DISK_FULL', 'no space left'), new TypeError('a defect')];
    const storage = new OddStorage(() => Promise.reject(errors.shift()!));
    const client = connect(await start({ storage }));
    const full = await failure(call(client, GOOD));
    expect(full.details).toBe('no space left');
    expectRetry(full);
    expectRetry(await failure(call(client, GOOD)));
  });

  test('while too much is in memory', async () => {
    const settings = { 'limits.body-memory': GOOD.length - 1, 'limits.max-decoded-size': 1 << 20 };
    expectRetry(await failure(call(connect(await start({ settings })), GOOD)));
  });
});

test('closing waits for what is in flight', async () => {
  let finish = (): void => {};
  let begun = (): void => {};
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const memory = new MemoryStorage().database('default')!;
  const storage = new OddStorage(async (batch) => {
    begun();
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return memory.write(batch);
  });
  const port = await start({ storage });
  const answer = call(connect(port), GOOD);
  await isBegun;
  const closed = listeners.close(DEADLINE_MS);
  finish();
  expect(await answer).toHaveLength(0);
  await closed;
  expect((await failure(call(connect(port), GOOD))).code).toBe(status.UNAVAILABLE);
});

test('a silent connection does not hold up the end', async () => {
  const client = connect(await start());
  const same = (bytes: Buffer): Buffer => bytes;
  const ended = new Promise<number>((resolve) => {
    client.makeClientStreamRequest(EXPORT, same, same, new Metadata(), {}, (error) => {
      resolve(error?.code ?? status.OK);
    });
  });
  await new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + DEADLINE_MS, (error) => (error ? reject(error) : resolve()));
  });
  await listeners.close(50);
  expect([status.UNAVAILABLE, status.CANCELLED, status.INTERNAL]).toContain(await ended);
});

test('certificates of the server and of clients, with names, and new ones while it runs', async () => {
  const folder = temporaryFolder();
  try {
    const authority = new TestAuthority(folder.path);
    const files = authority.issue('server');
    const tls = { ...files, clientCa: authority.certFile, clientNames: ['sender'] };
    const port = await start({}, { tls });
    const root = Buffer.from(authority.pem);
    const as = (name: string): Promise<Buffer> => {
      const { key, cert } = authority.issue(name, `DNS:${name}`);
      const own = credentials.createSsl(root, readFileSync(key), readFileSync(cert));
      return call(connect(port, {}, own), GOOD);
    };
    expect(await as('sender')).toHaveLength(0);
    expect((await failure(as('stranger'))).code).toBe(status.UNAVAILABLE);
    const nobody = connect(port, {}, credentials.createSsl(root));
    expect((await failure(call(nobody, GOOD))).code).toBe(status.UNAVAILABLE);
    expect((await failure(call(connect(port), GOOD))).code).toBe(status.UNAVAILABLE);

    const before = await serialNumber(port, root);
    const next = authority.issue('next');
    copyFileSync(next.key, files.key);
    copyFileSync(next.cert, files.cert);
    listeners.reloadCertificates();
    expect(await serialNumber(port, root)).not.toBe(before);
    expect(await as('sender')).toHaveLength(0);
  } finally {
    folder.remove();
  }
});

/** Of the certificate that the server shows. */
function serialNumber(port: number, ca: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ port, host: '127.0.0.1', ca, ALPNProtocols: ['h2'] }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
