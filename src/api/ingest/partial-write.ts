// The answer to a write of which a part can never be accepted: 400 with a text that names a few of
// the refusals and says what was stored.

import type { Rejection } from '../../storage/errors.ts';
import type { WriteResult } from '../../storage/interface.ts';

/** Refusals named in the answer; the rest is at /api/v1/status/rejected. */
const MAX_NAMED = 5;
/** Longest series and message in the answer. */
const MAX_TEXT_LENGTH = 300;

/** True if anything was left out, if only a series without samples. */
export function isPartial(result: WriteResult): boolean {
  return result.rejectedTotal > 0 || result.rejections.length > 0;
}

export function describePartialWrite(result: WriteResult): string {
  const { samplesWritten, histogramsWritten, exemplarsWritten, rejections, rejectedTotal } = result;
  const named = rejections.slice(0, MAX_NAMED).map(describeRefusal);
  const unnamed = rejections.length - named.length;
  const more = unnamed > 0 ? [`and ${unnamed} more, see /api/v1/status/rejected`] : [];
  return [
    `partial write: ${rejectedTotal} refused; stored ${samplesWritten} samples, ${histogramsWritten} histograms, ${exemplarsWritten} exemplars`,
    ...named,
    ...more,
  ].join('\n');
}

/** One refusal as a line of text. */
export function describeRefusal({ reason, series, message }: Rejection): string {
  const subject = series === '' ? '' : `${cut(series)}: `;
  return `${subject}${cut(message)} (${reason})`;
}

function cut(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
}
