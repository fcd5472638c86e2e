// Numbers as Go prints them.

/** `strconv.FormatFloat(value, 'f', -1, 64)`: the shortest digits that give the value, no exponent. */
export function printFixed(value: number): string {
  const special = printSpecial(value);
  if (special !== undefined) return special;
  const { negative, digits, point } = decompose(value);
  const sign = negative ? '-' : '';
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return `${sign}${digits.padEnd(point, '0')}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** `fmt.Sprint(value)`: with an exponent from 1e+06 on and below 0.0001. */
export function printGeneral(value: number): string {
  const special = printSpecial(value);
  if (special !== undefined) return special;
  const { negative, digits, point } = decompose(value);
  const exponent = point - 1;
  if (exponent >= -4 && exponent < 6) return printFixed(value);
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const magnitude = String(Math.abs(exponent)).padStart(2, '0');
  return `${negative ? '-' : ''}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${magnitude}`;
}

function printSpecial(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  return undefined;
}

/** value = ±0.digits × 10^point; digits are the fewest that give the value. */
function decompose(value: number): { negative: boolean; digits: string; point: number } {
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e') as [string, string];
  return { negative: value < 0, digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}
