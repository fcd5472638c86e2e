// Which store `serve` runs on: settings → a Storage.

import type { Settings } from '../config/settings.ts';
import type { Logger } from '../runtime/log.ts';
import type { AdmissionLimits } from '../storage/admission.ts';
import type { Storage } from '../storage/interface.ts';
import { openTsdb } from '../tsdb/db.ts';

/**
 * Opens the store; resolves once its log is replayed. `onFatal` is called if it later finds that it
 * cannot go on.
 */
export function openStorage(
  settings: Settings,
  logger: Logger,
  onFatal: (error: unknown) => void,
): Promise<Storage> {
  return openTsdb({
    dataDir: settings.data,
    limits: admissionLimits(settings),
    maxCompressedBytes: settings['limits.max-body-size'],
    maxDecodedBytes: settings['limits.max-decoded-size'],
    walSync: settings['wal.sync'],
    walSyncIntervalMs: settings['wal.sync-interval'],
    walMaxBytes: settings['wal.max-size'],
    logger: (level, message, fields) => logger.log(level, message, fields),
    onFatal,
  });
}

/** What may enter the store. */
export function admissionLimits(settings: Settings): AdmissionLimits {
  return {
    maxLabels: settings['limits.max-labels'],
    maxLabelNameBytes: settings['limits.max-label-name-size'],
    maxLabelValueBytes: settings['limits.max-label-value-size'],
    maxFutureMs: settings['limits.max-future'],
    retentionMs: settings.retention,
  };
}
