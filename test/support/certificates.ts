// Certificates for tests, made by openssl.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Signs certificates for 127.0.0.1. */
export class TestAuthority {
  readonly #folder: string;
  readonly #own: CertificateFiles;

  constructor(folder: string, name = 'ca') {
    this.#folder = folder;
    this.#own = this.#files(name);
    const subject = ['-subj', `/CN=${name}`, '-days', '2'];
    openssl('req', '-x509', ...newKey(this.#own.key), ...subject, '-out', this.#own.cert);
  }

  /** What clients trust. */
  get pem(): string {
    return readFileSync(this.#own.cert, 'utf8');
  }

  get certFile(): string {
    return this.#own.cert;
  }

  /** For clients, `names` as openssl writes alternative names: `DNS:a,URI:b`. */
  issue(name: string, names = 'IP:127.0.0.1'): CertificateFiles {
    const files = this.#files(name);
    const { cert, key } = this.#own;
    openssl(
      ...['req', '-x509', ...newKey(files.key), '-subj', `/CN=${name}`, '-days', '1'],
      ...['-CA', cert, '-CAkey', key, '-addext', `subjectAltName=${names}`],
      ...['-addext', 'basicConstraints=critical,CA:FALSE', '-out', files.cert],
    );
    return files;
  }

  #files(name: string): CertificateFiles {
    return { cert: join(this.#folder, `${name}.pem`), key: join(this.#folder, `${name}.key`) };
  }
}

function newKey(path: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', path];
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
