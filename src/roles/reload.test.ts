import { beforeEach, expect, test } from 'vitest';
import { defaultSettings, type Settings } from '../config/settings.ts';
import type { LeveledLogger } from '../runtime/log.ts';
import { Metrics } from '../runtime/metrics.ts';
import { Reload } from './reload.ts';

let now = 1000;
let loaded: Settings | Error;
let lines: unknown[];
let levels: string[];
let metrics: Metrics;
let reload: Reload;
let looks: number;
beforeEach(() => {
  loaded = defaultSettings();
  lines = [];
  levels = [];
  metrics = new Metrics();
  looks = 0;
  const logger: LeveledLogger = {
    log: (severity, message, fields) => lines.push([severity, message, fields]),
    setLevel: (level) => levels.push(level),
  };
  const load = (): Settings => {
    if (loaded instanceof Error) throw loaded;
    return loaded;
  };
  const clock = { now: () => now, monotonic: () => now };
  reload = new Reload({ settings: defaultSettings(), load, logger, clock, metrics });
  reload.onCertificates = () => looks++;
  now += 1000;
});

test('changes what can be changed and tells of the rest', async () => {
  loaded = defaultSettings({ 'log.level': 'debug', retention: 1000, auth: true });
  reload.run();
  expect([levels, looks, reload.succeededAt]).toEqual([['debug'], 1, now]);
  expect(lines).toEqual([
    ['warn', expect.stringContaining('restart'), { settings: ['retention', 'auth'] }],
  ]);
  loaded = defaultSettings();
  reload.run();
  expect(lines.slice(1)).toEqual([['info', 'reloaded', undefined]]);
});

test('settings that cannot be used change nothing; certificates are looked at all the same', async () => {
  const before = reload.succeededAt;
  loaded = new Error('bad settings');
  expect(() => reload.run()).toThrow('bad settings');
  expect([levels, looks, reload.hasSucceeded, reload.succeededAt]).toEqual([[], 1, false, before]);
  expect(await metrics.render()).toContain('tidemark_config_last_reload_successful 0');
  loaded = defaultSettings();
  reload.run();
  expect(reload.hasSucceeded).toBe(true);
  expect(await metrics.render()).toContain(
    `tidemark_config_last_reload_success_timestamp_seconds ${now / 1000}`,
  );
});
