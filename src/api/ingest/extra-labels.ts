// Labels that the URL of a write and the registration it goes through set on everything it brings.

import type { FastifyRequest } from 'fastify';
import type { Label } from '../../model/labels.ts';
import { invalidParameter } from '../errors.ts';
import type { RequestParams } from '../params.ts';

/**
 * `extra_label=name=value`, repeatable: set on every series, over what its labels and the path say. Those of a registration
 * are the operator's, and hold over all that the sender says.
 */
export function extraLabelsOf(
  request: FastifyRequest,
  params: RequestParams,
  pathLabels: readonly Label[] = [],
): Label[] {
  const labels = new Map(pathLabels.map(({ name, value }) => [name, value]));
  for (const text of params.values('extra_label')) {
    const equals = text.indexOf('=');
    if (equals < 1) {
      throw invalidParameter('extra_label', `expected name=value, got ${JSON.stringify(text)}`);
    }
    labels.set(text.slice(0, equals), text.slice(equals + 1));
  }
  return merged(labels, request);
}

/** Where a URL can set none. */
export function registeredLabels(request: FastifyRequest): Label[] {
  return merged(new Map(), request);
}

function merged(labels: Map<string, string>, { registrations }: FastifyRequest): Label[] {
  for (const { extraLabels } of registrations) {
    for (const { name, value } of extraLabels) labels.set(name, value);
  }
  return [...labels].map(([name, value]) => ({ name, value }));
}
