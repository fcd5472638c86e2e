// Whose queries who may see.

import type { Principal } from '../access/index.ts';
import { databaseOfScope } from '../influxql/index.ts';
import type { About } from '../query/interface.ts';

/** Whether a text about these databases may be shown: it names them, and what is in them. */
export function maySee(principal: Principal, about: About): boolean {
  if (about === 'all') return principal.mayEverywhere('read');
  return about.every((name) => principal.may('read', databaseOfScope(name)));
}
