// Lists on query threads: label names, label values, series and exemplars, from what is asked for to the bytes of the
// answer.

import { labelsToObject } from '../../../model/labels.ts';
import { BytePieces } from '../../../query/answer/byte-pieces.ts';
import { floatText, writeLabels, writeString } from '../../../query/answer/json-values.ts';
import { TRUNCATED_WARNING } from '../../../query/answer/remarks.ts';
import type { StatementHost } from '../../../query/statement.ts';
import type { Querier, SeriesExemplars } from '../../../storage/interface.ts';
import { parseSelectors } from '../../selectors.ts';
import type { ListingBody } from './listing-body.ts';

/** Estimated memory of a string beside its characters, and of each of these. */
const STRING_BYTES = 32;
const BYTES_PER_UNIT = 2;
const ITEMS_PER_BREATH = 64;

export async function evaluateListing(
  body: unknown,
  queriers: readonly Querier[],
  host: StatementHost,
): Promise<void> {
  const { limit, ...listing } = body as ListingBody;
  // One more than asked for shows whether something was cut.
  const items = await itemsOf(
    listing,
    limit === undefined ? undefined : limit + 1,
    queriers[0]!,
    host,
  );
  const count = Math.min(items.length, limit ?? Number.POSITIVE_INFINITY);
  const out = new BytePieces(() => host.newPiece());
  out.ascii('{"status":"success","data":[');
  for (let i = 0; i < count; i++) {
    if (i > 0) out.ascii(',');
    items.write(out, i);
    while (out.hasFull) await host.send(out.takeFull()!, false);
    // Waiting for nothing takes longer than most items.
    if (i % ITEMS_PER_BREATH === 0) await host.breathe();
  }
  const isCut = count < items.length;
  out.ascii(isCut ? `],"warnings":${JSON.stringify([TRUNCATED_WARNING])}}` : ']}');
  while (out.hasFull) await host.send(out.takeFull()!, false);
  await host.send(out.takeRest(), true);
}

/** Found, and written one after the other. */
interface Items {
  readonly length: number;
  /** Writes the `i`th as JSON. */
  write(out: BytePieces, i: number): void;
}

async function itemsOf(
  { what, selectors: given }: Pick<ListingBody, 'what' | 'selectors'>,
  limit: number | undefined,
  querier: Querier,
  host: StatementHost,
): Promise<Items> {
  const selectors = parseSelectors(given);
  switch (what.kind) {
    case 'label names':
      return texts(await querier.labelNames(selectors, limit), host);
    case 'label values':
      return texts(await querier.labelValues(what.name, selectors, limit), host);
    case 'series': {
      const found = await querier.selectionOfAny(selectors);
      const { length } = found;
      return { length, write: (out, i) => writeLabels(out, found.labels(i)) };
    }
    case 'exemplars': {
      const found = await querier.selectExemplars(selectors);
      const write = (out: BytePieces, i: number): void => {
        out.text(JSON.stringify(seriesToJson(found[i]!)));
      };
      return { length: found.length, write };
    }
  }
}

function texts(found: readonly string[], host: StatementHost): Items {
  let bytes = 0;
  for (const text of found) bytes += STRING_BYTES + text.length * BYTES_PER_UNIT;
  host.reserve(bytes);
  return { length: found.length, write: (out, i) => writeString(out, found[i]!) };
}

function seriesToJson({ labels, exemplars }: SeriesExemplars): unknown {
  return {
    seriesLabels: labelsToObject(labels),
    exemplars: exemplars.map((exemplar) => ({
      labels: labelsToObject(exemplar.labels),
      value: floatText(exemplar.value),
      timestamp: exemplar.t / 1000,
    })),
  };
}
