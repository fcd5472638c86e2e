// The reader of the stress test: a thread that is sent frozen registries and asks each about its labels
// while the registry goes on growing. Series `i` is {id="i", mod="i % 7", name="m"}.

import { parentPort } from 'node:worker_threads';
import { labelsFromObject, labelValue } from '../../model/labels.ts';
import { compileMatcher } from '../../storage/label-matcher.ts';
import { LabelCache } from './label-cache.ts';
import { MemoryIndex } from './memory-index.ts';
import type { FrozenRegistry } from './registry-columns.ts';

const MOD = 7;

export function stressLabels(i: number): ReturnType<typeof labelsFromObject> {
  return labelsFromObject({ name: 'm', mod: String(i % MOD), id: String(i) });
}

const cache = new LabelCache();

/** What is wrong with the index, if anything. */
function check(frozen: FrozenRegistry): string | undefined {
  const { seriesCount } = frozen;
  const index = new MemoryIndex(frozen, frozen.databases[0]!, cache);
  const isWrong = (
    what: string,
    found: Uint32Array,
    wanted: (i: number) => boolean,
  ): string | undefined => {
    let at = 0;
    for (let i = 0; i < seriesCount; i++) {
      if (wanted(i) && found[at++] !== i)
        return `${what} of ${seriesCount}: ${found[at - 1]}, not ${i}`;
    }
    return at === found.length
      ? undefined
      : `${what} of ${seriesCount}: ${found.length - at} too many`;
  };
  const last = seriesCount - 1;
  const isLast = (i: number): boolean => i === last;
  const odd = compileMatcher({ type: '=~', name: 'mod', value: '[135]' });
  return (
    isWrong('all', index.allIds(), () => true) ??
    isWrong('of name', index.postingsOfName('mod'), () => true) ??
    isWrong('mod 3', index.postings('mod', '3'), (i) => i % MOD === 3) ??
    isWrong('expression', index.tellingPostings(odd), (i) => odd.matches(String(i % MOD))) ??
    isWrong('last', index.postings('id', String(last)), isLast) ??
    isWrong('next', index.postings('id', String(seriesCount)), () => false) ??
    (labelValue(index.seriesLabels(last), 'id') === String(last) ? undefined : 'labels')
  );
}

parentPort?.on('message', (frozen: FrozenRegistry) =>
  parentPort!.postMessage(check(frozen) ?? 'right'),
);
