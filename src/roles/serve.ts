// `tidemark serve`: storage, HTTP and signals joined. Listens before the log is replayed, so that
// health checks and waiting queries find somebody; stops within ten seconds.

import type { AccessStore } from '../access/index.ts';
import { createContext } from '../api/context.ts';
import { GrpcListeners } from '../api/grpc/listeners.ts';
import { Listeners } from '../api/listeners.ts';
import { type ApiServer, buildServer } from '../api/server.ts';
import { type ListeningSocket, SocketListeners } from '../api/sockets/index.ts';
import { type ListenAddress, printAddress } from '../config/listen-type.ts';
import type { Settings } from '../config/settings.ts';
import { printDuration } from '../model/duration.ts';
import type { QueryService } from '../query/interface.ts';
import { systemClock } from '../runtime/clock.ts';
import { compileSooner } from '../runtime/compile-sooner.ts';
import { errorMessage } from '../runtime/error.ts';
import {
  Lifecycle,
  onReloadSignal,
  onTerminationSignal,
  settlesWithin,
} from '../runtime/lifecycle.ts';
import { createLogger, type Logger } from '../runtime/log.ts';
import { Metrics } from '../runtime/metrics.ts';
import type { Storage } from '../storage/interface.ts';
import { buildExports } from './exports.ts';
import { openAccess } from './open-access.ts';
import { openStorage } from './open-storage.ts';
import { buildQueries } from './queries.ts';
import { Reload } from './reload.ts';

/** How often it is looked whether the last use of keys is to be written. */
const SAVE_USES_INTERVAL_MS = 60_000;
/** How long opening the store may take before the start is announced all the same. */
const START_GRACE_MS = 1000;
/** Time for requests in flight to finish. The rest of the ten seconds belongs to the store. */
const IN_FLIGHT_GRACE_MS = 3000;
/** After this the process ends whatever is left: what was acknowledged is in the log. */
const STOP_DEADLINE_MS = 9500;

/**
 * Runs until a signal or a fatal error of the store; resolves to the exit code. `load` reads the settings again, for
 * reloads.
 */
export async function serve(
  settings: Settings,
  version: string,
  load: () => Settings,
): Promise<number> {
  const logger = createLogger(settings['log.level']);
  const access = openAccess(settings, logger);
  const stop = stopRequest(logger);
  const lifecycle = new Lifecycle<Storage>();
  const metrics = new Metrics();
  metrics.addProcessMetrics();
  const reload = new Reload({ settings, load, logger, clock: systemClock, metrics });
  const queries = buildQueries(settings, logger, metrics, systemClock);
  const exports = buildExports(settings, logger, metrics, systemClock);
  const context = createContext({
    settings,
    lifecycle,
    logger,
    metrics,
    clock: systemClock,
    version,
    queries: queries.service,
    exports,
    access,
    requestStop: stop.request,
    reload,
  });
  const app = buildServer(context);
  await app.ready();
  const maxConnections = settings['web.max-connections'];
  const listeners = new Listeners(app, { maxConnections, logger, metrics });
  const sockets = new SocketListeners(context);
  const grpc = new GrpcListeners(context);
  reload.onCertificates = () => {
    listeners.reloadCertificates();
    grpc.reloadCertificates();
  };
  const undoReload = onReloadSignal(() => {
    try {
      reload.run();
    } catch {
      // The log tells why; everything goes on as it was.
    }
  });

  let opening: Promise<Storage> | undefined;
  let uses: NodeJS.Timeout | undefined;
  try {
    const addresses: ListenAddress[] = [];
    for (const entry of settings.listen) addresses.push(await listeners.listen(entry));
    const others = [...(await sockets.listenAll(listeners)), ...(await grpc.listenAll())];
    const started = performance.now();
    opening = openStorage(settings, logger, stop.fatal);
    // The finally block waits for it as well; here only its failure matters.
    opening.then(
      (storage) => {
        // Now the folder is ours; who had it before may have changed something until a moment ago.
        try {
          access.reload();
        } catch (error) {
          return stop.fatal(error);
        }
        lifecycle.becomeReady(storage);
        // Not before: most of what a start runs it runs but once.
        compileSooner();
        uses = setInterval(() => saveUses(access, logger), SAVE_USES_INTERVAL_MS);
        uses.unref();
        queries.warmUp(storage);
        logger.log('info', 'ready', { startupMs: Math.round(performance.now() - started) });
      },
      (error: unknown) => stop.fatal(error),
    );
    // A folder in use is refused at once: then nothing has started. A long replay is not waited for.
    await settlesWithin(opening, START_GRACE_MS);
    if (stop.error() === undefined) printStart(settings, addresses, others);
    await stop.requested;
  } finally {
    const deadline = setTimeout(() => {
      logger.log('error', 'not stopped in time, leaving', { deadlineMs: STOP_DEADLINE_MS });
      process.exit(1);
    }, STOP_DEADLINE_MS);
    deadline.unref();
    clearInterval(uses);
    lifecycle.beginStopping();
    const services = [queries.service, exports];
    await shutDown([listeners, sockets, grpc], app, services, opening, access, logger);
    clearTimeout(deadline);
    undoReload();
    stop.undo();
  }
  if (stop.error() !== undefined) throw stop.error();
  logger.log('info', 'stopped');
  return 0;
}

