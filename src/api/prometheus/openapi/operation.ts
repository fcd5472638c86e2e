// How one row of the OpenAPI document is written.

export type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';

export interface Operation {
  readonly methods: readonly Method[];
  /** Below the prefix; parameters in braces. */
  readonly path: string;
  readonly summary: string;
  /** Names of PARAMETERS, a `!` behind those that must be there. */
  readonly parameters: readonly string[];
  /** Other paths for just the same. */
  readonly aliases: readonly string[];
  readonly body: Body;
  readonly answer: Answer;
}

/**
 * Where parameters that are not in the path are: in the URL, for POST also as a form; in the URL beside a body of a
 * media type; or members of a JSON object.
 */
export type Body = 'form' | 'json' | { readonly media: string };

/** What comes back: JSON in the usual envelope, something of a media type, or nothing. */
export type Answer = 'envelope' | 'made' | 'nothing' | { readonly media: string };

type Details = Partial<Pick<Operation, 'parameters' | 'aliases' | 'body' | 'answer'>>;

export function operation(
  methods: readonly Method[],
  path: string,
  summary: string,
  { parameters = [], aliases = [], body = 'form', answer = 'envelope' }: Details = {},
): Operation {
  return { methods, path, summary, parameters, aliases, body, answer };
}

export const GET: readonly Method[] = ['get'];
export const POST: readonly Method[] = ['post'];
