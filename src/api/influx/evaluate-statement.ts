// The InfluxQL of query threads: statements that read, from their bodies to bytes of their answers.

import { executeRead, tableOf } from '../../influxql/index.ts';
import type { StatementHost } from '../../query/statement.ts';
import type { Querier } from '../../storage/interface.ts';
import { tooManyPoints } from '../errors.ts';
import { newResultWriter } from './results.ts';
import { PieceGatherer, type StatementBody } from './statement-body.ts';

/** 106 were measured for a point of one value, whose time and value are objects of their own; 24 more for each other. */
const POINT_BYTES = 128;
/** With `chunked`, documents leave at least this often while there are any. */
const MAX_DELAY_MS = 20;

export async function evaluateStatement(
  body: unknown,
  queriers: readonly Querier[],
  host: StatementHost,
): Promise<void> {
  const { job, statementId, format, state } = body as StatementBody;
  const { nowNs, chunkSize, maxPoints, scopes } = job;
  let held = 0;
  const context = {
    scopes: scopes.map(({ range, fields }, i) => ({
      querier: queriers[i]!,
      range,
      fields: tableOf(fields),
    })),
    chunkSize,
    nowNs,
    control: {
      checkpoint: () => host.checkpoint(),
      hold: (points: number) => {
        held += points;
        if (held > maxPoints) throw tooManyPoints(maxPoints);
        host.reserve(points * POINT_BYTES);
      },
    },
    random: Math.random,
    breathe: () => host.breathe(),
    now: () => performance.now(),
  };
  const writer = newResultWriter(format);
  writer.state = state;
  const pieces = new PieceGatherer(host, writer);
  await pieces.add(writer.begin(statementId));
  let sentAt = performance.now();
  for await (const piece of executeRead(job, context)) {
    for (const part of writer.piece(piece)) await pieces.add(part);
    if (!format.isChunked || performance.now() - sentAt < MAX_DELAY_MS) continue;
    await pieces.flush();
    sentAt = performance.now();
  }
  await pieces.add(writer.end([], undefined));
  await pieces.end();
}
