import { formatG } from '../../model/go-text.ts';

/** As Go's `%g`, but that zero has no sign, as in Prometheus' own library. */
export function formatFloat(value: number): string {
  return value === 0 ? '0' : formatG(value);
}
