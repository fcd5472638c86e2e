// Certificates of a listener: read at the start, and again when the files have changed. Connections that are there
// go on with the old ones; a set of files that does not fit together (one has been replaced, the other not yet)
// changes nothing.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';
import { invalidSetting } from '../config/errors.ts';
import type { TlsFiles } from '../config/listen-type.ts';
import { errorMessage } from '../runtime/error.ts';
import type { Logger } from '../runtime/log.ts';

/** Files are looked at this often: a few kilobytes, from memory. */
const CHECK_INTERVAL_MS = 5000;

export interface CertificateOptions extends SecureContextOptions {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

export class Certificates {
  readonly #files: TlsFiles;
  readonly #logger: Logger;
  #options: CertificateOptions;
  /** The last that could not be used, so that it is told of once. */
  #refused: CertificateOptions | undefined;
  #expiresAt: number;
  #timer: NodeJS.Timeout | undefined;

  /** Throws CONFIG_INVALID for files that cannot be read or do not belong together. */
  constructor(files: TlsFiles, logger: Logger) {
    this.#files = files;
    this.#logger = logger;
    try {
      this.#options = readFiles(files);
      this.#expiresAt = check(this.#options);
    } catch (error) {
      const { cert, key } = files;
      throw invalidSetting('listen', `cannot use ${cert} with ${key}: ${errorMessage(error)}`);
    }
  }

  /** For the server. */
  get options(): CertificateOptions {
    return this.#options;
  }

  /** When the certificate ends, ms. */
  get expiresAt(): number {
    return this.#expiresAt;
  }

  /** Looks at the files from now on. */
  watch(server: Server): void {
    this.#timer = setInterval(() => this.reload(server), CHECK_INTERVAL_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Takes the files as they are now, if they have changed. True if it has. */
  reload(server: Server): boolean {
    let options: CertificateOptions | undefined;
    try {
      options = readFiles(this.#files);
      if (isSame(options, this.#options) || isSame(options, this.#refused)) return false;
      const expiresAt = check(options);
      server.setSecureContext(options);
      this.#options = options;
      this.#expiresAt = expiresAt;
      this.#refused = undefined;
    } catch (error) {
      this.#refused = options;
      const reason = errorMessage(error);
      const { cert } = this.#files;
      this.#logger.log('error', 'changed certificate cannot be used, the old one stays', {
        cert,
        reason,
      });
      return false;
    }
    const expires = new Date(this.#expiresAt).toISOString();
    this.#logger.log('info', 'certificate reloaded', { cert: this.#files.cert, expires });
    return true;
  }
}

function readFiles({ cert, key, clientCa }: TlsFiles): CertificateOptions {
  return {
    cert: readFileSync(cert),
    key: readFileSync(key),
    ...(clientCa === undefined ? {} : { ca: readFileSync(clientCa) }),
    minVersion: 'TLSv1.2',
    requestCert: clientCa !== undefined,
    rejectUnauthorized: clientCa !== undefined,
  };
}

/** When the certificate ends, ms. Throws for what cannot be used. */
function check(options: CertificateOptions): number {
  createSecureContext(options);
  return Date.parse(new X509Certificate(options.cert as Buffer).validTo);
}

function isSame(a: CertificateOptions, b: CertificateOptions | undefined): boolean {
  if (b === undefined) return false;
  return (['cert', 'key', 'ca'] as const).every((name) => {
    return String(a[name]) === String(b[name]);
  });
}
