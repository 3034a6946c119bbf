/** What a plain YAML scalar means to PyYAML (YAML 1.1, https://yaml.org/type/): file.serialize reads and writes by it. */
import { Float, floatOf, type Value } from '../../core/value.ts';

const booleans = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const nulls = /^(?:~|null|Null|NULL|)$/;
const integers =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const floats =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const timestamps =
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/;

/** Whether a plain scalar is text, and nothing else. */
export function isPlainText(text: string): boolean {
  return !(
    booleans.test(text) ||
    nulls.test(text) ||
    integers.test(text) ||
    floats.test(text) ||
    timestamps.test(text) ||
    text === '<<' ||
    text === '='
  );
}

/** The value of a plain scalar. Dates stay text, because a tree could not say one either. */
export function plainValue(text: string): Value {
  if (nulls.test(text)) return null;
  if (booleans.test(text)) return /^(?:y|t|on)/i.test(text);
  if (integers.test(text)) return integerOf(text.replaceAll('_', ''));
  if (floats.test(text)) return floatValue(text.replaceAll('_', '').toLowerCase());
  return text;
}

function integerOf(text: string): number | bigint {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  let value: bigint;
  if (digits.includes(':')) {
    value = digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  } else value = BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits);
  if (negative) value = -value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function floatValue(text: string): number | Float {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  if (digits === '.inf') return new Float(sign * Number.POSITIVE_INFINITY);
  if (digits === '.nan') return new Float(Number.NaN);
  return floatOf(sign * digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0));
}

/** A float as Python's repr() prints it: the shortest digits that mean it, 1e+16 and 1e-05 with exponents. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa, power] = value.toExponential().split('e') as [string, string];
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const digits = mantissa.replace(/[-.]/g, '');
  const sign = value < 0 ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
