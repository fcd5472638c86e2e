import { expect, test } from 'vitest';
import { parseStatements, printStatement } from './parse.ts';

test.each<[text: string, printed: string[]]>([
  ['', []],
  [';', []],
  ['show databases', ['SHOW DATABASES']],
  ['CREATE DATABASE prometheus', ['CREATE DATABASE prometheus']],
  ['create database "my-db"; drop database x;', ['CREATE DATABASE "my-db"', 'DROP DATABASE x']],
  ['CREATE DATABASE "a\\"b\\\\c"', ['CREATE DATABASE "a\\"b\\\\c"']],
  ['-- comment\nSHOW DATABASES', ['SHOW DATABASES']],
])('parses %j', (text, printed) => {
  expect(parseStatements(text).map(printStatement)).toEqual(printed);
});

test.each<[text: string, message: string]>([
  ['selec', 'found selec, expected CREATE, DROP, SHOW at line 1, char 1'],
  ['CREATE', 'found EOF, expected DATABASE at line 1, char 7'],
  ['CREATE DATABASE', 'found EOF, expected identifier at line 1, char 16'],
  ["CREATE DATABASE 'x'", "found ', expected identifier at line 1, char 17"],
  ['SHOW DATABASES\nx', 'found x, expected ;, EOF at line 2, char 1'],
  ['DROP DATABASE "x', 'found ", expected identifier at line 1, char 15'],
])('refuses %j', (text, message) => {
  expect(() => parseStatements(text)).toThrow(
    expect.objectContaining({ message: `error parsing query: ${message}` }),
  );
});
