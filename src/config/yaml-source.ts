// Reads tidemark.yaml into texts by setting name, each with its place, so that what is wrong later
// can be named as file:line:column.

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { invalidSetting, unknownSetting } from './errors.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts';
import { nearestName } from './suggest.ts';

export interface SourcedTexts {
  readonly texts: readonly string[];
  /** `--retention`, `TIDEMARK_RETENTION` or `tidemark.yaml:3:12`. */
  readonly where: string;
}

export type TextsByName = Map<SettingName, SourcedTexts>;

/** Texts of every setting in a file's content. Throws CONFIG_INVALID or CONFIG_UNKNOWN_KEY. */
export function readYaml(content: string, file: string): TextsByName {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const problem = document.errors[0];
  if (problem !== undefined) throw invalidSetting(place(problem.pos[0]), problem.message);

  const found: TextsByName = new Map();
  const visit = (node: unknown, path: string): void => {
    if (node === null) return;
    const at = offsetOf(node);
    if (isAlias(node)) throw invalidSetting(place(at), 'aliases are not supported');
    if (!isMap(node)) {
      const subject = path === '' ? 'the file' : JSON.stringify(path);
      throw invalidSetting(place(at), `${subject} must hold keys and values`);
    }
    for (const { key, value } of node.items) {
      if (!isScalar(key)) throw invalidSetting(place(offsetOf(key)), 'keys must be plain texts');
      // Prometheus writes keys with underscores; what can be pasted from its configuration is understood.
      const text = String(key.value).replaceAll('_', '-');
      const name = path === '' ? text : `${path}.${text}`;
      const where = place(offsetOf(key));
      if (isSettingName(name)) {
        found.set(name, textsOf(name, value as Node | null, where, place));
      } else if (SETTING_NAMES.some((setting) => setting.startsWith(`${name}.`))) {
        visit(value, name);
      } else {
        throw unknownSetting(where, name, nearestName(name, knownKeys()));
      }
    }
  };
  visit(document.contents, '');
  return found;
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** Setting names and the groups they live in (`wal`). */
function knownKeys(): string[] {
  const groups = SETTING_NAMES.map((name) => name.slice(0, name.lastIndexOf('.')));
  return [
    ...SETTING_NAMES,
    ...new Set(groups.filter((group) => SETTING_NAMES.every((n) => n !== group))),
  ];
}

function textsOf(
  name: SettingName,
  node: Node | null,
  keyPlace: string,
  place: (offset: number) => string,
): SourcedTexts {
  const { isList, expects } = SETTINGS[name].type;
  const where = node === null ? keyPlace : place(offsetOf(node));
  const refuse = (got: string): never => {
    throw invalidSetting(where, `${name}: expected ${expects}, got ${got}`);
  };
  if (node === null || (isScalar(node) && node.value === null)) return refuse('nothing');
  if (isScalar(node)) return { texts: [scalarText(node)], where };
  if (isList && isSeq(node)) {
    const texts = node.items.map((item) =>
      isScalar(item) ? scalarText(item) : refuse('a nested value'),
    );
    return { texts, where };
  }
  if (isList && isMap(node)) {
    const texts = node.items.map(({ key, value }) =>
      isScalar(key) && isScalar(value)
        ? `${scalarText(key)}=${scalarText(value)}`
        : refuse('a nested value'),
    );
    return { texts, where };
  }
  return refuse(isSeq(node) ? 'a list' : isMap(node) ? 'a map' : 'an alias');
}

/** As written in the file, so that `1e3` and `0x10` are not turned into numbers on the way. */
function scalarText(node: { value: unknown; source?: string }): string {
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

function offsetOf(node: unknown): number {
  return (node as { range?: readonly number[] | null }).range?.[0] ?? 0;
}
