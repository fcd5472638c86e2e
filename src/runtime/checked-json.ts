// JSON files whose last line is a checksum of all before it: people can read them, and no flipped bit
// passes for content.

import { crc32 } from 'node:zlib';

/** Between the body and the last line `"crc32": "…"}`. */
const CHECKSUM_LINE = '\n"crc32": "';

/** Closes an object that has been printed up to and including the comma after its last member. */
export function withChecksum(body: string): string {
  return `${body}${lastLine(body)}`;
}

/** What is wrong with a text that {@link withChecksum} should have made, undefined if nothing is. */
export function checksumProblem(text: string): string | undefined {
  const bodyEnd = text.lastIndexOf(CHECKSUM_LINE);
  if (bodyEnd < 0) return 'it has no checksum line: the file is cut short';
  const isSound = text.slice(bodyEnd) === lastLine(text.slice(0, bodyEnd));
  return isSound ? undefined : 'the checksum does not match';
}

function lastLine(body: string): string {
  return `${CHECKSUM_LINE}${crc32(body).toString(16).padStart(8, '0')}"}\n`;
}
