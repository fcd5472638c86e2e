// What the counter reset hints of two histograms say about their sum.

import { ResetHint } from '../../model/native-histogram.ts';

/** The hint of a sum: equal ones stay, a gauge wins, then the unknown; a collision is unknown. */
export function combineResetHints(a: ResetHint, b: ResetHint): ResetHint {
  if (a === b) return a;
  if (a === ResetHint.gauge || b === ResetHint.gauge) return ResetHint.gauge;
  return ResetHint.unknown;
}

/** One says that the counter was reset, the other that it was not. */
export function resetHintsCollide(a: ResetHint, b: ResetHint): boolean {
  return (a === ResetHint.yes && b === ResetHint.no) || (a === ResetHint.no && b === ResetHint.yes);
}
