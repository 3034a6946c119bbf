/** Python's arithmetic, on numbers of any size, text and lists. */
import { Float } from '../../core/value.ts';
import { float, int, isFloat, isInt, isNumeric, toNumber, typeName } from './kinds.ts';
import { JinjaError, Tuple, toTuple, tuple, Undefined } from './values.ts';

/** No text or list a template makes by `*` may have more members than this. */
const largest = 100_000_000;

function unsupported(operator: string, a: unknown, b: unknown): never {
  if (a instanceof Undefined) a.fail();
  if (b instanceof Undefined) b.fail();
  throw new JinjaError(`unsupported operand type(s) for ${operator}: '${typeName(a)}' and '${typeName(b)}'`);
}

/** Both as bigint if both are whole, else undefined. */
function bothWhole(a: unknown, b: unknown): [bigint, bigint] | undefined {
  if (a instanceof Float || b instanceof Float || isFloat(a) || isFloat(b)) return undefined;
  return [BigInt(a as number), BigInt(b as number)];
}

export function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum) && Number.isInteger(a) && Number.isInteger(b)) return sum;
  }
  if (typeof a === 'string') {
    if (typeof b === 'string') return a + b;
    if (b instanceof Undefined) return b.fail();
    throw new JinjaError(
      `can only concatenate str (not "${typeName(b)}") to str`,
      'template-error',
      'Use "~", which turns both sides into text.',
    );
  }
  if (isNumeric(a) && isNumeric(b)) {
    const whole = bothWhole(a, b);
    return whole ? int(whole[0] + whole[1]) : float(toNumber(a) + toNumber(b));
  }
  if (Array.isArray(a)) {
    if (Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
      return a instanceof Tuple ? tuple(...a, ...b) : a.concat(b);
    }
    if (b instanceof Undefined) return b.fail();
    throw new JinjaError(`can only concatenate ${typeName(a)} (not "${typeName(b)}") to ${typeName(a)}`);
  }
  return unsupported('+', a, b);
}

export function sub(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('-', a, b);
  const whole = bothWhole(a, b);
  return whole ? int(whole[0] - whole[1]) : float(toNumber(a) - toNumber(b));
}

export function mul(a: unknown, b: unknown): unknown {
  if (isNumeric(a) && isNumeric(b)) {
    const whole = bothWhole(a, b);
    return whole ? int(whole[0] * whole[1]) : float(toNumber(a) * toNumber(b));
  }
  if (typeof a === 'string' || Array.isArray(a)) return times(a, b);
  if (typeof b === 'string' || Array.isArray(b)) return times(b, a);
  return unsupported('*', a, b);
}

function times(sequence: string | unknown[], by: unknown): unknown {
  if (by instanceof Undefined) return by.fail();
  if (typeof by !== 'boolean' && !isInt(by)) {
    throw new JinjaError(`can't multiply sequence by non-int of type '${typeName(by)}'`);
  }
  const count = Math.max(0, Number(by));
  if (sequence.length * count > largest) throw new JinjaError('The result of "*" is too large.');
  if (typeof sequence === 'string') return sequence.repeat(count);
  const made: unknown[] = [];
  for (let turn = 0; turn < count; turn++) for (const member of sequence) made.push(member);
  return sequence instanceof Tuple ? toTuple(made) : made;
}

export function div(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('/', a, b);
  const by = toNumber(b);
  if (by === 0)
    throw new JinjaError(isFloat(a) || isFloat(b) ? 'float division by zero' : 'division by zero');
  return float(toNumber(a) / by);
}

export function floordiv(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('//', a, b);
  if (toNumber(b) === 0) throw new JinjaError('integer division or modulo by zero');
  const whole = bothWhole(a, b);
  if (!whole) return float(Math.floor(toNumber(a) / toNumber(b)));
  const quotient = whole[0] / whole[1];
  const exact = quotient * whole[1] === whole[0];
  return int(exact || whole[0] < 0n === whole[1] < 0n ? quotient : quotient - 1n);
}

/** Numbers only: `%` on text is printf formatting, which the caller handles. The result has the divisor's sign. */
export function mod(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('%', a, b);
  if (toNumber(b) === 0) throw new JinjaError('integer modulo by zero');
  const whole = bothWhole(a, b);
  if (!whole) {
    const by = toNumber(b);
    const rest = toNumber(a) % by;
    return float(rest !== 0 && rest < 0 !== by < 0 ? rest + by : rest);
  }
  const rest = whole[0] % whole[1];
  return int(rest !== 0n && rest < 0n !== whole[1] < 0n ? rest + whole[1] : rest);
}

export function pow(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('** or pow()', a, b);
  const whole = bothWhole(a, b);
  if (whole && whole[1] >= 0n) {
    const bits = whole[0].toString(2).length;
    if (whole[0] !== 0n && whole[0] !== 1n && whole[0] !== -1n && BigInt(bits) * whole[1] > 1_000_000n) {
      throw new JinjaError('The result of "**" is too large.');
    }
    return int(whole[0] ** whole[1]);
  }
  if (toNumber(a) === 0 && toNumber(b) < 0) {
    throw new JinjaError('0.0 cannot be raised to a negative power');
  }
  return float(toNumber(a) ** toNumber(b));
}

export function neg(value: unknown): unknown {
  if (value instanceof Undefined) return value.fail();
  if (!isNumeric(value)) throw new JinjaError(`bad operand type for unary -: '${typeName(value)}'`);
  if (typeof value === 'bigint') return int(-value);
  if (isFloat(value)) return float(-toNumber(value));
  return int(-Number(value));
}

export function pos(value: unknown): unknown {
  if (value instanceof Undefined) return value.fail();
  if (!isNumeric(value)) throw new JinjaError(`bad operand type for unary +: '${typeName(value)}'`);
  return typeof value === 'boolean' ? Number(value) : value;
}
