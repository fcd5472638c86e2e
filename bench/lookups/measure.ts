// What is asked about series and labels rather than samples.

import type { Corpus } from '../corpus.ts';
import { withLoadedServers } from '../loaded-servers.ts';
import { type Answer, ask, askUntilWarm } from '../query/ask.ts';
import type { RunningServer, ServerKind } from '../server.ts';
import type { Values } from '../suite/axis.ts';

export interface Lookup {
  readonly name: string;
  /** Of parameters; times and `nocache` are added. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
}

const SELECTOR = '{namespace="namespace-3"}';

export const LOOKUPS: readonly Lookup[] = [
  { name: 'names of labels', path: '/api/v1/labels', params: {} },
  { name: 'values of a label with 20', path: '/api/v1/label/namespace/values', params: {} },
  { name: 'values of a label with 100k', path: '/api/v1/label/id/values', params: {} },
  {
    name: 'values of a label in one namespace',
    path: '/api/v1/label/id/values',
    params: { 'match[]': SELECTOR },
  },
  { name: 'series of one namespace', path: '/api/v1/series', params: { 'match[]': SELECTOR } },
  { name: 'metadata', path: '/api/v1/metadata', params: {} },
  regex('contains', '.*-9999.*'),
  regex('prefix', 'pod-a.*'),
  regex('one of three', '.*(foo|bar|z9).*'),
  regex('classes and counts', 'pod-[a-m]{3}.*-[0-9]+7'),
  regex('anything', '.+'),
];

function regex(name: string, pattern: string): Lookup {
  const query = `count({id=~"${pattern}"})`;
  return {
    name: `regular expression over 100k values, ${name}`,
    path: '/api/v1/query',
    params: { query },
  };
}

export interface LookupResult {
  readonly name: string;
  /** Wall in ms. */
  readonly values: Values;
}

export interface LookupRun {
  readonly repeats: number;
  /** Everything is asked for so long, and at least three times, before it is measured. */
  readonly warmUpMs: number;
  readonly say: (text: string) => void;
  readonly problem: (text: string) => void;
}

/** Loads every server and asks everything in turns; stops and removes the servers. */
export async function measureLookups(
  kinds: readonly ServerKind[],
  corpus: Corpus,
  folder: string,
  run: LookupRun,
): Promise<LookupResult[]> {
  return withLoadedServers(kinds, corpus, folder, run.say, async (servers) => {
    const results: LookupResult[] = [];
    // Else the first of the list would pay for what all have in common.
    run.say(`everything is asked for ${run.warmUpMs / 1000} s before the first is measured`);
    for (const lookup of LOOKUPS) {
      for (const { url } of servers) {
        await askUntilWarm(`${url}${pathOf(lookup, corpus)}`, run.warmUpMs);
      }
    }
    for (const lookup of LOOKUPS) {
      run.say(lookup.name);
      results.push(await measureLookup(lookup, servers, corpus, run));
    }
    return results;
  });
}

async function measureLookup(
  lookup: Lookup,
  servers: readonly RunningServer[],
  corpus: Corpus,
  { repeats, warmUpMs, problem }: LookupRun,
): Promise<LookupResult> {
  const values: Record<string, number[]> = {};
  const found = new Map<string, number>();
  const url = (server: RunningServer): string => `${server.url}${pathOf(lookup, corpus)}`;
  for (const server of servers) {
    const size = sizeOf(await askUntilWarm(url(server), warmUpMs));
    if (typeof size === 'string') problem(`${lookup.name}, ${server.kind.name}: ${size}`);
    // Nothing is no answer: metadata is not kept by every server.
    else if (size > 0) found.set(server.kind.name, size);
  }
  const sizes = [...found].map(([server, size]) => `${server} ${size}`);
  if (new Set(found.values()).size > 1) {
    problem(`${lookup.name}: answers differ in size: ${sizes.join(', ')}`);
  }
  for (let i = 0; i < repeats; i++) {
    for (const server of servers) {
      const { name } = server.kind;
      if (!found.has(name)) continue;
      const { wallMs } = await ask(url(server));
      values[name] = [...(values[name] ?? []), wallMs];
    }
  }
  return { name: lookup.name, values };
}

function pathOf({ path, params }: Lookup, { endT, tickMs }: Corpus): string {
  const end = Math.ceil(endT / 1000);
  const times = path.endsWith('/query')
    ? { time: String(end) }
    : { start: String(Math.floor((endT - tickMs) / 1000)), end: String(end) };
  return `${path}?${new URLSearchParams({ ...params, ...times, nocache: '1' })}`;
}

/** How many things an answer has; what is wrong with it if it is none. */
export function sizeOf({ status, body }: Pick<Answer, 'status' | 'body'>): number | string {
  const text = body.toString('utf8');
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`;
  const { data } = JSON.parse(text) as {
    data: readonly unknown[] | { result?: readonly { value: readonly [number, string] }[] };
  };
  if (Array.isArray(data)) return data.length;
  const { result } = data as { result?: readonly { value: readonly [number, string] }[] };
  if (result === undefined) return Object.keys(data).length;
  return Number(result[0]?.value[1] ?? 0);
}
