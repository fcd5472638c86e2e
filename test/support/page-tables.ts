// Tables of a page of the documentation as tests read them, so that what a page says is what is tested.

import { readFileSync } from 'node:fs';

/** Cells of a row as they are written. */
export type TableRow = readonly string[];

/** Rows of the tables of a page, such as `reference/protocols`, by the headings that they stand under; heads are left out. */
export function readTables(page: string): ReadonlyMap<string, readonly TableRow[]> {
  const url = new URL(`../../docs/${page}.md`, import.meta.url);
  const tables = new Map<string, TableRow[]>();
  let heading = '';
  let isHead = true;
  for (const line of readFileSync(url, 'utf8').split('\n')) {
    if (line.startsWith('#')) heading = line.replace(/^#+\s*/, '');
    if (!line.startsWith('|')) isHead = true;
    else if (/^\|[-| :]+\|$/.test(line)) isHead = false;
    else if (!isHead) {
      const rows = tables.get(heading) ?? [];
      rows.push(cellsOf(line));
      tables.set(heading, rows);
    }
  }
  return tables;
}

/** A bar inside a cell is written `\|`. */
function cellsOf(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}
