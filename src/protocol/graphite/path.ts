// Paths: `name` or `name;tag=value;tag=value`.

import { type Label, METRIC_NAME } from '../../model/labels.ts';

/**
 * Labels of a path, the name first; a text says what is wrong. A tag without a value is left out, of tags with the
 * same name the last counts. With `isSanitized`, names get only characters that Prometheus' classic names have, and
 * dots.
 */
export function parsePath(path: string, isSanitized: boolean): Label[] | string {
  const [rawName = '', ...segments] = path.split(';');
  const name = isSanitized ? sanitize(rawName) : rawName;
  if (name === '') return 'missing metric name';
  const labels: Label[] = [{ name: METRIC_NAME, value: name }];
  if (segments.length === 0) return labels;
  const tags = new Map<string, string>();
  for (const segment of segments) {
    const equals = segment.indexOf('=');
    if (equals < 1 || equals === segment.length - 1) continue;
    const tag = segment.slice(0, equals);
    tags.set(isSanitized ? sanitize(tag) : tag, segment.slice(equals + 1));
  }
  for (const [tag, value] of tags) labels.push({ name: tag, value });
  return labels;
}

/** As VictoriaMetrics does with -graphite.sanitizeMetricName. */
function sanitize(name: string): string {
  return name.replaceAll(/\.+/g, '.').replaceAll(/[^a-zA-Z0-9:_.]/g, '_');
}
