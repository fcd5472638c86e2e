// What SIGHUP and /-/reload do: certificates and settings are read again. Few settings can change while the server
// runs; of the others it is said that they need a restart.

import {
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
  type Settings,
} from '../config/settings.ts';
import type { Clock } from '../runtime/clock.ts';
import { errorMessage } from '../runtime/error.ts';
import type { LeveledLogger } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';

const LIVE: readonly SettingName[] = ['log.level'];

export interface ReloadOptions {
  /** With which the server has started. */
  readonly settings: Settings;
  /** Reads them again. Throws CONFIG_…. */
  readonly load: () => Settings;
  readonly logger: LeveledLogger;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export class Reload {
  /** Looks at the files of certificates. */
  onCertificates: () => void = () => {};
  readonly #options: ReloadOptions;
  #hasSucceeded = true;
  /** ms */
  #succeededAt: number;

  constructor(options: ReloadOptions) {
    this.#options = options;
    const { metrics, clock } = options;
    this.#succeededAt = clock.now();
    metrics.gauge(
      'tidemark_config_last_reload_successful',
      '1 if the settings could be read when that was last asked for.',
      () => (this.#hasSucceeded ? 1 : 0),
    );
    metrics.gauge(
      'tidemark_config_last_reload_success_timestamp_seconds',
      'When the settings were last read, in Unix seconds.',
      () => this.#succeededAt / 1000,
    );
  }

  get hasSucceeded(): boolean {
    return this.#hasSucceeded;
  }

  /** When settings were last read, ms. */
  get succeededAt(): number {
    return this.#succeededAt;
  }

  /** Throws CONFIG_… for settings that cannot be used; then those so far stay. */
  run(): void {
    const { settings, load, logger, clock } = this.#options;
    this.onCertificates();
    let loaded: Settings;
    try {
      loaded = load();
    } catch (error) {
      this.#hasSucceeded = false;
      logger.log('error', 'settings not reloaded', { reason: errorMessage(error) });
      throw error;
    }
    this.#hasSucceeded = true;
    this.#succeededAt = clock.now();
    logger.setLevel(loaded['log.level']);
    const waiting = changed(settings, loaded).filter((name) => !LIVE.includes(name));
    if (waiting.length === 0) logger.log('info', 'reloaded');
    else
      logger.log('warn', 'reloaded; these settings change with a restart', { settings: waiting });
  }
}

/** Names of settings that differ. */
function changed(from: Settings, to: Settings): SettingName[] {
  return SETTING_NAMES.filter((name) => {
    const { type } = SETTINGS[name] as Setting<unknown>;
    return type.print(from[name]) !== type.print(to[name]);
  });
}
