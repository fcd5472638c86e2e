import { expect, test } from 'vitest';
import { ProgressBar, printBytes, printCount, printSeconds } from './progress-bar.ts';

function made(isTTY: boolean): {
  bar: ProgressBar;
  text: () => string;
  pass: (ms: number) => void;
} {
  let written = '';
  let now = 0;
  const output = { isTTY, columns: 100, write: (text: string) => (written += text) };
  const bar = new ProgressBar('import', output, () => now);
  const text = (): string => {
    const taken = written;
    written = '';
    return taken;
  };
  return { bar, text, pass: (ms) => (now += ms) };
}

test('on a terminal a bar is drawn over itself, with speeds of the last seconds', () => {
  const { bar, text, pass } = made(true);
  const totalBytes = 4 * 2 ** 20;
  bar.update({ bytes: 1, totalBytes, samples: 0 });
  expect(text()).toBe('');
  pass(1000);
  bar.update({ bytes: 2 ** 20, totalBytes, samples: 5000 });
  expect(text()).toBe(
    '\r\u001b[Kimport [######..................] 25 %, 1.0 MiB of 4.0 MiB, 1.0 MiB/s, 5,000 samples/s, 3s left',
  );
  bar.say('line 3: bad');
  expect(text()).toBe('\r\u001b[Kline 3: bad\n');
  for (let i = 0; i < 30; i++) {
    pass(1000);
    bar.update({ bytes: 2 ** 20, totalBytes, samples: 5000 });
  }
  expect(text()).toMatch(/, 0 B\/s, 0 samples\/s$/);
  bar.finish({ bytes: totalBytes, totalBytes, samples: 20_000 });
  expect(text()).toBe('\r\u001b[Kimport: 4.0 MiB, 20,000 samples in 31s (645 samples/s)\n');
});

test('elsewhere there is a line every ten seconds', () => {
  const { bar, text, pass } = made(false);
  for (let i = 1; i <= 25; i++) {
    pass(1000);
    bar.update({ bytes: i * 1000, totalBytes: undefined, samples: 0 });
  }
  expect(text()).toBe('import: 9.8 KiB, 1000 B/s\nimport: 19.5 KiB, 1000 B/s\n');
});

test('numbers for people', () => {
  expect([0, 1023, 1024, 1536, 3 * 2 ** 30, 5000 * 2 ** 40].map(printBytes)).toEqual([
    ...['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '3.0 GiB', '5000.0 TiB'],
  ]);
  expect([0, 999, 1000, 1234567.8].map(printCount)).toEqual(['0', '999', '1,000', '1,234,568']);
  expect([0.4, 59.6, 245, 3723].map(printSeconds)).toEqual(['0s', '1m00s', '4m05s', '1h02m03s']);
});
