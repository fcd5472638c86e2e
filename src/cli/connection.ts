// Options of commands that speak to a running server: where it is, and who asks.

import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import type { ServerAddress } from '../roles/server-address.ts';

/** As commander names them. */
export interface ServerOptions {
  readonly server: string;
  readonly user?: string;
  readonly passwordFile?: string;
}

/** `who` may use the command. */
export function connectionOptions(who: string): Option[] {
  return [
    new Option('--server <URL>', 'the server')
      .default('http://127.0.0.1:8086')
      .env('TIDEMARK_SERVER'),
    new Option('--user <NAME>', who).env('TIDEMARK_USER'),
    new Option(
      '--password-file <FILE>',
      'its password; else the variable TIDEMARK_PASSWORD has it',
    ),
  ];
}

export function addressOf({ server, user, passwordFile }: ServerOptions): ServerAddress {
  const password =
    passwordFile === undefined ? process.env.TIDEMARK_PASSWORD : readSecret(passwordFile);
  return { url: server, user, password };
}

/** The first line of a file; `-` is standard input. */
export function readSecret(file: string): string {
  return readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, '');
}
