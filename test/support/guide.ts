// Guides as tests read them: the blocks under their headings, so that what a guide says is what is tested.

import { readFileSync } from 'node:fs';

export interface GuideBlock {
  /** The nearest heading before it, without its marks. */
  readonly heading: string;
  /** As after the fence: `yaml`; '' for terminals. */
  readonly language: string;
  readonly text: string;
}

/** Fenced blocks of a guide, such as `influxdb-and-opengemini`, in order; indentation of lists is taken away. */
export function guideBlocks(name: string): GuideBlock[] {
  const url = new URL(`../../docs/guides/${name}.md`, import.meta.url);
  const blocks: GuideBlock[] = [];
  let heading = '';
  let open: { readonly indent: string; readonly language: string; lines: string[] } | undefined;
  for (const line of readFileSync(url, 'utf8').split('\n')) {
    const fence = /^(\s*)```(\w*)$/.exec(line);
    if (open === undefined) {
      if (fence !== null) open = { indent: fence[1]!, language: fence[2]!, lines: [] };
      else if (line.startsWith('#')) heading = line.replace(/^#+\s*/, '');
    } else if (fence !== null) {
      blocks.push({ heading, language: open.language, text: open.lines.join('\n') });
      open = undefined;
    } else {
      open.lines.push(line.slice(open.indent.length));
    }
  }
  return blocks;
}

/** What is typed into a shell after its prompt, and what the guide shows of the answer. */
export interface TypedLine {
  readonly typed: string;
  readonly shown: string;
}

/** The lines of a terminal's block that begin with `> `, each with what follows it. */
export function typedLines(text: string): TypedLine[] {
  const [, ...parts] = `\n${text}`.split('\n> ');
  return parts.map((part) => {
    const [typed = '', ...shown] = part.split('\n');
    return {
      typed,
      shown: shown
        .filter((line) => !line.startsWith('$ '))
        .join('\n')
        .trim(),
    };
  });
}

/** Matches what a guide shows: a line `…` is any number of lines; times and blanks between columns are as they come. */
export function shownPattern(shown: string): RegExp {
  const lines = shown.split('\n').map((line) => {
    if (line === '…') return '(?:[^]*(?:\\n|$))?';
    const pattern = line
      .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\d{10,}/g, '\\d+')
      .replaceAll(/ +/g, ' +');
    return `${pattern} *(?:\\n|$)`;
  });
  return new RegExp(`^${lines.join('')}$`);
}
