// The HTTP side in one process, on the in-memory store, without sockets.

import { AccessStore } from '../../src/access/index.ts';
import { type ApiContext, createContext } from '../../src/api/context.ts';
import { type ApiServer, buildServer } from '../../src/api/server.ts';
import { snappyEncode } from '../../src/codec/snappy.ts';
import { defaultSettings, type Settings } from '../../src/config/settings.ts';
import { labelsFromObject } from '../../src/model/labels.ts';
import { floatColumns } from '../../src/model/sample.ts';
import { encodeWriteRequestV1 } from '../../src/protocol/remote-write/v1.ts';
import { encodeWriteRequestV2 } from '../../src/protocol/remote-write/v2.ts';
import type { QueryService } from '../../src/query/interface.ts';
import { buildQueries } from '../../src/roles/queries.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { Lifecycle } from '../../src/runtime/lifecycle.ts';
import { type Logger, SILENT_LOGGER } from '../../src/runtime/log.ts';
import { Metrics } from '../../src/runtime/metrics.ts';
import type { BatchSeries, Storage } from '../../src/storage/interface.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';

export interface TestApi {
  readonly app: ApiServer;
  readonly context: ApiContext;
  readonly lifecycle: Lifecycle<Storage>;
  readonly storage: Storage;
}

export interface TestApiOptions {
  readonly settings?: Partial<Settings>;
  readonly storage?: Storage;
  /** Leaves the server in the phase `starting`. */
  readonly starting?: boolean;
  readonly logger?: Logger;
  /** One without users and keys, if left out. */
  readonly access?: AccessStore;
  /** Instead of evaluating queries. */
  readonly queries?: QueryService;
}

export function startApi(options: TestApiOptions = {}): TestApi {
  const lifecycle = new Lifecycle<Storage>();
  const storage = options.storage ?? new MemoryStorage();
  const settings = defaultSettings(options.settings);
  const logger = options.logger ?? SILENT_LOGGER;
  const metrics = new Metrics();
  const access =
    options.access ?? new AccessStore({ clock: systemClock, isRequired: settings.auth });
  const context = createContext({
    settings,
    lifecycle,
    logger,
    metrics,
    clock: systemClock,
    version: '0.0.0-test',
    access,
    queries: options.queries ?? buildQueries(settings, logger, metrics, systemClock).service,
  });
  if (options.starting !== true) lifecycle.becomeReady(storage);
  return { app: buildServer(context), context, lifecycle, storage };
}

/** Floats of one series: `[t, v]` pairs. */
export function series(
  labels: Readonly<Record<string, string>>,
  ...points: readonly (readonly [t: number, v: number])[]
): BatchSeries {
  const t = Float64Array.from(points, ([time]) => time);
  const v = Float64Array.from(points, ([, value]) => value);
  return { labels: labelsFromObject(labels), samples: floatColumns(t, v), exemplars: [] };
}

export const V1_TYPE = 'application/x-protobuf';
export const V2_TYPE = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

/** A remote-write body. */
export function writeBody(version: 1 | 2, ...batch: BatchSeries[]): Buffer {
  const encode = version === 1 ? encodeWriteRequestV1 : encodeWriteRequestV2;
  return Buffer.from(snappyEncode(encode({ series: batch })));
}
