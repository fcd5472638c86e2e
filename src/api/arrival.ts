// Through which listener a request has come.

import type { IncomingMessage } from 'node:http';
import type { ListenEntry } from '../config/listen-type.ts';

const entries = new WeakMap<IncomingMessage, ListenEntry>();

export function setArrival(raw: IncomingMessage, entry: ListenEntry): void {
  entries.set(raw, entry);
}

/** Undefined for requests that have come through no socket of ours. */
export function arrivalOf(raw: IncomingMessage): ListenEntry | undefined {
  return entries.get(raw);
}
