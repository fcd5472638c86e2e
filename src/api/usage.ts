// What the API has counted since the start: who has written how much, by key; and what databases were refused.

import type { FastifyRequest } from 'fastify';
import type { DatabaseQuotas, DatabaseUsage } from '../storage/database-settings.ts';
import type { Database, WriteResult } from '../storage/interface.ts';
import type { ApiContext } from './context.ts';

export class Usage {
  readonly #samplesByKey = new Map<string, number>();
  readonly #refusedQueries = new Map<string, number>();

  /** Samples and histograms that were stored for a key. */
  samplesOfKey(id: string): number {
    return this.#samplesByKey.get(id) ?? 0;
  }

  addToKey(id: string, samples: number): void {
    this.#samplesByKey.set(id, this.samplesOfKey(id) + samples);
  }

  /** Queries that `maxConcurrentQueries` of a database refused. */
  refusedQueriesOf(database: string): number {
    return this.#refusedQueries.get(database) ?? 0;
  }

  countRefusedQuery(database: string): void {
    this.#refusedQueries.set(database, this.refusedQueriesOf(database) + 1);
  }

  /** What a database takes, with refusals of all its quotas. */
  ofDatabase(database: Database): DatabaseUsage & {
    readonly refusals: Readonly<Record<keyof DatabaseQuotas, number>>;
  } {
    const usage = database.usage();
    const maxConcurrentQueries = this.refusedQueriesOf(database.name);
    return { ...usage, refusals: { ...usage.refusals, maxConcurrentQueries } };
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
