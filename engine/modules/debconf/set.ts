/** The state debconf.set: questions of a Debian package are answered. */
import type { Effect, Reader, Settled } from '../../core/host.ts';
import { type Change, defineState, type Plan, type Refusal } from '../../core/state.ts';
import { isDict, keyText, type Value } from '../../core/value.ts';
import { type Answer, answerIn, parseDatabase, withAnswer } from './_database.ts';

const config = '/var/cache/debconf/config.dat';
/** Readable by root only. */
const passwords = '/var/cache/debconf/passwords.dat';

interface Now {
  readonly files: ReadonlyMap<string, string>;
  readonly closed: Refusal | undefined;
}

function read(_args: object, reader: Reader): Now {
  const text = (path: string) => reader.content(path)?.toString('utf8') ?? '';
  return {
    files: new Map([config, passwords].map((path) => [path, text(path)])),
    closed: closedBecause(reader),
  };
}

function closedBecause(reader: Reader): Refusal | undefined {
  if (reader.rooted) return { refused: 'debconf cannot be told anything below another root than /.' };
  if (reader.stat('/usr/bin/debconf-set-selections') !== undefined) return undefined;
  return {
    refused: 'There is no debconf here.',
    hint: 'Only Debian and its kin have it, in the package debconf.',
  };
}

interface Wanted {
  readonly question: string;
  readonly type: string;
  readonly value: string;
}

const types = ['boolean', 'select', 'multiselect', 'string', 'text', 'note', 'password', 'title'];

function wantedOf(data: ReadonlyMap<unknown, unknown>): Wanted[] | Refusal {
  const all: Wanted[] = [];
  for (const [key, said] of data) {
    const question = keyText(key as Value);
    const type = isDict(said as Value) ? (said as Map<Value, Value>).get('type') : undefined;
    const given = isDict(said as Value) ? (said as Map<Value, Value>).get('value') : undefined;
    if (typeof type !== 'string' || !types.includes(type)) {
      return certainly(
        `The type of the question "${question}" is none that debconf has.`,
        `Write it as {type: boolean, value: true}; types are ${types.join(', ')}.`,
      );
    }
    if (Array.isArray(given) || isDict(given))
      return certainly(`The value of the question "${question}" is not text.`);
    const value = typeof given === 'boolean' ? String(given) : given == null ? '' : keyText(given);
    if (!/^[^\s#]+$/.test(question)) return certainly(`"${question}" cannot be the name of a question.`);
    if (/[\n\r\0]|\\$/.test(value) || value !== value.trim())
      return certainly(
        `The value of the question "${question}" has to be one line without blanks around it.`,
      );
    all.push({ question, type, value: type === 'boolean' ? value.toLowerCase() : value });
  }
  return all;
}

function certainly(refused: string, hint?: string): Refusal {
  return { refused, ...(hint !== undefined && { hint }), certain: true };
}

function plan(
  { name, data }: { readonly name: string; readonly data: Map<unknown, unknown> },
  now: Now,
): Plan {
  if (!/^[A-Za-z0-9][A-Za-z0-9+._-]*$/.test(name))
    return certainly(`"${name}" cannot be the name of a package.`);
  const wanted = wantedOf(data);
  if ('refused' in wanted) return wanted;
  const unmet = wanted.filter((one) => !isMet(name, one, now));
  if (unmet.length === 0) return { steps: [], comment: `All questions of ${name} are answered so` };
  if (now.closed) return now.closed;
  const [change, ...also] = unmet.map((one) => changeOf(one, now));
  return [{ change, ...(also.length > 0 && { also }), effect: effectOf(name, unmet, now) }];
}

function fileFor({ type }: Wanted): string {
  return type === 'password' ? passwords : config;
}

function present(wanted: Wanted, now: Now): Answer | undefined {
  return answerIn(parseDatabase(now.files.get(fileFor(wanted))!), wanted.question);
}

function isMet(owner: string, wanted: Wanted, now: Now): boolean {
  const answer = present(wanted, now);
  return (
    answer !== undefined && answer.value === wanted.value && answer.seen && answer.owners.includes(owner)
  );
}

function changeOf(wanted: Wanted, now: Now): Change {
  const { question, type, value } = wanted;
  const old = present(wanted, now)?.value;
  const hidden = type === 'password';
  if (old === value) return { subject: question, old: 'not settled', new: hidden ? '(hidden)' : value };
  return {
    subject: question,
    ...(old !== undefined && { old: hidden ? '(hidden)' : old }),
    new: hidden ? '(hidden)' : value,
  };
}

/** By stdin: nobody may read a password in the list of processes. */
function effectOf(owner: string, unmet: readonly Wanted[], now: Now): Effect {
  const lines = unmet.map(({ question, type, value }) => `${owner} ${question} ${type} ${value}\n`);
  const settles = [config, passwords].flatMap((path): Settled[] => {
    const own = unmet.filter((one) => fileFor(one) === path);
    if (own.length === 0) return [];
    const text = own.reduce(
      (before, { question, value }) => withAnswer(before, question, value, owner),
      now.files.get(path)!,
    );
    return [{ about: 'file', effect: { kind: 'write', path, content: Buffer.from(text) } }];
  });
  return {
    kind: 'exec',
    command: {
      argv: ['debconf-set-selections'],
      stdin: lines.join(''),
      env: { LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
    },
    settles,
    foreseen: true,
  };
}

export default defineState({
  summary: 'questions of the package are answered',
  description: `
The package reads the answers when it is installed or configured anew; one that is installed already does not notice.
Values of the type \`password\` are never shown, and kept where only root can read them.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The package whose questions they are.' },
    data: {
      type: 'object',
      ordered: true,
      description: 'Question → `type` (boolean, select, multiselect, string, text, password…) and `value`.',
    },
  },
  required: ['data'],
  examples: [
    {
      title: 'a mail server that is only to send',
      sls: `postfix:
  debconf.set:
    data:
      postfix/main_mailer_type: {type: select, value: Satellite system}
      postfix/mailname: {type: string, value: node.example.org}
`,
    },
  ],
  read,
  plan,
});
