// Which store `serve` runs on: settings → a Storage.

import type { Settings } from '../config/settings.ts';
import type { Logger } from '../runtime/log.ts';
import type { AdmissionLimits } from '../storage/admission.ts';
import type { Storage } from '../storage/interface.ts';
import { MemoryStorage } from '../storage/memory-store.ts';

/**
 * Opens the store; resolves once its log is replayed. `onFatal` is called if it later finds that it
 * cannot go on.
 */
export async function openStorage(
  settings: Settings,
  _logger: Logger,
  _onFatal: (error: unknown) => void,
): Promise<Storage> {
  return new MemoryStorage({ limits: admissionLimits(settings) });
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
