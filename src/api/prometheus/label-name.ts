// Label names in URLs. Names that are not plain are value-encoded by clients: `U__my_2e_name` is
// `my.name`, `__` is an underscore, `_<hex>_` any other character.

const PREFIX = 'U__';

/** The name meant. Text that is not properly encoded is taken as it stands, as Prometheus does. */
export function unescapeLabelName(text: string): string {
  if (!text.startsWith(PREFIX)) return text;
  let name = '';
  for (let i = PREFIX.length; i < text.length; ) {
    if (text[i] !== '_') {
      name += text[i++];
    } else if (text[i + 1] === '_') {
      name += '_';
      i += 2;
    } else {
      const end = text.indexOf('_', i + 1);
      const character = end < 0 ? undefined : characterOf(text.slice(i + 1, end));
      if (character === undefined) return text;
      name += character;
      i = end + 1;
    }
  }
  return name;
}

function characterOf(hex: string): string | undefined {
  if (!/^[0-9a-fA-F]{1,6}$/.test(hex)) return undefined;
  const codePoint = Number.parseInt(hex, 16);
  const isScalar = codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
  return isScalar ? String.fromCodePoint(codePoint) : undefined;
}
