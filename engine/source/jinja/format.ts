/** Python's two ways to format text: `'%s' % value` and `'{}'.format(value)`. */
import { Float } from '../../core/value.ts';
import { dictGet } from './equality.ts';
import { isInt, isNumeric, toNumber, typeName } from './kinds.ts';
import { realText } from './number-text.ts';
import { repr, str } from './printing.ts';
import { Attributes, Callable, JinjaError, type Keywords, Namespace, Tuple, Undefined } from './values.ts';

/** No field may be wider: a width is a number a template may have computed. */
const WIDEST = 10_000_000;

function checkWidth(width: number): number {
  if (width > WIDEST) throw new JinjaError('Too many decimal digits in format string');
  return width;
}

const ASCII_ESCAPE = /[^ -~]/gu;

function ascii(value: unknown): string {
  return repr(value).replace(ASCII_ESCAPE, (character) => {
    const code = character.codePointAt(0)!;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : `\\U${code.toString(16).padStart(8, '0')}`;
  });
}

function isNegative(value: number | bigint): boolean {
  return value < 0 || Object.is(value, -0);
}

function width(text: string): number {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text).length : text.length;
}

// ---------------------------------------------------------------- '%s' % value

const DIRECTIVE = /^([-+ #0]*)(\*|[0-9]+)?(?:\.(\*|[0-9]*))?[hlL]?/;

export function percentFormat(template: string, value: unknown): string {
  const args = value instanceof Tuple ? value : [value];
  let next = 0;
  const take = (): unknown => {
    if (next >= args.length) throw new JinjaError('not enough arguments for format string');
    return args[next++];
  };
  const takeWidth = (): number => {
    const given = take();
    if (!isInt(given)) throw new JinjaError('* wants int');
    return Number(given);
  };
  let text = '';
  let position = 0;
  // Only a dict that was looked into, or a list, may be left over.
  let usedKeys = false;
  for (;;) {
    const percent = template.indexOf('%', position);
    if (percent === -1) break;
    text += template.slice(position, percent);
    position = percent + 1;
    let key: string | undefined;
    if (template[position] === '(') {
      key = mappingKey(template, position);
      position += key.length + 2;
    }
    const found = DIRECTIVE.exec(template.slice(position))!;
    position += found[0].length;
    let flags = found[1]!;
    let wide = found[2] === '*' ? takeWidth() : Number(found[2] ?? 0);
    if (wide < 0) {
      flags += '-';
      wide = -wide;
    }
    const precision =
      found[3] === undefined ? undefined : found[3] === '*' ? Math.max(0, takeWidth()) : Number(found[3]);
    const type = template[position++];
    if (type === undefined) throw new JinjaError('incomplete format');
    if (type === '%') {
      text += '%';
      continue;
    }
    let operand: unknown;
    if (key === undefined) operand = take();
    else {
      if (!(value instanceof Map)) throw new JinjaError('format requires a mapping');
      usedKeys = true;
      operand = dictGet(value, key);
      if (operand === undefined) throw new JinjaError(`The dict has no key '${key}' for "%(${key})${type}".`);
    }
    if (operand instanceof Undefined) operand.fail();
    text += directive({
      type,
      operand,
      flags,
      width: checkWidth(wide),
      precision: precision === undefined ? undefined : checkWidth(precision),
      at: position - 1,
    });
  }
  const mapping = value instanceof Map || (Array.isArray(value) && !(value instanceof Tuple));
  if (next < args.length && !usedKeys && !mapping) {
    throw new JinjaError('not all arguments converted during string formatting');
  }
  return text + template.slice(position);
}

function mappingKey(template: string, open: number): string {
  let depth = 0;
  for (let index = open; index < template.length; index++) {
    if (template[index] === '(') depth++;
    else if (template[index] === ')' && --depth === 0) return template.slice(open + 1, index);
  }
  throw new JinjaError('incomplete format key');
}

interface Directive {
  readonly type: string;
  readonly operand: unknown;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly at: number;
}

function directive(one: Directive): string {
  const { type, operand, flags, precision } = one;
  const left = flags.includes('-');
  const zero = flags.includes('0') && !left;
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const alternate = flags.includes('#');
  let prefix = '';
  let body: string;
  let padZero = zero;
  switch (type) {
    case 's':
    case 'r':
    case 'a': {
      const whole = type === 's' ? str(operand) : type === 'r' ? repr(operand) : ascii(operand);
      body = precision === undefined ? whole : Array.from(whole).slice(0, precision).join('');
      padZero = false;
      break;
    }
    case 'c':
      body = character(operand);
      padZero = false;
      break;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o': {
      const value = wholeOperand(operand, type);
      const base = type === 'o' ? 8 : type.toLowerCase() === 'x' ? 16 : 10;
      body = (value < 0n ? -value : value).toString(base).padStart(precision ?? 0, '0');
      prefix = value < 0n ? '-' : sign;
      if (alternate && base !== 10) prefix += base === 8 ? '0o' : '0x';
      if (type === 'X') {
        body = body.toUpperCase();
        prefix = prefix.toUpperCase();
      }
      break;
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      const value = realOperand(operand);
      body = realText(value, { type, precision: precision ?? 6, alternate });
      prefix = isNegative(value) ? '-' : sign;
      break;
    }
    default: {
      const code = type.codePointAt(0)!.toString(16);
      throw new JinjaError(`unsupported format character '${type}' (0x${code}) at index ${one.at}`);
    }
  }
  const missing = Math.max(0, one.width - width(prefix) - width(body));
  if (left) return prefix + body + ' '.repeat(missing);
  return padZero ? prefix + '0'.repeat(missing) + body : ' '.repeat(missing) + prefix + body;
}

function character(operand: unknown): string {
  if (typeof operand === 'string' && Array.from(operand).length === 1) return operand;
  if (!isInt(operand)) throw new JinjaError('%c requires int or char');
  if (operand < 0 || operand > 0x10ffff) throw new JinjaError('%c arg not in range(0x110000)');
  return String.fromCodePoint(Number(operand));
}

function wholeOperand(operand: unknown, type: string): bigint {
  if (isInt(operand) || typeof operand === 'boolean') return BigInt(operand);
  if (isNumeric(operand) && 'diu'.includes(type)) {
    const value = toNumber(operand);
    if (Number.isNaN(value)) throw new JinjaError('cannot convert float NaN to integer');
    if (!Number.isFinite(value)) throw new JinjaError('cannot convert float infinity to integer');
    return BigInt(Math.trunc(value));
  }
  const wanted = 'diu'.includes(type) ? 'a real number' : 'an integer';
  throw new JinjaError(`%${type} format: ${wanted} is required, not ${typeName(operand)}`);
}

function realOperand(operand: unknown): number {
  if (isNumeric(operand)) return toNumber(operand);
  throw new JinjaError(`must be real number, not ${typeName(operand)}`);
}

// ---------------------------------------------------------------- '{}'.format(value)

interface Fields {
  readonly args: readonly unknown[];
  readonly kwargs: Keywords | ReadonlyMap<unknown, unknown>;
  /** Number of the next `{}`; undefined as soon as a field was numbered by hand. */
  automatic: number | undefined;
  manual: boolean;
}

/** `kwargs` may be a dict, for `format_map`. */
export function strFormat(
  template: string,
  args: readonly unknown[],
  kwargs: Keywords | ReadonlyMap<unknown, unknown> = {},
): string {
  return expand(template, { args, kwargs, automatic: 0, manual: false }, 2);
}

function expand(template: string, fields: Fields, depth: number): string {
  if (depth < 0) throw new JinjaError('Max string recursion exceeded');
  let text = '';
  for (let position = 0; position < template.length; position++) {
    const one = template[position]!;
    if (one === '}' || one === '{') {
      if (template[position + 1] === one) {
        text += one;
        position++;
        continue;
      }
      if (one === '}') throw new JinjaError("Single '}' encountered in format string");
      const end = fieldEnd(template, position);
      text += field(template.slice(position + 1, end), fields, depth);
      position = end;
    } else text += one;
  }
  return text;
}

function fieldEnd(template: string, open: number): number {
  if (open === template.length - 1) throw new JinjaError("Single '{' encountered in format string");
  let depth = 0;
  for (let index = open; index < template.length; index++) {
    if (template[index] === '{') depth++;
    else if (template[index] === '}' && --depth === 0) return index;
    else if (template[index] === '[' && depth === 1) {
      // A subscript may hold braces.
      const close = template.indexOf(']', index);
      if (close !== -1 && !template.slice(open, index).includes(':')) index = close;
    }
  }
  throw new JinjaError("expected '}' before end of string");
}

function field(source: string, fields: Fields, depth: number): string {
  const found = /^((?:[^[!:]|\[[^\]]*\])*)(?:!([^:]*))?(?::([\s\S]*))?$/.exec(source);
  if (!found) throw new JinjaError(`The field "{${source}}" cannot be read.`);
  let value = lookUp(found[1]!, fields);
  if (value instanceof Undefined) value.fail();
  const conversion = found[2];
  if (conversion === 'r') value = repr(value);
  else if (conversion === 's') value = str(value);
  else if (conversion === 'a') value = ascii(value);
  else if (conversion !== undefined) {
    throw new JinjaError(
      conversion === ''
        ? 'end of string while looking for conversion specifier'
        : `Unknown conversion specifier ${conversion}`,
    );
  }
  return formatValue(value, expand(found[3] ?? '', fields, depth - 1));
}

function lookUp(path: string, fields: Fields): unknown {
  const first = /^[^.[]*/.exec(path)![0];
  let value = firstValue(first, fields);
  let rest = path.slice(first.length);
  while (rest !== '') {
    const step = /^(?:\.([^.[]+)|\[([^\]]+)\])/.exec(rest);
    if (!step) throw new JinjaError('Empty attribute in format string');
    const key = step[1] ?? step[2]!;
    value = step[1] === undefined && /^[0-9]+$/.test(key) ? item(value, Number(key)) : item(value, key);
    rest = rest.slice(step[0].length);
  }
  return value;
}

function firstValue(name: string, fields: Fields): unknown {
  if (name === '') {
    if (fields.manual) {
      throw new JinjaError('cannot switch from manual field specification to automatic field numbering');
    }
    const index = fields.automatic!;
    fields.automatic = index + 1;
    return positional(index, fields);
  }
  if (/^[0-9]+$/.test(name)) {
    if (fields.automatic! > 0) {
      throw new JinjaError('cannot switch from automatic field numbering to manual field specification');
    }
    fields.manual = true;
    return positional(Number(name), fields);
  }
  const value =
    fields.kwargs instanceof Map ? dictGet(fields.kwargs, name) : (fields.kwargs as Keywords)[name];
  if (value === undefined) throw new JinjaError(`The format string names "{${name}}", which is not given.`);
  return value;
}

function positional(index: number, fields: Fields): unknown {
  if (index >= fields.args.length) {
    throw new JinjaError(`Replacement index ${index} out of range for positional args tuple`);
  }
  return fields.args[index];
}

/** As Jinja's sandbox looks: attribute and item alike. */
function item(value: unknown, key: string | number): unknown {
  let found: unknown;
  if (value instanceof Undefined) return value.fail();
  if (value instanceof Map) {
    found = dictGet(value, key);
    if (found === undefined && typeof key === 'number') found = dictGet(value, String(key));
  } else if (Array.isArray(value) && typeof key === 'number') found = value[key];
  else if (typeof value === 'string' && typeof key === 'number') found = Array.from(value)[key];
  else if (value instanceof Attributes) found = value.get(String(key));
  else if (value instanceof Namespace) found = value.members.get(key);
  else if (value instanceof Callable) found = value.attributes?.get(String(key));
  if (found === undefined) {
    throw new JinjaError(`'${typeName(value)} object' has no attribute '${key}'`, 'template-undefined');
  }
  return found;
}

// ---------------------------------------------------------------- format specifications

interface Spec {
  readonly fill: string | undefined;
  readonly align: string | undefined;
  readonly sign: string;
  readonly alternate: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?([0-9]+)?([,_])?(?:\.([0-9]+))?([^0-9])?$/su;

function parseSpec(source: string, value: unknown): Spec {
  const found = SPEC.exec(source);
  if (!found) {
    throw new JinjaError(
      /\.(?![0-9])/.test(source)
        ? 'Format specifier missing precision'
        : `Invalid format specifier '${source}' for object of type '${typeName(value)}'`,
    );
  }
  return {
    fill: found[1],
    align: found[2],
    sign: found[3] ?? '',
    alternate: found[5] !== undefined,
    zero: found[6] !== undefined,
    width: checkWidth(Number(found[7] ?? 0)),
    grouping: found[8] ?? '',
    precision: found[9] === undefined ? undefined : checkWidth(Number(found[9])),
    type: found[10] ?? '',
  };
}

/** Python's `format(value, spec)`. */
export function formatValue(value: unknown, source: string): string {
  if (value instanceof Undefined) return value.fail();
  if (source === '') return str(value);
  if (typeof value === 'string') return formatText(value, parseSpec(source, value));
  if (isInt(value) || typeof value === 'boolean') return formatWhole(value, parseSpec(source, value));
  if (typeof value === 'number' || value instanceof Float) {
    return formatReal(toNumber(value), parseSpec(source, value), value);
  }
  throw new JinjaError(`unsupported format string passed to ${typeName(value)}.__format__`);
}

function unknownCode(spec: Spec, value: unknown): never {
  throw new JinjaError(`Unknown format code '${spec.type}' for object of type '${typeName(value)}'`);
}

function formatText(value: string, spec: Spec): string {
  if (spec.type !== '' && spec.type !== 's') unknownCode(spec, value);
  if (spec.sign !== '') throw new JinjaError('Sign not allowed in string format specifier');
  if (spec.alternate) {
    throw new JinjaError('Alternate form (#) not allowed in string format specifier');
  }
  if (spec.align === '=') throw new JinjaError("'=' alignment not allowed in string format specifier");
  if (spec.grouping !== '') throw new JinjaError(`Cannot specify '${spec.grouping}' with 's'.`);
  const text = spec.precision === undefined ? value : Array.from(value).slice(0, spec.precision).join('');
  return pad('', text, { ...spec, fill: spec.fill ?? (spec.zero ? '0' : undefined), zero: false }, '<');
}

function formatWhole(value: number | bigint | boolean, spec: Spec): string {
  const { type } = spec;
  if (type !== '' && 'eEfFgG%'.includes(type)) return formatReal(Number(value), spec, value);
  if (type !== '' && !'bcdoxXn'.includes(type)) unknownCode(spec, value);
  if (spec.precision !== undefined) {
    throw new JinjaError('Precision not allowed in integer format specifier');
  }
  const whole = BigInt(value);
  if (type === 'c') {
    if (spec.sign !== '') throw new JinjaError("Sign not allowed with integer format specifier 'c'");
    return pad('', character(Number(whole)), spec, '<');
  }
  const base = { b: 2, o: 8, x: 16, X: 16 }[type] ?? 10;
  if (spec.grouping === ',' && base !== 10) throw new JinjaError(`Cannot specify ',' with '${type}'.`);
  let body = (whole < 0n ? -whole : whole).toString(base);
  let prefix = whole < 0n ? '-' : spec.sign === '-' ? '' : spec.sign;
  if (spec.alternate && base !== 10) prefix += `0${type}`;
  if (type === 'X') body = body.toUpperCase();
  return padNumber(prefix, body, '', spec, base === 10 ? 3 : 4);
}

function formatReal(value: number, spec: Spec, given: unknown): string {
  const { type } = spec;
  if (type !== '' && !'eEfFgGn%'.includes(type)) unknownCode(spec, given);
  let text: string;
  let tail = '';
  if (type === '%') {
    text = realText(value * 100, { type: 'f', precision: spec.precision ?? 6, alternate: spec.alternate });
    tail = '%';
  } else if (type === '' && spec.precision === undefined) text = str(new Float(Math.abs(value)));
  else {
    const kind = type === '' || type === 'n' ? 'g' : type;
    const style = { type: kind, alternate: spec.alternate, asRepr: type === '' };
    text = realText(value, { ...style, precision: spec.precision ?? 6 });
  }
  const prefix = isNegative(value) ? '-' : spec.sign === '-' ? '' : spec.sign;
  const split = /^([0-9]+)(.*)$/.exec(text);
  if (!split) return pad(prefix, text, spec, '>');
  return padNumber(prefix, split[1]!, split[2]! + tail, spec, 3);
}

/** Groups the digits and, where zeros fill the field, groups those too. */
function padNumber(prefix: string, digits: string, tail: string, spec: Spec, every: number): string {
  const zeros = spec.zero && spec.align === undefined ? '0' : spec.fill;
  let body = grouped(digits, spec.grouping, every);
  if (zeros === '0' && (spec.align === '=' || spec.align === undefined) && spec.width > 0) {
    let filled = digits;
    while (prefix.length + body.length + tail.length < spec.width) {
      filled = `0${filled}`;
      body = grouped(filled, spec.grouping, every);
    }
  }
  return pad(prefix, body + tail, spec, '>');
}

function grouped(digits: string, separator: string, every: number): string {
  if (separator === '') return digits;
  const parts: string[] = [];
  for (let end = digits.length; end > 0; end -= every)
    parts.unshift(digits.slice(Math.max(0, end - every), end));
  return parts.join(separator);
}

function pad(prefix: string, body: string, spec: Spec, usual: string): string {
  const missing = spec.width - width(prefix) - width(body);
  if (missing <= 0) return prefix + body;
  const fill = spec.fill ?? (spec.zero ? '0' : ' ');
  switch (spec.align ?? (spec.zero ? '=' : usual)) {
    case '<':
      return prefix + body + fill.repeat(missing);
    case '>':
      return fill.repeat(missing) + prefix + body;
    case '=':
      return prefix + fill.repeat(missing) + body;
    default: {
      const before = Math.floor(missing / 2);
      return fill.repeat(before) + prefix + body + fill.repeat(missing - before);
    }
  }
}
