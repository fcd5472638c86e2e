// How endpoints are made that tell and change who may do what.

import type { ApiContext } from '../context.ts';
import { clientSignal, storageForRead } from '../requests.ts';
import type { Access } from '../rights.ts';
import type { Endpoint } from '../routes.ts';

/** One of a family of endpoints: `path` lies below `root`. */
export type MakeEndpoint = (
  path: string,
  methods: Endpoint['methods'],
  handle: Endpoint['handle'],
  access?: Access,
) => Endpoint;

/** For administrators, unless said otherwise. */
export function accessEndpoints(context: ApiContext, root: string): MakeEndpoint {
  return (path, methods, handle, access = 'admin') => ({
    methods,
    paths: [`${root}${path}`],
    access,
    errorShape: 'prometheus',
    changesData: true,
    handle: async (request, reply) => {
      // The file belongs to who holds the data folder, which is us only then.
      await storageForRead(context, clientSignal(reply));
      return handle(request, reply);
    },
  });
}
