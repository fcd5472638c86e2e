// `tidemark export` and `tidemark import`: everything that is stored, out of a running server and into one.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { invalidSetting } from '../config/errors.ts';
import {
  EXPORT_FORMATS,
  type FileExportFormat,
  type FileImportFormat,
  formatOfName,
  IMPORT_FORMATS,
  isGzipName,
} from '../roles/transfer/formats.ts';
import type { ImportOptions } from '../roles/transfer/import.ts';
import { addressOf, connectionOptions, type ServerOptions } from './connection.ts';
import { ExitCode } from './exit-codes.ts';

type Label = ImportOptions['labels'][number];

/** A selector of all series. */
const EVERYTHING = '{}';
/** Samples with all that belongs to them survive these. */
const LOSSLESS: readonly string[] = ['json-lines', 'parquet'];

export function addTransferCommands(program: Command, setExitCode: (code: number) => void): void {
  addExport(program, setExitCode);
  addImport(program, setExitCode);
}

interface ExportFlags extends ServerOptions {
  readonly output: string;
  readonly format?: FileExportFormat;
  readonly database: string;
  readonly match?: readonly string[];
  readonly start?: string;
  readonly end?: string;
  readonly fields?: string;
  readonly gzip?: true;
  readonly verify?: true;
}

function addExport(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('export')
    .description('write samples of a running server into a file')
    .addOption(new Option('--output <FILE>', "the file, or '-' for standard output").default('-'))
    .addOption(
      new Option(
        '--format <FORMAT>',
        'by default what the name of the file ends with, or json-lines',
      ).choices(EXPORT_FORMATS),
    )
    .addOption(databaseOption())
    .addOption(
      new Option(
        '--match <SELECTOR>',
        'series to write, such as {job="node"}, all by default; repeat it for several',
      ).argParser(append),
    )
    .addOption(new Option('--start <TIME>', 'Unix seconds or RFC 3339; everything by default'))
    .addOption(new Option('--end <TIME>', 'the same'))
    .addOption(
      new Option(
        '--fields <LIST>',
        'cells of a line of CSV: label names, __name__, __value__, __timestamp__:unix_ms',
      ),
    )
    .addOption(new Option('--gzip', 'compress; by default if the name of the file ends with .gz'))
    .addOption(new Option('--verify', 'then compare the file with the server, series by series'));
  for (const option of connectionOptions('who may read the database')) command.addOption(option);
  command.action(async (flags: ExportFlags) => {
    const { output, database, match = [EVERYTHING], start, end, fields } = flags;
    const format = flags.format ?? formatOfName(output) ?? 'json-lines';
    const verify = flags.verify === true;
    if (format === 'csv' && fields === undefined) {
      throw invalidSetting(
        '--fields',
        'CSV needs it: __name__,job,__value__,__timestamp__:unix_ms',
      );
    }
    if (verify && (output === '-' || !LOSSLESS.includes(format))) {
      throw invalidSetting('--verify', `it needs a file of ${LOSSLESS.join(' or ')}`);
    }
    const { Connection } = await import('../roles/transfer/connection.ts');
    const { runExport } = await import('../roles/transfer/export.ts');
    const connection = new Connection(addressOf(flags));
    try {
      const isEqual = await runExport(
        connection,
        {
          file: output,
          format,
          isGzip: format !== 'parquet' && (flags.gzip === true || isGzipName(output)),
          database,
          matches: match,
          start,
          end,
          fields,
          verify,
        },
        process.stderr,
      );
      setExitCode(isEqual ? ExitCode.ok : ExitCode.failure);
    } finally {
      connection.close();
    }
  });
}

interface ImportFlags extends ServerOptions {
  readonly format?: FileImportFormat;
  readonly database: string;
  readonly columns?: string;
  readonly label?: readonly Label[];
  readonly state?: string;
  readonly restart?: true;
  readonly verify?: true;
  readonly verifyOnly?: true;
}

function addImport(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('import <file>')
    .description(
      "send a file ('-': standard input) to a running server; goes on where it was ended",
    )
    .addOption(
      new Option(
        '--format <FORMAT>',
        'by default what the name of the file ends with, or json-lines',
      ).choices(IMPORT_FORMATS),
    )
    .addOption(databaseOption())
    .addOption(
      new Option('--columns <RULES>', 'of CSV, such as 1:label:job,2:metric:up,3:time:unix_s'),
    )
    .addOption(
      new Option('--label <NAME=VALUE>', 'set it on every series; repeat it for several').argParser(
        appendLabel,
      ),
    )
    .addOption(
      new Option('--state <FILE>', 'where to note how far it is; by default beside the file'),
    )
    .addOption(new Option('--restart', 'forget how far it was'))
    .addOption(new Option('--verify', 'then compare the file with the server, series by series'))
    .addOption(new Option('--verify-only', 'compare and send nothing'));
  for (const option of connectionOptions('who may write to the database')) {
    command.addOption(option);
  }
  command.action(async (file: string, flags: ImportFlags) => {
    const { database, columns, label = [], state } = flags;
    const format = flags.format ?? formatOfName(file) ?? 'json-lines';
    const isVerified = flags.verify === true || flags.verifyOnly === true;
    if (format === 'csv' && columns === undefined) {
      throw invalidSetting('--columns', 'CSV needs it: 1:label:job,2:metric:up,3:time:unix_s');
    }
    if (isVerified && (file === '-' || !LOSSLESS.includes(format))) {
      throw invalidSetting('--verify', `it needs a file of ${LOSSLESS.join(' or ')}`);
    }
    if (file === '-' && format === 'parquet') {
      throw invalidSetting('<file>', 'Parquet has its index at the end: it needs a file');
    }
    const { Connection } = await import('../roles/transfer/connection.ts');
    const { runImport } = await import('../roles/transfer/import.ts');
    const connection = new Connection(addressOf(flags));
    try {
      const isWhole = await runImport(
        connection,
        {
          file,
          format,
          database,
          columns,
          labels: label,
          stateFile: state,
          isRestart: flags.restart === true,
          verify: flags.verify === true,
          isVerifyOnly: flags.verifyOnly === true,
        },
        process.stderr,
      );
      setExitCode(isWhole ? ExitCode.ok : ExitCode.failure);
    } finally {
      connection.close();
    }
  });
}

function databaseOption(): Option {
  return new Option('--database <NAME>', 'the database').default('default');
}

function append(text: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), text];
}

function appendLabel(text: string, previous: readonly Label[] | undefined): Label[] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('expected NAME=VALUE');
  return [...(previous ?? []), { name: text.slice(0, equals), value: text.slice(equals + 1) }];
}
