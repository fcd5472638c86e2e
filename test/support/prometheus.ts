// Prometheus and its node exporter as processes: found, started on free ports, asked, ended.

import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Child, freePort, waitFor } from './child.ts';

/** Long enough for a machine that is busy with something else. */
const READY_TIMEOUT_MS = 120_000;

/** A program that was found, with its version. */
export interface Peer {
  readonly path: string;
  readonly version: string;
  readonly major: number;
}

/** Folders with today's releases, which distributions are slow to have. */
function peerFolders(): string[] {
  const given = process.env.TIDEMARK_PEERS;
  const folders = given === undefined ? [join(homedir(), '.cache/tidemark-peers')] : [given];
  return folders.flatMap((folder) => ['', 'usr/bin', 'usr/sbin'].map((part) => join(folder, part)));
}

function pathFolders(): string[] {
  return (process.env.PATH ?? '').split(delimiter);
}

function find(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function peerOf(path: string | undefined): Peer | undefined {
  if (path === undefined) return undefined;
  try {
    const text = execFileSync(path, ['--version'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString();
    const version = /version (\d+\.\d+\.\d+)/.exec(text)?.[1];
    return version === undefined
      ? undefined
      : { path, version, major: Number.parseInt(version, 10) };
  } catch {
    return undefined;
  }
}

/** Prometheus 3 or later, the oracle: from $TIDEMARK_PEERS, the cache of peers, or PATH. */
export function currentPrometheus(): Peer | undefined {
  const candidates = [find('prometheus', peerFolders()), find('prometheus', pathFolders())];
  return candidates.map(peerOf).find((peer) => peer !== undefined && peer.major >= 3);
}

/** The Prometheus on PATH, if it is of version 2: it writes 1.0 only and reads samples only. */
export function olderPrometheus(): Peer | undefined {
  const peer = peerOf(find('prometheus', pathFolders()));
  return peer?.major === 2 ? peer : undefined;
}

/** Prometheus' command line client, of version 3 or later. */
export function promtool(): Peer | undefined {
  const candidates = [find('promtool', peerFolders()), find('promtool', pathFolders())];
  return candidates.map(peerOf).find((peer) => peer !== undefined && peer.major >= 3);
}

/** Any other program; its version is not asked. */
export function peerProgram(name: string): string | undefined {
  return find(name, [...peerFolders(), ...pathFolders(), '/usr/sbin']);
}

/** VictoriaMetrics' migration tool; its version is not asked. */
export function vmctl(): string | undefined {
  return find('vmctl', [...peerFolders(), ...pathFolders()]);
}

export function nodeExporter(): Peer | undefined {
  const folders = [...pathFolders(), ...peerFolders()];
  return peerOf(find('prometheus-node-exporter', folders) ?? find('node_exporter', folders));
}

/** Starts node exporter; answers its address and the way to end it. */
export async function startNodeExporter(
  peer: Peer,
): Promise<{ readonly address: string; readonly child: Child }> {
  const address = `127.0.0.1:${await freePort()}`;
  const child = await Child.start(peer.path, [`--web.listen-address=${address}`]);
  await waitFor('node exporter', READY_TIMEOUT_MS, () => answers(`http://${address}/metrics`));
  return { address, child };
}

export interface PrometheusOptions {
  readonly peer: Peer;
  /** An empty folder of its own. */
  readonly folder: string;
  /** The configuration file; `address` is where it will listen. */
  readonly config: (address: string) => string;
  readonly flags?: readonly string[];
}

export class Prometheus {
  readonly url: string;
  readonly #child: Child;

  private constructor(child: Child, address: string) {
    this.#child = child;
    this.url = `http://${address}`;
  }

  /** Starts one and waits until it is ready. */
  static async start({ peer, folder, config, flags = [] }: PrometheusOptions): Promise<Prometheus> {
    const address = `127.0.0.1:${await freePort()}`;
    const configFile = join(folder, 'prometheus.yml');
    mkdirSync(folder, { recursive: true });
    writeFileSync(configFile, config(address));
    const args = [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
      ...flags,
    ];
    const child = await Child.start(peer.path, args, { cwd: folder });
    const prometheus = new Prometheus(child, address);
    try {
      await waitFor('Prometheus', READY_TIMEOUT_MS, async () => {
        if (child.status !== undefined) return 'ended';
        return answers(`${prometheus.url}/-/ready`);
      });
      if (child.status !== undefined) throw new Error('it ended');
    } catch (error) {
      await child.kill();
      throw new Error(`Prometheus ${peer.version} did not start:\n${child.output}`, {
        cause: error,
      });
    }
    return prometheus;
  }

  /** The end of what it has written. */
  get output(): string {
    return this.#child.output;
  }

  /** `data` of an answer of its API; throws its error otherwise. */
  async api(path: string, params: Readonly<Record<string, string>>): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(params)}`);
    const answer = (await response.json()) as { status: string; data: unknown; error?: string };
    if (answer.status === 'success') return answer.data;
    throw new Error(`${path} ${JSON.stringify(params)}: ${answer.error}`);
  }

  /** Sum of one of its own metrics over all labels. */
  async ownMetric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'));
    return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  async kill(): Promise<void> {
    await this.#child.kill();
  }
}

async function answers(url: string): Promise<'ready' | undefined> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.ok ? 'ready' : undefined;
}
