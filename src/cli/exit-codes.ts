// What the process answers to its caller.

export const ExitCode = {
  ok: 0,
  /** The work was tried and did not succeed. */
  failure: 1,
  /** The command line or the configuration is wrong; nothing was tried. */
  usage: 2,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
