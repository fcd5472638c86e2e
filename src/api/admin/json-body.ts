// JSON objects that administrators send, with every member checked and none overlooked.

import type { FastifyRequest } from 'fastify';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';

const MAX_BODY_BYTES = 64 * 1024;

/** The request's body. An empty one is an empty object. */
export async function jsonBody(context: ApiContext, request: FastifyRequest): Promise<JsonBody> {
  const text = await context.bodies.withBody(request.raw, MAX_BODY_BYTES, undefined, (body) =>
    Promise.resolve(new TextDecoder().decode(body)),
  );
  if (text.trim() === '') return new JsonBody({});
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What the parser says would quote the body, which may hold a password.
    throw badRequest('the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('the body must be a JSON object');
  }
  return new JsonBody(value as Record<string, unknown>);
}

/** Members are taken out one by one; {@link end} refuses what is left. `null` is as good as absent. */
export class JsonBody {
  readonly #members: Map<string, unknown>;

  constructor(object: Readonly<Record<string, unknown>>) {
    this.#members = new Map(Object.entries(object).filter(([, value]) => value !== null));
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw badRequest(`the body needs ${JSON.stringify(name)}`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'string') return value;
    throw badRequest(`${JSON.stringify(name)} must be a text`);
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw badRequest(`${JSON.stringify(name)} must be true or false`);
  }

  /** A whole number from 0. */
  optionalCount(name: string): number | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw badRequest(`${JSON.stringify(name)} must be a whole number from 0`);
  }

  /** A list of texts, or one text. */
  optionalTexts(name: string): string[] | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string') return [value];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw badRequest(`${JSON.stringify(name)} must be a list of texts`);
  }

  /** An object of texts, in its order. */
  optionalTextEntries(name: string): [string, string][] | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    const isObject = typeof value === 'object' && !Array.isArray(value);
    const entries = isObject ? Object.entries(value as object) : [];
    if (isObject && entries.every(([, member]) => typeof member === 'string')) return entries;
    throw badRequest(`${JSON.stringify(name)} must be an object of texts`);
  }

  /** Throws if something was given that nobody asked for. */
  end(): void {
    const [left] = this.#members.keys();
    if (left === undefined) return;
    throw badRequest(`unknown member ${JSON.stringify(left.slice(0, 80))}`);
  }

  #take(name: string): unknown {
    const value = this.#members.get(name);
    this.#members.delete(name);
    return value;
  }
}