async function shutDown(
  listeners: readonly { close(graceMs: number): Promise<void> }[],
  app: ApiServer,
  services: readonly QueryService[],
  opening: Promise<Storage> | undefined,
  access: AccessStore,
  logger: Logger,
): Promise<void> {
  await Promise.all(listeners.map((one) => one.close(IN_FLIGHT_GRACE_MS)));
  // What still runs has had its time; the store closes only when nobody reads it.
  await Promise.all(services.map((service) => service.close()));
  await app.close();
  if (opening === undefined) return;
  // A replay cannot be interrupted half-way; if it takes long, the deadline ends it.
  if (!(await settlesWithin(opening, STOP_DEADLINE_MS))) return;
  const storage = await opening.catch(() => undefined);
  try {
    if (storage !== undefined) saveUses(access, logger, true);
    await storage?.close();
  } catch (error) {
    logger.log('error', 'closing the store failed', { error });
  }
}

/** When keys were used is no reason to stop, or not to. */
function saveUses(access: AccessStore, logger: Logger, always: boolean = false): void {
  try {
    access.saveUses(always);
  } catch (error) {
    logger.log('warn', 'last use of keys could not be written', { error });
  }
}

interface StopRequest {
  /** Resolves at the first signal or fatal error. */
  readonly requested: Promise<void>;
  /** Ask for a stop. */
  readonly request: () => void;
  /** Ask for a stop because of an error. */
  readonly fatal: (error: unknown) => void;
  /** The fatal error, if one came. */
  readonly error: () => unknown;
  /** Gives signals their usual effect back. */
  readonly undo: () => void;
}

function stopRequest(logger: Logger): StopRequest {
  let request = (): void => {};
  let fatalError: unknown;
  const requested = new Promise<void>((resolve) => {
    request = resolve;
  });
  const undo = onTerminationSignal((signal, again) => {
    if (again) process.exit(1);
    logger.log('info', 'stopping; a second signal ends at once', { signal });
    request();
  });
  return {
    requested,
    request: () => request(),
    fatal: (error) => {
      logger.log('error', 'fatal', { reason: errorMessage(error) });
      fatalError ??= error;
      request();
    },
    error: () => fatalError,
    undo,
  };
}

/** Tells a person what to paste where. */
function printStart(
  settings: Settings,
  addresses: readonly ListenAddress[],
  others: readonly ListeningSocket[],
): void {
  const scheme = settings.listen[0]!.tls === undefined ? 'http' : 'https';
  const own = `${scheme}://${printAddress(reachable(addresses[0]!))}${settings['web.route-prefix']}`;
  const url = settings['web.external-url'] === '' ? own : settings['web.external-url'];
  const lines = [
    `Tidemark listens on ${addresses.map(printAddress).join(', ')} and keeps data in ${settings.data}`,
    ...others.map((socket) => `  ${socket.protocol} on ${printAddress(socket)}`),
    '',
    'Add to prometheus.yml:',
    '',
    'remote_write:',
    `  - url: "${url}/api/v1/write"`,
    'remote_read:',
    `  - url: "${url}/api/v1/read"`,
    '',
    `Grafana data source (type Prometheus): ${url}`,
    '',
  ];
  if (settings.auth) {
    lines.push(
      'Authentication is on: these need credentials. For a database, a key pair and the lines to paste:',
      `  tidemark remote-write create NAME --server ${url} --user ADMINISTRATOR`,
      '',
    );
  }
  if (settings['wal.sync'] === 'interval') {
    const interval = printDuration(settings['wal.sync-interval']);
    lines.push(
      `WARNING: --wal.sync=interval: a power cut may lose up to ${interval} of acknowledged samples.`,
      '',
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** An address of all interfaces is not one to connect to. */
function reachable({ host, port }: ListenAddress): ListenAddress {
  const isAny = host === '' || host === '0.0.0.0' || host === '::';
  return { host: isAny ? '127.0.0.1' : host, port };
}
