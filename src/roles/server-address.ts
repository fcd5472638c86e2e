// Where a running server is, and who speaks to it, for commands.

import { serverUnreachable } from './errors.ts';

export interface ServerAddress {
  /** May carry user and password; texts for people never do. */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export interface ServerBase {
  /** With a slash at the end, so that paths can be resolved against it. */
  readonly url: URL;
  /** For people. */
  readonly shown: string;
  /** Credentials, if there are any. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Throws CLIENT_UNREACHABLE for what is no URL. */
export function serverBase({ url, user, password }: ServerAddress): ServerBase {
  const slashed = url.endsWith('/') ? url : `${url}/`;
  if (!URL.canParse(slashed)) throw serverUnreachable('the server', `"${url}" is not a URL`);
  const base = new URL(slashed);
  const name = user ?? decodeURIComponent(base.username);
  const secret = password ?? decodeURIComponent(base.password);
  base.username = '';
  base.password = '';
  const pair = Buffer.from(`${name}:${secret}`).toString('base64');
  const headers = name === '' ? {} : { Authorization: `Basic ${pair}` };
  return { url: base, shown: base.href.replace(/\/$/, ''), headers };
}
