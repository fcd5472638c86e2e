// Where requests carry credentials, in the order in which InfluxDB looks: `u` and `p` in the URL, which beat
// everything else, then the header Authorization.

import { unauthenticated } from './errors.ts';
import { isKeyId } from './secrets.ts';

export interface Credentials {
  /** Of a user, or a key's id. */
  readonly name: string;
  readonly password: string;
}

const UNPARSABLE = 'unable to parse authentication credentials';
/** As InfluxDB writes it. */
const NO_JWT = 'bearer auth disabld';

/**
 * What a request carries. Throws ACCESS_UNAUTHENTICATED, with InfluxDB's texts, for nothing and for what is no
 * credentials.
 *
 * @param query of the URL, without the question mark
 * @param authorization the header, if there is one
 */
export function credentialsOf(query: string, authorization: string | undefined): Credentials {
  const found = urlCredentials(query) ?? headerCredentials(authorization ?? '');
  if (found === undefined) throw unauthenticated(UNPARSABLE);
  if (found.name === '') throw unauthenticated('username required');
  return found;
}

/** Both must be there and not empty. */
function urlCredentials(query: string): Credentials | undefined {
  if (!/(^|&)u=./.test(query)) return undefined;
  const params = new URLSearchParams(query);
  const name = params.get('u') ?? '';
  const password = params.get('p') ?? '';
  return name === '' || password === '' ? undefined : { name, password };
}

function headerCredentials(header: string): Credentials | undefined {
  const blank = header.indexOf(' ');
  const scheme = header.slice(0, Math.max(0, blank)).toLowerCase();
  // Tokens that come from files end in line breaks.
  const rest = header.slice(blank + 1).trim();
  switch (scheme) {
    case 'basic':
      return pairOf(Buffer.from(rest, 'base64').toString());
    case 'token':
      return pairOf(rest) ?? keyPairOf(rest);
    case 'bearer': {
      const pair = keyPairOf(rest);
      if (pair === undefined) throw unauthenticated(NO_JWT);
      return pair;
    }
    default:
      return undefined;
  }
}

/** `name:password` */
function pairOf(text: string): Credentials | undefined {
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** `keyId:secret` or `keyId.secret` */
function keyPairOf(text: string): Credentials | undefined {
  const match = /^([^.:]+)[.:](.*)$/s.exec(text);
  return match !== null && isKeyId(match[1]!)
    ? { name: match[1]!, password: match[2]! }
    : undefined;
}
