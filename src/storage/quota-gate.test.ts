import { expect, test } from 'vitest';
import { NO_QUOTAS, parseDatabaseSettings, printDatabaseSettings } from './database-settings.ts';
import { QuotaGate } from './quota-gate.ts';

interface Gate {
  readonly gate: QuotaGate;
  now: number;
}

function gate(quotas: Partial<typeof NO_QUOTAS>, settlingMs = 0): Gate {
  const subject: Gate = { now: 0, gate: undefined as unknown as QuotaGate };
  const made = new QuotaGate('x', () => subject.now, settlingMs);
  made.configure({ ...NO_QUOTAS, ...quotas });
  return Object.assign(subject, { gate: made });
}

const QUOTA = expect.objectContaining({ code: 'STORAGE_QUOTA', kind: 'unavailable' });

test('samples: five seconds’ worth at once, then the rate; the last write may overshoot', () => {
  const subject = gate({ maxSamplesPerSecond: 100 });
  subject.gate.admitSamples(300);
  subject.gate.admitSamples(300);
  expect(() => subject.gate.admitSamples(1)).toThrow(QUOTA);
  subject.now = 999;
  expect(() => subject.gate.admitSamples(1)).toThrow(/maxSamplesPerSecond .*100/);
  subject.now = 1001;
  subject.gate.admitSamples(1);
  expect(subject.gate.samplesWritten).toBe(601);
  expect(subject.gate.refusals.maxSamplesPerSecond).toBe(2);
});

test('over a long time the rate is what was set', () => {
  const subject = gate({ maxSamplesPerSecond: 1000 });
  for (subject.now = 0; subject.now < 600_000; subject.now += 50) {
    try {
      subject.gate.admitSamples(400);
    } catch {
      // Told to come back.
    }
  }
  expect(Math.abs(subject.gate.samplesWritten / 600 - 1000)).toBeLessThan(20);
});

test('a quota of nothing lets one through, and writes without samples always', () => {
  const { gate: none } = gate({ maxSamplesPerSecond: 0 });
  none.admitSamples(0);
  none.admitSamples(5);
  expect(() => none.admitSamples(5)).toThrow(QUOTA);
  none.admitSamples(0);
});

test('new series: a rate to come back for, a number that is final', () => {
  const subject = gate({ maxNewSeriesPerSecond: 1, maxActiveSeries: 7 });
  for (let i = 0; i < 5; i++) expect(subject.gate.admitNewSeries(() => i)).toBeUndefined();
  expect(() => subject.gate.admitNewSeries(() => 5)).toThrow(QUOTA);
  subject.now = 1001;
  expect(subject.gate.admitNewSeries(() => 5)).toBeUndefined();
  expect(subject.gate.admitNewSeries(() => 7)).toMatch(/"x" has 7 active .*maxActiveSeries is 7/);
  expect(subject.gate.refusals).toMatchObject({ maxActiveSeries: 1, maxNewSeriesPerSecond: 1 });
});

test('the rate of new series waits until those that are known have come again', () => {
  const subject = gate({ maxNewSeriesPerSecond: 1 }, 1000);
  for (let i = 0; i < 100; i++) subject.gate.admitNewSeries(() => i);
  subject.now = 1000;
  for (let i = 0; i < 5; i++) subject.gate.admitNewSeries(() => i);
  expect(() => subject.gate.admitNewSeries(() => 0)).toThrow(QUOTA);
  subject.gate.settle(1000);
  subject.gate.admitNewSeries(() => 0);
});

test('disk', () => {
  const { gate: disk } = gate({ maxDiskBytes: 1000 });
  disk.admitToDisk(() => 999);
  expect(() => disk.admitToDisk(() => 1000)).toThrow(/maxDiskBytes .*1000 bytes/);
  gate({}).gate.admitToDisk(() => Number.POSITIVE_INFINITY);
});

test('settings come back from their text; what is none is told apart', () => {
  const settings = { retentionMs: 5, quotas: { ...NO_QUOTAS, maxDiskBytes: 7 } };
  expect(parseDatabaseSettings(printDatabaseSettings(settings))).toEqual(settings);
  expect(parseDatabaseSettings('{"quotas":{},"new":1}')).toEqual({
    retentionMs: undefined,
    quotas: NO_QUOTAS,
  });
  for (const text of ['', 'null', '[', '{"retentionMs":-1}', '{"quotas":{"maxDiskBytes":"1"}}']) {
    expect(parseDatabaseSettings(text), text).toBeUndefined();
  }
});
