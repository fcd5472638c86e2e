// Who has written how much since the start: by key, for the list of registrations.

import type { FastifyRequest } from 'fastify';
import type { WriteResult } from '../storage/interface.ts';
import type { ApiContext } from './context.ts';

export class Usage {
  readonly #samplesByKey = new Map<string, number>();

  /** Samples and histograms that were stored for a key. */
  samplesOfKey(id: string): number {
    return this.#samplesByKey.get(id) ?? 0;
  }

  addToKey(id: string, samples: number): void {
    this.#samplesByKey.set(id, this.samplesOfKey(id) + samples);
  }
}

/** Counts what a write has stored, under its protocol and for who sent it. */
export function countReceived(
  { httpMetrics, usage }: ApiContext,
  { principal }: Pick<FastifyRequest, 'principal'>,
  protocol: string,
  result: WriteResult,
): void {
  httpMetrics.countReceived(protocol, result);
  const { name } = principal;
  if (name !== '') usage.addToKey(name, result.samplesWritten + result.histogramsWritten);
}
