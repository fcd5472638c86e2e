// What a request's URL says besides a route's path: the registration it goes through, in one of the forms that
// senders use. Routes below do not see it.

import type { IncomingMessage } from 'node:http';
import { isRemoteWriteId } from '../access/index.ts';

export interface RequestTarget {
  /** Id of a registration, which may not be there. */
  readonly endpoint: string;
  /** Secret of its key, for senders that can put credentials nowhere else. */
  readonly token: string | undefined;
}

/** `/e/<id>/…` */
const SHORT = /^\/e\/([^/?]+)(\/[^?]*)?(\?.*)?$/s;
/** `/prometheus/<user>/<id>/<token>/<region>/api/…`, as ARMS prints it. */
const ARMS = /^\/prometheus\/[^/?]+\/([^/?]+)\/([^/?]+)\/[^/?]+(\/api\/[^?]*)(\?.*)?$/s;
/** What ARMS' guide prints in the place of that. Some clients send the dots as they are, others leave both out. */
const ARMS_HIDDEN = '/prometheus/../../../../';
/** `<id>.metrics.example.org` */
const HOST = /^(ts-[a-z0-9]{12})\./;

const targets = new WeakMap<IncomingMessage, RequestTarget>();

export function targetOf(raw: IncomingMessage): RequestTarget | undefined {
  return targets.get(raw);
}

/** The URL as routes know it. What was taken out is remembered for {@link targetOf}. */
export function takeTarget(raw: IncomingMessage, routePrefix: string): string {
  const url = raw.url ?? '';
  if (routePrefix !== '' && !url.startsWith(`${routePrefix}/`)) return url;
  const path = url.slice(routePrefix.length);
  if (path.startsWith('/e/')) {
    const match = SHORT.exec(path);
    if (match !== null && isRemoteWriteId(match[1]!)) {
      targets.set(raw, { endpoint: match[1]!, token: undefined });
      return `${routePrefix}${match[2] ?? '/'}${match[3] ?? ''}`;
    }
  } else if (path.startsWith(ARMS_HIDDEN)) {
    return `${routePrefix}/${path.slice(ARMS_HIDDEN.length)}`;
  } else if (path.startsWith('/prometheus/')) {
    const match = ARMS.exec(path);
    // Whatever the id is: the path has a secret in it, which answers to unknown paths would repeat.
    if (match !== null) {
      targets.set(raw, { endpoint: match[1]!, token: match[2]! });
      return `${routePrefix}${match[3]!}${match[4] ?? ''}`;
    }
  }
  return url;
}

/** Takes the registration that the client's host names, where the path names none. */
export function takeHostTarget(raw: IncomingMessage, host: string): void {
  const match = HOST.exec(host);
  if (match === null || targets.has(raw)) return;
  targets.set(raw, { endpoint: match[1]!, token: undefined });
}
