// argv → a role. Roles are loaded when they are run, so that `tidemark version` starts at once.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { loadSettings } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { AppError, errorMessage, systemErrorCode } from '../runtime/error.ts';
import { addAdminCommands } from './admin.ts';
import { ExitCode } from './exit-codes.ts';
import { addSettingFlags, givenFlags } from './flags.ts';
import { addTransferCommands } from './transfer.ts';
import { programVersion } from './version.ts';

/** Runs one command; resolves to the exit code once everything is done. */
export async function main(argv: readonly string[]): Promise<number> {
  // Who reads our output may leave early (`| head`); that is no reason to stop.
  process.stdout.on('error', () => {});
  let exitCode: number = ExitCode.ok;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    }
    process.stderr.write(`tidemark: ${describe(error)}\n`);
    const isUsage = error instanceof AppError && error.code.startsWith('CONFIG_');
    return isUsage ? ExitCode.usage : ExitCode.failure;
  }
}

/** What the system says of a file that a command names; it says which, too. */
const FILE_ERRORS: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EISDIR',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

/** Expected errors explain themselves; anything else is ours to debug. */
function describe(error: unknown): string {
  if (error instanceof AppError || FILE_ERRORS.has(systemErrorCode(error))) {
    return errorMessage(error);
  }
  return error instanceof Error ? (error.stack ?? error.message) : errorMessage(error);
}

function buildProgram(setExitCode: (code: number) => void): Command {
  const version = programVersion();
  const program = new Command('tidemark')
    .description('Long-term storage for Prometheus.')
    .version(version, '-V, --version', 'print the version')
    .showHelpAfterError("(see 'tidemark help')")
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  addServe(program, version, setExitCode);
  addAdminCommands(program);
  addTransferCommands(program, setExitCode);
  program
    .command('verify')
    .description('check every checksum in a data folder that no server is using')
    .option('--data <DIR>', 'the data folder', './data')
    .action(async ({ data }: { data: string }) => {
      const { verify } = await import('../roles/verify.ts');
      setExitCode((await verify(data)) ? ExitCode.ok : ExitCode.failure);
    });
  program
    .command('version')
    .description('print the version')
    .action(() => {
      process.stdout.write(`${version}\n`);
    });
  return program;
}

function addServe(program: Command, version: string, setExitCode: (code: number) => void): void {
  const serve = program
    .command('serve')
    .description('run the server')
    .addHelpText(
      'after',
      '\nFlags win over variables (in brackets), variables over the file. All settings: docs/reference/flags.md',
    );
  addSettingFlags(serve);
  serve.action(async (_options: unknown, command: Command) => {
    const load = (): Settings =>
      loadSettings({
        flags: givenFlags(command),
        environment: process.env,
        configFile: command.getOptionValue('config.file') as string | undefined,
        readFile: (path) => readFileSync(path, 'utf8'),
      });
    const settings = load();
    const { serve } = await import('../roles/serve.ts');
    setExitCode(await serve(settings, version, load));
  });
}
