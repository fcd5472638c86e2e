// Requests to the Prometheus API, for tests that send the same ones to several servers.

export interface ApiRequest {
  readonly path: string;
  readonly params: readonly (readonly [name: string, value: string])[];
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
}

/** A parameter can be given several times. */
export type Params = Readonly<Record<string, string | readonly string[]>>;

export function request(
  path: string,
  params: Params = {},
  options: Partial<Omit<ApiRequest, 'path' | 'params'>> = {},
): ApiRequest {
  const entries = Object.entries(params).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => [name, one] as const),
  );
  return { path, params: entries, method: 'GET', headers: {}, ...options };
}

/** For messages. */
export function printRequest({ path, params, method, headers }: ApiRequest): string {
  const query = params.map(([name, value]) => `${name}=${value}`).join('&');
  const shown = Object.entries(headers).map(([name, value]) => ` ${name}: ${value}`);
  return `${method} ${path}${query === '' ? '' : `?${query}`}${shown.join('')}`;
}

/** What `fetch` and `inject` both can send: parameters in the URL, for POST and PUT in a form. */
export function wireForm({ path, params, method, headers }: ApiRequest): {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
} {
  const query = params
    .map((pair) => pair.map((text) => encodeURIComponent(text)).join('='))
    .join('&');
  if (method === 'POST' || method === 'PUT') {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    return { url: path, headers: { ...form, ...headers }, body: query };
  }
  return { url: query === '' ? path : `${path}?${query}`, headers, body: undefined };
}
