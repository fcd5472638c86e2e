// Listeners with certificates of their own, replaced while they are in use, and with roles.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import * as https from 'node:https';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Listeners } from '../../src/api/listeners.ts';
import type { ListenEntry } from '../../src/config/listen-type.ts';
import type { Logger } from '../../src/runtime/log.ts';
import { testAccess } from '../support/access.ts';
import { series, startApi, V1_TYPE, writeBody } from '../support/api.ts';
import { type CertificateFiles, TestAuthority } from '../support/certificates.ts';
import { temporaryFolder } from '../support/program.ts';

let folder: ReturnType<typeof temporaryFolder>;
let authority: TestAuthority;
let first: CertificateFiles;
let second: CertificateFiles;
beforeAll(() => {
  folder = temporaryFolder();
  authority = new TestAuthority(folder.path);
  first = authority.issue('first');
  second = authority.issue('second');
});
afterAll(() => folder.remove());

const running: Listeners[] = [];
afterEach(async () => {
  for (const listeners of running.splice(0)) await listeners.close(100);
});

interface Running {
  readonly port: number;
  readonly listeners: Listeners;
  readonly lines: string[];
  readonly metrics: () => Promise<string>;
}

async function listen(entry: Omit<ListenEntry, 'host' | 'port'>): Promise<Running> {
  const lines: string[] = [];
  const logger: Logger = {
    log: (severity, message, fields) => lines.push(JSON.stringify([severity, message, fields])),
  };
  const api = startApi({ logger });
  await api.app.ready();
  const { metrics } = api.context;
  const listeners = new Listeners(api.app, { maxConnections: 1000, logger, metrics });
  running.push(listeners);
  const { port } = await listeners.listen({ host: '127.0.0.1', port: 0, ...entry });
  return { port, listeners, lines, metrics: () => metrics.render() };
}

/** Copies a certificate to where the listener looks for its own; in the order that is given. */
function install(files: CertificateFiles, ...order: (keyof CertificateFiles)[]): CertificateFiles {
  const own = { cert: join(folder.path, 'own.pem'), key: join(folder.path, 'own.key') };
  for (const which of order) copyFileSync(files[which], own[which]);
  return own;
}

/** Status of an answer, or the error's code. */
function get(
  port: number,
  options: https.RequestOptions = {},
  path = '/-/healthy',
): Promise<number | string> {
  return new Promise((resolve) => {
    const request = https.request(
      { host: '127.0.0.1', port, path, ca: authority.pem, agent: false, ...options },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    request.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.end();
  });
}

function subjectOf(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ca: authority.pem }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('serves HTTPS, tells when the certificate ends, and refuses what is no TLS', async () => {
  const { port, metrics } = await listen({ tls: install(first, 'cert', 'key') });
  expect(await get(port)).toBe(200);
  expect(await get(port, { ca: undefined })).not.toBe(200);
  const plain = await fetch(`http://127.0.0.1:${port}/-/healthy`).catch(() => 'refused');
  expect(plain).toBe('refused');
  const end = /^tidemark_tls_certificate_expiry_timestamp_seconds\{listen="[^"]+"\} (\d+)$/m.exec(
    await metrics(),
  );
  expect(Math.abs(Number(end?.[1]) - (Date.now() / 1000 + 86_400))).toBeLessThan(600);
});

test('TLS 1.2 is the oldest that is spoken', async () => {
  const { port } = await listen({ tls: install(first, 'cert', 'key') });
  expect(await get(port, { maxVersion: 'TLSv1.2' })).toBe(200);
  const old: https.RequestOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' };
  expect(await get(port, { ...old, ciphers: 'DEFAULT:@SECLEVEL=0' })).not.toBe(200);
});

test('client-ca lets in who has a certificate of it, and nobody else', async () => {
  const clients = new TestAuthority(folder.path, 'clients');
  const client = clients.issue('client');
  const own = install(first, 'cert', 'key');
  const { port } = await listen({ tls: { ...own, clientCa: clients.certFile } });
  const pair = { cert: readFileSync(client.cert), key: readFileSync(client.key) };
  expect(await get(port, pair)).toBe(200);
  expect(await get(port)).not.toBe(200);
  const foreign = { cert: readFileSync(first.cert), key: readFileSync(first.key) };
  expect(await get(port, foreign)).not.toBe(200);
});

test('client-name lets in who has one of these names, on a session resumed as well', async () => {
  const clients = new TestAuthority(folder.path, 'named clients');
  const { port, lines } = await listen({
    tls: {
      ...install(first, 'cert', 'key'),
      clientCa: clients.certFile,
      clientNames: ['sender', 'spiffe://x/b', 'Store.Example.org'],
    },
  });
  const outcomes: unknown[] = [];
  for (const [name, alternative] of [
    ['sender', 'DNS:other.example.org'],
    ['other', 'DNS:a.example.org,DNS:store.example.org'],
    ['other', 'IP:127.0.0.9,URI:spiffe://x/b'],
    ['other', 'DNS:sender.example.org,URI:spiffe://x/a'],
  ] as const) {
    const { cert, key } = clients.issue(name, alternative);
    const agent = new https.Agent({ keepAlive: false });
    const pair = { cert: readFileSync(cert), key: readFileSync(key), agent };
    outcomes.push([await get(port, pair), await get(port, pair)]);
    agent.destroy();
  }
  const broken = ['ECONNRESET', 'ECONNRESET'];
  expect(outcomes).toEqual([[200, 200], [200, 200], [200, 200], broken]);
  expect(lines.filter((line) => line.includes('none of its names'))).toEqual([
    expect.stringContaining('["other","sender.example.org","spiffe://x/a"]'),
  ]);
});

