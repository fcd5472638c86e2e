// Where today's PromQL, which we speak, differs from that of the Prometheus we compare with (3.5). Every
// entry names the change; a difference that none of them explains is a defect of ours.

import type { ApiAnswer } from './compare.ts';

export interface KnownDifference {
  readonly name: string;
  /** True if the change explains that the answers to this query differ. */
  readonly explains: (query: string, own: ApiAnswer, theirs: ApiAnswer) => boolean;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];
