// Labels that the URL of a write sets on everything it brings.

import type { Label } from '../../model/labels.ts';
import { invalidParameter } from '../errors.ts';
import type { RequestParams } from '../params.ts';

/** `extra_label=name=value`, repeatable: set on every series, over what the sender says. */
export function extraLabelsOf(params: RequestParams, pathLabels: readonly Label[] = []): Label[] {
  const labels = new Map(pathLabels.map(({ name, value }) => [name, value]));
  for (const text of params.values('extra_label')) {
    const equals = text.indexOf('=');
    if (equals < 1) {
      throw invalidParameter('extra_label', `expected name=value, got ${JSON.stringify(text)}`);
    }
    labels.set(text.slice(0, equals), text.slice(equals + 1));
  }
  return [...labels].map(([name, value]) => ({ name, value }));
}
