/** Numbers in decimal with a given precision, rounded half to even as Python's formatting does. */

/** |value| × 10^shift, rounded half to even: exact, because a double is a whole number times a power of two. */
function scaled(value: number, shift: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const raw = bits.getBigUint64(0);
  const field = Number(raw >> 52n);
  const fraction = raw & ((1n << 52n) - 1n);
  const mantissa = field === 0 ? fraction : fraction | (1n << 52n);
  const exponent = (field === 0 ? 1 : field) - 1075;
  let top = mantissa;
  let bottom = 1n;
  if (exponent >= 0) top <<= BigInt(exponent);
  else bottom <<= BigInt(-exponent);
  if (shift >= 0) top *= 10n ** BigInt(shift);
  else bottom *= 10n ** BigInt(-shift);
  const quotient = top / bottom;
  const twice = (top % bottom) * 2n;
  return twice > bottom || (twice === bottom && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** Digits after the point: `%.{precision}f` of a finite number, without sign. */
export function fixed(value: number, precision: number): string {
  const digits = scaled(value, precision)
    .toString()
    .padStart(precision + 1, '0');
  const point = digits.length - precision;
  return precision === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** `%.{precision}e` of a finite number, without sign: mantissa and exponent. */
export function scientific(value: number, precision: number): { mantissa: string; exponent: number } {
  let exponent = value === 0 ? 0 : Number(Math.abs(value).toExponential().split('e')[1]);
  let digits = scaled(value, precision - exponent).toString();
  if (digits.length > precision + 1) {
    exponent++;
    digits = digits.slice(0, precision + 1);
  }
  digits = digits.padEnd(precision + 1, '0');
  return { mantissa: precision === 0 ? digits : `${digits[0]}.${digits.slice(1)}`, exponent };
}

function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

export interface RealStyle {
  /** f, e or g; capital letters give capital letters. */
  readonly type: string;
  readonly precision: number;
  /** `#`: keeps the point, and with g trailing zeros. */
  readonly alternate: boolean;
  /** g with at least one digit after the point, as `{:.3}` prints floats. */
  readonly asRepr?: boolean;
}

/** A float without its sign. */
export function realText(value: number, style: RealStyle): string {
  const text = lower(value, style);
  return style.type === style.type.toUpperCase() ? text.toUpperCase() : text;
}

function lower(value: number, { type, precision, alternate, asRepr }: RealStyle): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return 'inf';
  const point = alternate ? '.' : '';
  switch (type.toLowerCase()) {
    case 'f':
      return fixed(value, precision) + (precision === 0 ? point : '');
    case 'e': {
      const { mantissa, exponent } = scientific(value, precision);
      return mantissa + (precision === 0 ? point : '') + exponentText(exponent);
    }
  }
  const digits = Math.max(1, precision);
  const { mantissa, exponent } = scientific(value, digits - 1);
  // Python prefers the exponent where the digit that `asRepr` promises would be one too many.
  const plain = exponent >= -4 && exponent < (asRepr ? digits - 1 : digits);
  let text = plain ? fixed(value, Math.max(0, digits - 1 - exponent)) : mantissa;
  if (alternate) {
    if (!text.includes('.')) text += '.';
  } else if (text.includes('.')) text = text.replace(/\.?0+$/, '');
  if (asRepr && plain && !text.includes('.')) text += '.0';
  return plain ? text : text + exponentText(exponent);
}

/** Python's `round(value, digits)`: the nearest, half to even by the number's exact value. */
export function roundedTo(value: number, digits: number): number {
  if (!Number.isFinite(value) || digits > 300) return value;
  const size =
    digits >= 0 ? Number(fixed(value, digits)) : Number(scaled(value, digits) * 10n ** BigInt(-digits));
  return value < 0 ? -size : size;
}
