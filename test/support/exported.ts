// Exports without threads and sockets: what the evaluator writes, as bytes.

import { evaluateExport } from '../../src/api/export/evaluate-export.ts';
import {
  type ExportBody,
  type ExportFormat,
  type ExportSummary,
  openPiece,
} from '../../src/api/export/export-body.ts';
import { ALL_TIME, type TimeRange } from '../../src/model/time-range.ts';
import type { Database } from '../../src/storage/interface.ts';

export const JSON_LINES: ExportFormat = { kind: 'json-lines', options: {} };
export const PARQUET: ExportFormat = { kind: 'parquet' };

export interface Exported {
  readonly bytes: Buffer;
  readonly summary: ExportSummary;
}

/** Everything, unless it says otherwise. `pieceBytes`: of the memory that is written to. */
export async function exportOf(
  database: Database,
  format: ExportFormat,
  {
    range = ALL_TIME,
    selectors = [[]],
    pieceBytes = 1000,
  }: {
    readonly range?: TimeRange;
    readonly selectors?: ExportBody['selectors'];
    readonly pieceBytes?: number;
  } = {},
): Promise<Exported> {
  const body: ExportBody = { selectors, format, metadata: database.metadata() };
  const parts: Buffer[] = [];
  let summary: ExportSummary | undefined;
  const querier = database.querier(range);
  try {
    await evaluateExport(body, [querier], {
      checkpoint: () => {},
      reserve: () => {},
      breathe: async () => {},
      newPiece: () => new Uint8Array(pieceBytes),
      send: async (piece) => {
        const opened = openPiece(piece);
        if (opened.kind === 'data') parts.push(Buffer.from(opened.bytes));
        else if (opened.kind === 'summary') summary = opened.summary;
      },
    });
  } finally {
    querier.close();
  }
  return { bytes: Buffer.concat(parts), summary: summary! };
}