test('files that cannot be used keep the server from starting', async () => {
  const own = { cert: first.cert, key: second.key };
  await expect(listen({ tls: own })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  await expect(listen({ tls: { ...own, key: '/nowhere' } })).rejects.toThrow('/nowhere');
});

test('half a change is no change', async () => {
  const { port, listeners, lines } = await listen({ tls: install(first, 'cert', 'key') });
  install(second, 'cert');
  listeners.reloadCertificates();
  listeners.reloadCertificates();
  expect(await subjectOf(port)).toBe('first');
  expect(lines.filter((line) => line.includes('cannot be used'))).toHaveLength(1);
  install(second, 'key');
  listeners.reloadCertificates();
  expect(await subjectOf(port)).toBe('second');
  writeFileSync(join(folder.path, 'own.pem'), 'garbage');
  listeners.reloadCertificates();
  expect(await subjectOf(port)).toBe('second');
});

test('100 reloads under load: no request fails (takes seconds)', async () => {
  const { port, listeners } = await listen({ tls: install(first, 'cert', 'key') });
  const outcomes = new Map<number | string, number>();
  let isOver = false;
  const load = async (agent: https.Agent | false): Promise<void> => {
    while (!isOver) {
      const outcome = await get(port, { agent });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const agents = [new https.Agent({ keepAlive: true }), new https.Agent({ keepAlive: true })];
  const loads = [false as const, false as const, ...agents].map(load);
  let reloads = 0;
  for (let i = 0; i < 100; i++) {
    const next = i % 2 === 0 ? second : first;
    for (const part of i % 3 === 0 ? (['key', 'cert'] as const) : (['cert', 'key'] as const)) {
      install(next, part);
      listeners.reloadCertificates();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if ((await subjectOf(port)) === (i % 2 === 0 ? 'second' : 'first')) reloads++;
  }
  isOver = true;
  await Promise.all(loads);
  for (const agent of agents) agent.destroy();
  expect(reloads).toBe(100);
  expect([...outcomes.keys()]).toEqual([200]);
  expect(outcomes.get(200)).toBeGreaterThan(200);
});

test('a listener for writes, or for reads, is for nothing else', async () => {
  const api = startApi();
  await api.app.ready();
  const listeners = new Listeners(api.app, { maxConnections: 100, logger: { log: () => {} } });
  running.push(listeners);
  const statuses: unknown[] = [];
  for (const role of [undefined, 'read', 'write'] as const) {
    const entry = { host: '127.0.0.1', port: 0 };
    const { port } = await listeners.listen(role === undefined ? entry : { ...entry, role });
    const url = `http://127.0.0.1:${port}`;
    const body = writeBody(1, series({ __name__: 'up' }, [Date.now(), 1]));
    const headers = { 'content-type': V1_TYPE };
    const requests = [
      fetch(`${url}/-/healthy`),
      fetch(`${url}/api/v1/write`, { method: 'POST', body, headers }),
      fetch(`${url}/api/v1/query?query=up`),
      fetch(`${url}/api/v1/admin/databases`, { method: 'POST', body: '{"name":"x"}' }),
      fetch(`${url}/internal/force_flush`, { method: 'POST' }),
    ];
    const answers = await Promise.all(requests);
    statuses.push([role, ...answers.map(({ status }) => status)]);
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  }
  expect(statuses).toEqual([
    [undefined, 200, 204, 200, 201, 204],
    ['read', 200, 403, 200, 403, 403],
    ['write', 200, 204, 403, 403, 403],
  ]);
});

test('the first administrator is made through a listener that is for everything', async () => {
  const access = testAccess();
  const api = startApi({ settings: { auth: true }, access });
  await api.app.ready();
  const listeners = new Listeners(api.app, { maxConnections: 100, logger: { log: () => {} } });
  running.push(listeners);
  const text = "CREATE USER root WITH PASSWORD 'x' WITH ALL PRIVILEGES";
  const statuses: number[] = [];
  for (const role of ['read', 'write', undefined] as const) {
    const entry = { host: '127.0.0.1', port: 0 };
    const { port } = await listeners.listen(role === undefined ? entry : { ...entry, role });
    const url = `http://127.0.0.1:${port}/query?q=${encodeURIComponent(text)}`;
    const answer = await fetch(url, { method: 'POST' });
    statuses.push(answer.status);
    await answer.arrayBuffer();
  }
  expect(statuses).toEqual([403, 403, 200]);
  expect(access.users()).toHaveLength(1);
});
