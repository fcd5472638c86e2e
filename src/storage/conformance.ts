// The suite that every backend of the storage seam must pass. A backend's test file calls
// storageConformance() with a way to open an empty store; `conformance/` holds the checks.

import { describe, test } from 'vitest';
import { databaseChecks, deleteChecks } from './conformance/databases.ts';
import { labelChecks, selectChecks, sideDataChecks } from './conformance/queries.ts';
import { checkRandomOperations } from './conformance/random.ts';
import { selectionChecks } from './conformance/selections.ts';
import type { ConformanceOptions, OpenSubject } from './conformance/subject.ts';
import { describeChecks } from './conformance/subject.ts';
import { histogramChecks, refusalChecks, sampleChecks } from './conformance/writes.ts';

export type { ConformanceOptions, OpenSubject, Subject } from './conformance/subject.ts';

/**
 * Declares the suite. Every check opens a store of its own with the default limits and the real clock;
 * unless the options say that nothing is kept, every check also runs with a restart between writing and reading.
 */
export function storageConformance(
  name: string,
  open: OpenSubject,
  options: ConformanceOptions = {},
): void {
  describe(`storage conformance: ${name}`, () => {
    describeChecks(open, options, (check) => {
      describe('samples', () => sampleChecks(check));
      describe('histograms', () => histogramChecks(check));
      describe('refusals', () => refusalChecks(check));
      describe('select', () => selectChecks(check));
      describe('selections', () => selectionChecks(check));
      describe('labels', () => labelChecks(check));
      describe('exemplars and metadata', () => sideDataChecks(check));
      describe('deletes', () => deleteChecks(check));
      describe('databases', () => databaseChecks(check));
    });
    test('random operations', () => checkRandomOperations(open));
  });
}
