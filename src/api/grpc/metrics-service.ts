// opentelemetry.proto.collector.metrics.v1.MetricsService. Who calls, and whether that one may, is asked before the
// message is received; how many messages are received at the same time has a bound, for they are large.

import type * as Grpc from '@grpc/grpc-js';
import type { FastifyRequest } from 'fastify';
import type { ListenEntry } from '../../config/listen-type.ts';
import { encodeExportAnswer } from '../../protocol/otlp/index.ts';
import { AppError } from '../../runtime/error.ts';
import type { CounterMetric } from '../../runtime/metrics.ts';
import { Stopper, type StopSignal } from '../../runtime/stop-signal.ts';
import type { Database } from '../../storage/interface.ts';
import { admit } from '../auth.ts';
import type { ConcurrencyLimit } from '../concurrency.ts';
import type { ApiContext } from '../context.ts';
import { bodyTimeout, clientGone } from '../errors.ts';
import { registeredLabels } from '../ingest/extra-labels.ts';
import { isFinal } from '../ingest/import-endpoint.ts';
import { noteOutcome, OTLP_PROTOCOL } from '../ingest/otlp-receiver.ts';
import { databaseForWrite, databaseName, urlParams } from '../requests.ts';
import { requestOfCall } from './call-request.ts';
import { statusOf } from './status.ts';

const PATH = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

/** Longest time for a message to arrive. */
const MESSAGE_TIMEOUT_MS = 60_000;

/** What calls of all listeners share. */
export interface ServiceParts {
  readonly grpc: typeof Grpc;
  readonly context: ApiContext;
  /** Messages being received or worked on. */
  readonly messages: ConcurrencyLimit;
  readonly calls: CounterMetric;
}

/** A call that has been let in. */
interface AdmittedCall {
  readonly request: FastifyRequest;
  readonly database: Database;
  readonly name: string;
  /** The message has come: stops the clock. */
  readonly received: () => void;
  /** Gives the place for a message back. Idempotent. */
  readonly release: () => void;
}

export class MetricsService {
  readonly #parts: ServiceParts;
  readonly #entry: ListenEntry;
  readonly #admitted = new WeakMap<Grpc.Metadata, AdmittedCall>();

  /** For calls through one listener. */
  constructor(parts: ServiceParts, entry: ListenEntry) {
    this.#parts = parts;
    this.#entry = entry;
  }

  addTo(server: Grpc.Server): void {
    const definition: Grpc.ServiceDefinition = {
      export: {
        path: PATH,
        requestStream: false,
        responseStream: false,
        requestSerialize: (message: Buffer) => message,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (answer: Buffer) => answer,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    };
    const handle: Grpc.handleUnaryCall<Buffer, Buffer> = (call, callback) => {
      // Its promise never rejects.
      void this.#export(call, callback);
    };
    server.addService(definition, { export: handle });
  }

  /** Lets calls in before anything of their message is read. */
  get interceptor(): Grpc.ServerInterceptor {
    const { ServerInterceptingCall } = this.#parts.grpc;
    return (_definition, call) =>
      new ServerInterceptingCall(call, {
        start: (next) => {
          const aborter = new Stopper();
          next({
            onReceiveMetadata: (metadata, goOn) => {
              this.#admit(metadata, call, aborter).then(
                () => goOn(metadata),
                (error: unknown) => this.#end(call, error),
              );
            },
            // Comes when a call has ended, however that was.
            onCancel: () => aborter.abort(clientGone()),
          });
        },
        sendStatus: (status, next) => {
          this.#parts.calls.add(1, String(status.code));
          next(status);
        },
      });
  }

  #end(call: Grpc.ServerInterceptingCallInterface, error: unknown): void {
    const status = statusOf(error, this.#noMetadata());
    this.#parts.calls.add(1, String(status.code));
    call.sendStatus(status);
  }

  #noMetadata(): Grpc.Metadata {
    return new this.#parts.grpc.Metadata();
  }

  async #admit(
    metadata: Grpc.Metadata,
    call: Grpc.ServerInterceptingCallInterface,
    signal: StopSignal,
  ): Promise<void> {
    const { context, messages } = this.#parts;
    const address = call.getConnectionInfo().remoteAddress ?? '';
    const authority = call.getHost();
    const request = requestOfCall({ metadata, authority, address, entry: this.#entry });
    await admit(context, request);
    const name = databaseName(request, urlParams(request));
    const database = await databaseForWrite(context, request, name).catch((error: unknown) => {
      throw this.#refused(name, error);
    });
    const giveBack = await messages.acquire(signal);
    let isHeld = true;
    const release = (): void => {
      if (isHeld) giveBack();
      isHeld = false;
    };
    const timer = setTimeout(() => {
      release();
      this.#end(call, bodyTimeout(MESSAGE_TIMEOUT_MS / 1000, 'not complete'));
    }, MESSAGE_TIMEOUT_MS);
    const received = (): void => clearTimeout(timer);
    signal.addEventListener('abort', () => {
      received();
      release();
    });
    this.#admitted.set(metadata, { request, database, name, received, release });
  }

  async #export(
    call: Grpc.ServerUnaryCall<Buffer, Buffer>,
    callback: Grpc.sendUnaryData<Buffer>,
  ): Promise<void> {
    const { request, database, name, received, release } = this.#admitted.get(call.metadata)!;
    received();
    const { context } = this.#parts;
    try {
      context.httpMetrics.countReceivedBytes(OTLP_PROTOCOL, call.request.length);
      const outcome = await context.bodies.withReceived(call.request, name, (message) =>
        context.otlp.receive(message, 'protobuf', database, registeredLabels(request)),
      );
      noteOutcome(context, request, name, outcome);
      callback(null, Buffer.from(encodeExportAnswer(outcome.answer, 'protobuf')));
    } catch (error) {
      callback(statusOf(this.#refused(name, error), this.#noMetadata()));
    } finally {
      release();
    }
  }

  /** Notes a call that is refused as a whole; the error itself. */
  #refused(database: string, error: unknown): unknown {
    const { context } = this.#parts;
    if (error instanceof AppError && isFinal(error)) {
      context.rejections.addRequest(OTLP_PROTOCOL, database, error.code, error.message);
    } else if (!(error instanceof AppError)) {
      context.logger.log('error', 'call failed', { path: PATH, error });
    }
    return error;
  }
}
