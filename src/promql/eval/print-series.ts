// Series in error messages, as Prometheus prints them: all labels in braces, the name among them.

import { quote } from '../../model/go-text.ts';
import type { Labels } from '../../model/labels.ts';

const PLAIN_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** `{__name__="up", job="a"}` */
export function printSeries(labels: Labels): string {
  const parts = labels.map(({ name, value }) => {
    return `${PLAIN_NAME.test(name) ? name : quote(name)}=${quote(value)}`;
  });
  return `{${parts.join(', ')}}`;
}
