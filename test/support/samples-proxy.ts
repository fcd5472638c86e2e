// Stands between a reader and a server and asks for samples where the reader prefers chunks, so that
// a Prometheus that always takes chunks shows that samples serve it as well.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import { snappyDecode, snappyEncode } from '../../src/codec/snappy.ts';
import { decodeReadRequest, encodeReadRequest } from '../../src/protocol/remote-read/request.ts';

const MAX_REQUEST_BYTES = 1 << 20;

export interface SamplesProxy {
  readonly url: string;
  /** Requests passed on so far. */
  readonly requests: () => number;
  readonly close: () => void;
}

export async function startSamplesProxy(target: string): Promise<SamplesProxy> {
  let requests = 0;
  const server: Server = createServer((request, response) => {
    void (async () => {
      requests++;
      const read = decodeReadRequest(snappyDecode(await bodyOf(request), MAX_REQUEST_BYTES));
      const body = encodeReadRequest({ ...read, acceptedResponseTypes: [] });
      const answer = await fetch(`${target}${request.url}`, {
        method: 'POST',
        body: snappyEncode(body),
        headers: { 'Content-Type': 'application/x-protobuf', 'Content-Encoding': 'snappy' },
      });
      response.writeHead(answer.status, {
        'Content-Type': answer.headers.get('content-type') ?? '',
        'Content-Encoding': answer.headers.get('content-encoding') ?? '',
      });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })().catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces);
}
