// Which exposition format a reader wants, from its Accept header.

import { ESCAPINGS, type Escaping } from './escape-name.ts';

export type ExpositionKind = 'text' | 'openmetrics' | 'protobuf';

export interface ExpositionFormat {
  readonly kind: ExpositionKind;
  readonly escaping: Escaping;
  readonly contentType: string;
}

const TYPES: Readonly<Record<string, string>> = {
  'text/1.0.0': 'text/plain; version=1.0.0; charset=utf-8',
  'text/0.0.4': 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  protobuf:
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
};

/** The reader's favourite among ours; the text format 0.0.4 if it names none. */
export function negotiateExposition(accept: string | undefined): ExpositionFormat {
  // The last escaping named up to the chosen type counts, as in Prometheus' own library.
  let escaping: Escaping = 'underscores';
  for (const { type, parameters } of acceptedTypes(accept ?? '')) {
    escaping = ESCAPINGS.find((known) => known === parameters.get('escaping')) ?? escaping;
    const key = formatKey(type, parameters);
    if (key !== undefined) return format(key, escaping);
  }
  return format('text/0.0.4', escaping);
}

function format(key: string, escaping: Escaping): ExpositionFormat {
  const kind = key.split('/')[0] as ExpositionKind;
  return { kind, escaping, contentType: `${TYPES[key]!}; escaping=${escaping}` };
}

function formatKey(type: string, parameters: ReadonlyMap<string, string>): string | undefined {
  const version = parameters.get('version') ?? '';
  switch (type) {
    case 'text/plain':
      if (version === '1.0.0') return 'text/1.0.0';
      return version === '0.0.4' || version === '' ? 'text/0.0.4' : undefined;
    case 'application/openmetrics-text':
      return ['1.0.0', '0.0.1', ''].includes(version) ? 'openmetrics' : undefined;
    case 'application/vnd.google.protobuf': {
      const isFamily = parameters.get('proto') === 'io.prometheus.client.MetricFamily';
      return isFamily && parameters.get('encoding') === 'delimited' ? 'protobuf' : undefined;
    }
    default:
      return undefined;
  }
}

interface AcceptedType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** Most wanted first; equals in the order given. */
function acceptedTypes(header: string): AcceptedType[] {
  return header
    .split(',')
    .map((clause) => {
      const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
      const parameters = new Map(rest.map(parameterOf));
      const quality = Number(parameters.get('q') ?? 1);
      return { type, parameters, quality: Number.isNaN(quality) ? 1 : quality };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
}

function parameterOf(text: string): [name: string, value: string] {
  const [name = '', value = ''] = text.split('=', 2).map((part) => part.trim());
  return [name.toLowerCase(), value.replaceAll('"', '')];
}
