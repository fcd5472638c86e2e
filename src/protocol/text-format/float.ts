/** As Go's `%g` writes it: shortest digits, an exponent of two digits below 1e-4 and from 1e+06 on unless there is none to save. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  // The sign of zero is lost, as in Prometheus' own library.
  if (value === 0) return '0';
  const [digits, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  // In this range JavaScript never uses an exponent.
  return String(value);
}
