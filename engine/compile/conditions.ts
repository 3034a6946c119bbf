/** Reads what the engine itself acts on: onlyif, unless, creates, check_cmd, retry, failhard, aggregate. */
import type { Chunk, Condition, Conditions, Retry, Runnable } from '../core/chunk.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { type Argument, valueOrigin } from '../core/high.ts';
import { Float, isDict, keyText, toPlain, type Value } from '../core/value.ts';
import { kindOf } from './kind-of.ts';

export function conditionsOf(chunk: Chunk, ownChecks: boolean, diagnostics: Diagnostic[]): Conditions {
  const { written } = chunk;
  const onlyif = conditionList(written.get('onlyif'), diagnostics);
  const unless = conditionList(written.get('unless'), diagnostics);
  const creates = textList(written.get('creates'), diagnostics);
  const check_cmd = ownChecks ? undefined : textList(written.get('check_cmd'), diagnostics);
  return {
    ...(onlyif && { onlyif }),
    ...(unless && { unless }),
    ...(creates && { creates }),
    ...(check_cmd && { check_cmd }),
  };
}

/** Salt: a boolean (or nothing) is no condition, the state runs. */
function conditionList(arg: Argument | undefined, diagnostics: Diagnostic[]): Condition[] | undefined {
  if (!arg) return undefined;
  const items: Value[] = Array.isArray(arg.value) ? arg.value : [arg.value];
  const found: Condition[] = [];
  for (const item of items) {
    if (typeof item === 'string') found.push(item);
    else if (isDict(item)) {
      if (typeof item.get('fun') === 'string') found.push(item);
      else wrong(arg, 'A mapping in it lacks "fun", the function to ask.', diagnostics);
    } else if (item !== null && typeof item !== 'boolean') {
      // Unlike Salt: a number or a list in `onlyif` or `unless` is an error; Salt takes no notice of it.
      wrong(arg, `It holds ${kindOf(item)}, expected a command or a mapping with "fun".`, diagnostics);
    }
  }
  return found.length > 0 ? found : undefined;
}

function textList(arg: Argument | undefined, diagnostics: Diagnostic[]): string[] | undefined {
  if (!arg || arg.value === null || typeof arg.value === 'boolean') return undefined;
  const items: Value[] = Array.isArray(arg.value) ? arg.value : [arg.value];
  const found: string[] = [];
  for (const item of items) {
    if (typeof item === 'string') found.push(item);
    else wrong(arg, `It holds ${kindOf(item)}, expected text.`, diagnostics);
  }
  // Unlike Salt: an empty list in `creates` is no condition; Salt skips the state.
  return found.length > 0 ? found : undefined;
}

function wrong(arg: Argument, what: string, diagnostics: Diagnostic[]): void {
  diagnostics.push({ code: 'bad-argument', message: `"${arg.key}": ${what}`, origin: valueOrigin(arg) });
}

/** Salt's defaults: two runs, half a minute between them, until the state holds. */
export function retryOf(chunk: Chunk, diagnostics: Diagnostic[]): Retry | undefined {
  const arg = chunk.written.get('retry');
  if (!arg || arg.value === null || arg.value === false) return undefined;
  const standard: Retry = { attempts: 2, until: true, interval: 30, splay: 0 };
  if (arg.value === true) return standard;
  if (!isDict(arg.value)) {
    wrong(
      arg,
      `It is ${kindOf(arg.value)}, expected a mapping of attempts, until, interval and splay.`,
      diagnostics,
    );
    return undefined;
  }
  const given = { ...standard };
  for (const [key, value] of arg.value) {
    const plain = value instanceof Float ? value.value : value;
    const expected = retrySettings.get(keyText(key));
    if (key === 'until' && typeof plain === 'boolean') given.until = plain;
    else if (
      (key === 'interval' || key === 'splay') &&
      typeof plain === 'number' &&
      plain >= 0 &&
      Number.isFinite(plain)
    )
      given[key] = plain;
    else if (key === 'attempts' && typeof plain === 'number' && Number.isInteger(plain) && plain > 0)
      given.attempts = plain;
    else if (expected === undefined)
      wrong(
        arg,
        `It has no setting "${keyText(key)}", only attempts, until, interval and splay.`,
        diagnostics,
      );
    else wrong(arg, `"${keyText(key)}" of it is ${kindOf(value)}, expected ${expected}.`, diagnostics);
  }
  return given;
}

const retrySettings: ReadonlyMap<string, string> = new Map([
  ['attempts', 'a whole number above 0'],
  ['until', 'true or false'],
  ['interval', 'seconds'],
  ['splay', 'seconds'],
]);

/** Unlike Salt: `failhard` and `test` of a state are true or false and nothing else; Salt takes any text as true. */
export function flagOf(
  chunk: Chunk,
  key: 'failhard' | 'test' | 'aggregate',
  diagnostics: Diagnostic[],
): boolean | undefined {
  const arg = chunk.written.get(key);
  if (!arg || arg.value === null) return undefined;
  if (typeof arg.value === 'boolean') return arg.value;
  wrong(arg, `It is ${kindOf(arg.value)}, expected true or false.`, diagnostics);
  return undefined;
}

/** Where condition commands run: Salt hands them the state's own cwd, env, user and shell. */
export function shellOf(chunk: Chunk): Runnable['shell'] {
  const text = (key: string): string | undefined => {
    const value = chunk.written.get(key)?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const cwd = text('cwd');
  const user = text('runas');
  const shell = text('shell');
  const env = environmentOf(chunk.written.get('env')?.value);
  return { ...(cwd && { cwd }), ...(user && { user }), ...(shell && { shell }), ...(env && { env }) };
}

/** A mapping or a list of mappings; false removes a variable. */
function environmentOf(value: Value | undefined): { [name: string]: string | null } | undefined {
  const dicts = Array.isArray(value) ? value.filter(isDict) : isDict(value) ? [value] : [];
  if (dicts.length === 0) return undefined;
  const variables = dicts.flatMap((dict) => [...dict]);
  return Object.fromEntries(
    variables.map(([key, member]) => [keyText(key), member === false ? null : String(toPlain(member) ?? '')]),
  );
}
