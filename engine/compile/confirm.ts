/** Reads the `confirm` sections of SLS files: the probes that decide whether what a run changed may stay. */
import type { Confirmation, Probe } from '../core/confirm.ts';
import { type Diagnostic, didYouMean } from '../core/diagnostic.ts';
import { originIn } from '../core/high.ts';
import type { Target } from '../core/host.ts';
import { escapeRegex } from '../core/regex.ts';
import type { Path, Sls } from '../core/sls.ts';
import { type Dict, isDict, keyText, type Plain, toPlain, type Value } from '../core/value.ts';
import { kindOf } from './kind-of.ts';

/** One section, or what all of them come to. */
export interface Section {
  readonly probes: readonly Probe[];
  readonly timeout?: number;
  readonly interval?: number;
}

/** What a member may be: the sentence that says so, and whether a value is it. */
interface Kind {
  readonly expected: string;
  readonly accepts: (value: Plain) => boolean;
}

const text: Kind = { expected: 'some text', accepts: (value) => typeof value === 'string' && value !== '' };
const seconds: Kind = {
  expected: 'a number of seconds from 0.1 to 86400',
  accepts: (value) => typeof value === 'number' && value >= 0.1 && value <= 86_400,
};
const port: Kind = { expected: 'a port from 1 to 65535', accepts: (value) => isWhole(value, 1, 65_535) };
const flag: Kind = { expected: 'true or false', accepts: (value) => typeof value === 'boolean' };
const url: Kind = {
  expected: 'an address that begins with http:// or https://',
  accepts: (value) => typeof value === 'string' && /^https?:$/.test(URL.parse(value)?.protocol ?? ''),
};
const statuses: Kind = {
  expected: 'an HTTP status, or a list of them',
  accepts: (value) => [value].flat().length > 0 && [value].flat().every((one) => isWhole(one, 100, 599)),
};

interface Form {
  readonly members: { readonly [name: string]: Kind };
  /** What it cannot do without; the first is meant where just a text is given. */
  readonly required: readonly string[];
  readonly target: (given: { readonly [name: string]: Plain }) => Target;
}

const forms: { readonly [kind: string]: Form } = {
  tcp: {
    members: { host: text, port },
    required: ['host', 'port'],
    target: ({ host, port }) => ({ kind: 'tcp', host: host as string, port: port as number }),
  },
  http: {
    members: { url, status: statuses, match: text, verify: flag },
    required: ['url'],
    target: ({ url, status, match, verify = true }) => ({
      kind: 'http',
      url: url as string,
      verify: verify as boolean,
      ...(status === undefined ? {} : { status: [status].flat() as number[] }),
      ...(match === undefined ? {} : { match: escapeRegex(match as string) }),
    }),
  },
  command: {
    members: { run: text, user: text, cwd: text },
    required: ['run'],
    target: ({ run, user, cwd }) => ({
      kind: 'command',
      command: {
        argv: [run as string],
        shell: '/bin/sh',
        ...(user === undefined ? {} : { user: user as string }),
        ...(cwd === undefined ? {} : { cwd: cwd as string }),
      },
    }),
  },
};

const each = 'Write each probe as an item of its own: "tcp: {…}", "http: {…}" or "command: …".';

/** Seconds that a look may take whose probe says nothing of it. */
const patience = 5;

/**
 * Unlike Salt: a list below `confirm` at the top of an SLS file is no ID but the probes that decide whether what a run
 * with `--confirm` has changed may stay. A mapping there is an ordinary ID.
 */
export function isSection(key: Value, body: Value): body is Value[] {
  return key === 'confirm' && Array.isArray(body);
}

