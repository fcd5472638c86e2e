// Tidemark as a server under test, with the settings that people get.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesBelow } from './files.ts';
import { countExportedSamples, type ServerKind } from './server.ts';

export const TIDEMARK_NAMES: readonly string[] = ['tidemark', 'tidemark-interval'];

/** The program of this repository twice: as it comes, and with its log synced at intervals. */
export function tidemarkKinds(repository: string): ServerKind[] {
  return [
    tidemark(repository, 'tidemark', 'Tidemark', []),
    tidemark(repository, 'tidemark-interval', 'Tidemark, log synced later', [
      '--wal.sync=interval',
    ]),
  ];
}

function tidemark(
  repository: string,
  name: string,
  title: string,
  flags: readonly string[],
): ServerKind {
  const manifest = readFileSync(join(repository, 'package.json'), 'utf8');
  return {
    name,
    title,
    version: (JSON.parse(manifest) as { version: string }).version,
    program: process.execPath,
    flags,
    placeArgs: (folder, port) => [
      join(repository, 'bin/tidemark.js'),
      'serve',
      `--data=${join(folder, 'data')}`,
      `--listen=127.0.0.1:${port}`,
    ],
    writePath: '/api/v1/write',
    readyPath: '/-/ready',
    acceptedSamples: (server) =>
      server.metric('tidemark_samples_received_total', /kind="(float|histogram)"/),
    storedSamples: countExportedSamples,
    settle: async (server) => {
      await server.ask('/internal/force_flush', 'POST');
      await server.ask('/internal/force_merge', 'POST');
      const totalBytes = bytesBelow(join(server.folder, 'data/databases'));
      return { totalBytes, indexBytes: undefined };
    },
    logBytes: (folder) => bytesBelow(join(folder, 'data/wal')),
  };
}
