// A gRPC call as the rest of the API knows requests, so that who makes it and which database it means are found out
// in one place for both.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Metadata } from '@grpc/grpc-js';
import type { FastifyRequest } from 'fastify';
import { NOBODY } from '../../access/index.ts';
import type { ListenEntry } from '../../config/listen-type.ts';
import { setArrival } from '../arrival.ts';
import { takeHostTarget } from '../request-target.ts';

/** Headers that mean something to us; gRPC has others of its own. */
const HEADERS = ['authorization', 'x-scope-orgid'] as const;

/** What is asked of a request between its arrival and its body. */
type CallRequest = Pick<
  FastifyRequest,
  'raw' | 'headers' | 'params' | 'ip' | 'method' | 'is404' | 'contentType' | 'principal'
> & {
  endpointDatabase: string | undefined;
  registrations: FastifyRequest['registrations'];
  readonly routeOptions: { readonly config: FastifyRequest['routeOptions']['config'] };
};

export interface CallOrigin {
  readonly metadata: Metadata;
  /** As the client calls the server, with a port or not. */
  readonly authority: string;
  /** Of the client. */
  readonly address: string;
  readonly entry: ListenEntry;
}

/** A call that writes. */
export function requestOfCall({ metadata, authority, address, entry }: CallOrigin): FastifyRequest {
  const headers: IncomingHttpHeaders = {};
  for (const name of HEADERS) {
    const [value] = metadata.get(name);
    if (typeof value === 'string') headers[name] = value;
  }
  const raw = { url: '', headers } as IncomingMessage;
  setArrival(raw, entry);
  takeHostTarget(raw, authority);
  const request: CallRequest = {
    raw,
    headers,
    params: {},
    ip: address,
    method: 'POST',
    is404: false,
    contentType: undefined,
    principal: NOBODY,
    endpointDatabase: undefined,
    registrations: [],
    routeOptions: { config: { access: 'write' } as FastifyRequest['routeOptions']['config'] },
  };
  return request as FastifyRequest;
}