export function readConfirm(sls: Sls, body: readonly Value[], diagnostics: Diagnostic[]): Section {
  const probes: Probe[] = [];
  const whole: { timeout?: number; interval?: number } = {};
  for (const [position, item] of body.entries()) {
    const path = ['confirm', position];
    if (!isDict(item)) {
      wrong(path, 'value', `An item of "confirm" in SLS "${sls.name}" is ${kindOf(item)}, expected a probe.`);
      continue;
    }
    const kinds = [...item.keys()].map(keyText).filter((key) => Object.hasOwn(forms, key));
    if (kinds.length === 1) {
      const probe = readProbe(item, kinds[0]!, path);
      if (probe) probes.push(probe);
    } else if (kinds.length > 1) {
      wrong([...path, kinds[1]!], 'key', `One item of "confirm" holds two probes: ${kinds.join(' and ')}.`);
    } else {
      const members = { timeout: seconds, interval: seconds };
      Object.assign(whole, membersOf(item, members, path, '"confirm"', Object.keys(forms)));
    }
  }
  return { probes, ...whole };

  function wrong(path: Path, on: 'key' | 'value', message: string, hint = each): void {
    diagnostics.push({
      code: 'bad-confirm',
      message,
      origin: originIn(sls, path, on),
      hint,
    });
  }

  /** `timeout` may stand within the probe or beside it. */
  function readProbe(item: Dict, kind: string, path: Path): Probe | undefined {
    const form = forms[kind]!;
    const before = diagnostics.length;
    const body = item.get(kind) as Value;
    const beside = new Map([...item].filter(([key]) => key !== kind));
    const given = membersOf(beside, { timeout: seconds }, path, `A probe by ${kind}`);
    const [first] = form.required;
    const members = { ...form.members, timeout: seconds };
    const what = `"${kind}"`;
    if (isDict(body)) Object.assign(given, membersOf(body, members, [...path, kind], what));
    else if (form.required.length === 1)
      Object.assign(given, membersOf(new Map([[first!, body]]), members, [...path, kind], what, [], true));
    else wrong([...path, kind], 'value', `"${kind}" is ${kindOf(body)}, expected a mapping.`);
    if (diagnostics.length > before) return undefined;
    const missing = form.required.filter((name) => !(name in given));
    if (missing.length > 0) {
      const hint = `A probe by ${kind} has: ${Object.keys(members).join(', ')}.`;
      wrong([...path, kind], 'key', `A probe by ${kind} lacks "${missing.join('", "')}".`, hint);
      return undefined;
    }
    return { target: form.target(given), timeout: (given['timeout'] as number | undefined) ?? patience };
  }

  /** `bare`: the value stands where the mapping would. */
  function membersOf(
    dict: Dict,
    members: Form['members'],
    path: Path,
    what: string,
    others: readonly string[] = [],
    bare = false,
  ): { [name: string]: Plain } {
    const found: { [name: string]: Plain } = {};
    for (const [key, value] of dict) {
      const name = keyText(key);
      const kind = Object.hasOwn(members, name) ? members[name] : undefined;
      const known = [...Object.keys(members), ...others];
      if (!kind) {
        const near = didYouMean(name, known);
        const hint = near ? `Did you mean "${near}"?` : `It has: ${known.join(', ')}.`;
        wrong([...path, name], 'key', `${what} in SLS "${sls.name}" has no "${name}".`, hint);
        continue;
      }
      const at = bare ? path : [...path, name];
      const plain = digits(toPlain(value), kind);
      if (kind.accepts(plain)) found[name] = plain;
      else
        wrong(
          at,
          'value',
          `"${name}" of ${what} is ${kindOf(value)}, expected ${kind.expected}.`,
          'Correct it.',
        );
    }
    return found;
  }
}

/** Templates make texts of numbers. */
function digits(value: Plain, kind: Kind): Plain {
  const isNumber = typeof value === 'string' && /^\d{1,5}$/.test(value);
  return isNumber && kind !== text ? Number(value) : value;
}

function isWhole(value: Plain | undefined, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** All sections together: every probe once, asked for as long as one of them wants and as often. */
export function joined(sections: readonly Section[]): Confirmation | undefined {
  const probes = new Map<string, Probe>();
  for (const section of sections) {
    for (const probe of section.probes) {
      const key = JSON.stringify(probe.target);
      const known = probes.get(key);
      if (!known || known.timeout < probe.timeout) probes.set(key, probe);
    }
  }
  if (probes.size === 0) return undefined;
  const timeouts = sections.flatMap(({ timeout }) => timeout ?? []);
  const intervals = sections.flatMap(({ interval }) => interval ?? []);
  return {
    probes: [...probes.values()],
    ...(timeouts.length > 0 ? { timeout: Math.max(...timeouts) } : {}),
    interval: intervals.length > 0 ? Math.min(...intervals) : 1,
  };
}
