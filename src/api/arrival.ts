// Through which listener a request has come.

import type { IncomingMessage } from 'node:http';
import type { ListenEntry } from '../config/listen-type.ts';

export interface Arrival extends ListenEntry {
  /** The database of requests that name none. */
  readonly database?: string;
}

const entries = new WeakMap<IncomingMessage, Arrival>();

export function setArrival(raw: IncomingMessage, entry: Arrival): void {
  entries.set(raw, entry);
}

/** Undefined for requests that have come through no socket of ours. */
export function arrivalOf(raw: IncomingMessage): Arrival | undefined {
  return entries.get(raw);
}
