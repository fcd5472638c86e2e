import { expect, test } from 'vitest';
import { unescapeLabelName } from './label-name.ts';

test.each([
  ['job', 'job'],
  ['U__my_2e_name', 'my.name'],
  ['U__a__b', 'a_b'],
  ['U___1f600_', '😀'],
  ['U__', ''],
  ['U__plain', 'plain'],
  ['U__bad_zz_', 'U__bad_zz_'],
  ['U__open_2e', 'U__open_2e'],
  ['U__half_d800_', 'U__half_d800_'],
  ['U__big_110000_', 'U__big_110000_'],
])('%s is %s', (escaped, name) => {
  expect(unescapeLabelName(escaped)).toBe(name);
});
