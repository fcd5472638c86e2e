// The few InfluxQL statements that manage databases. Anything else is refused with the text that
// InfluxDB has for it; the whole language will take this file's place.

import { AppError } from '../../runtime/error.ts';

export type Statement =
  | { readonly kind: 'create database'; readonly name: string }
  | { readonly kind: 'drop database'; readonly name: string }
  | { readonly kind: 'show databases' };

/** Statements separated by semicolons; empty ones are skipped. Throws INFLUXQL_PARSE (`bad_data`). */
export function parseStatements(text: string): Statement[] {
  return new Parser(text).statements();
}

/** As InfluxDB prints a statement in its messages. */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'create database':
      return `CREATE DATABASE ${printIdentifier(statement.name)}`;
    case 'drop database':
      return `DROP DATABASE ${printIdentifier(statement.name)}`;
    case 'show databases':
      return 'SHOW DATABASES';
  }
}

/** A name as InfluxQL needs it: plain if it can be, else in double quotes. */
export function printIdentifier(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'other' | 'end';
  readonly text: string;
  readonly start: number;
}

class Parser {
  readonly #text: string;
  #at = 0;
  #token: Token;

  constructor(text: string) {
    this.#text = text;
    this.#token = this.#scan();
  }

  statements(): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      while (this.#token.text === ';') this.#advance();
      if (this.#isEnd()) return statements;
      statements.push(this.#statement());
      if (!this.#isEnd() && this.#token.text !== ';') throw this.#found(';, EOF');
    }
  }

  #statement(): Statement {
    const verb = this.#keyword('CREATE', 'DROP', 'SHOW');
    if (verb === 'SHOW') {
      this.#keyword('DATABASES');
      return { kind: 'show databases' };
    }
    this.#keyword('DATABASE');
    const name = this.#identifier();
    return { kind: verb === 'CREATE' ? 'create database' : 'drop database', name };
  }

  #keyword<const T extends string>(...expected: T[]): T {
    const word = this.#token.kind === 'word' ? this.#token.text.toUpperCase() : '';
    const found = expected.find((keyword) => keyword === word);
    if (found === undefined) throw this.#found(expected.join(', '));
    this.#advance();
    return found;
  }

  #identifier(): string {
    if (this.#token.kind !== 'word' && this.#token.kind !== 'quoted') {
      throw this.#found('identifier');
    }
    return this.#advance().text;
  }

  #isEnd(): boolean {
    return this.#token.kind === 'end';
  }

  #advance(): Token {
    const token = this.#token;
    this.#token = this.#scan();
    return token;
  }

  #scan(): Token {
    this.#at += /^(?:\s|--[^\n]*)*/.exec(this.#text.slice(this.#at))![0].length;
    const start = this.#at;
    const rest = this.#text.slice(start);
    if (rest === '') return { kind: 'end', text: '', start };
    const word = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0];
    if (word !== undefined) return this.#take('word', word, word.length);
    const quoted = /^"((?:[^"\\\n]|\\["\\n])*)"/.exec(rest);
    if (quoted !== null) {
      const name = quoted[1]!.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
      return this.#take('quoted', name, quoted[0].length);
    }
    const other = String.fromCodePoint(rest.codePointAt(0)!);
    return this.#take('other', other, other.length);
  }

  #take(kind: Token['kind'], text: string, length: number): Token {
    const token = { kind, text, start: this.#at };
    this.#at += length;
    return token;
  }

  #found(expected: string): AppError {
    const { kind, text, start } = this.#token;
    const before = this.#text.slice(0, start);
    const line = before.split('\n').length;
    const column = start - (before.lastIndexOf('\n') + 1) + 1;
    const found = kind === 'end' ? 'EOF' : text;
    return new AppError(
      'bad_data',
      'INFLUXQL_PARSE',
      `error parsing query: found ${found}, expected ${expected} at line ${line}, char ${column}`,
    );
  }
}
