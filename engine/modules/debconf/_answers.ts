/** What the states of debconf share: answers that are wanted, those there are, and the command that gives them. */
import type { Effect, Reader, Settled } from '../../core/host.ts';
import type { Change, Plan, Refusal } from '../../core/state.ts';
import { type Answer, answerIn, parseDatabase, withAnswer } from './_database.ts';

const config = '/var/cache/debconf/config.dat';
/** Readable by root only. */
const passwords = '/var/cache/debconf/passwords.dat';

export interface Now {
  readonly files: ReadonlyMap<string, string>;
  readonly closed: Refusal | undefined;
}

export function readAnswers(reader: Reader): Now {
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

export interface Wanted {
  /** The package. */
  readonly owner: string;
  readonly question: string;
  readonly type: string;
  readonly value: string;
}

const types = ['boolean', 'select', 'multiselect', 'string', 'text', 'note', 'password', 'title'];

export function certainly(refused: string, hint?: string): Refusal {
  return { refused, ...(hint !== undefined && { hint }), certain: true };
}

/** Why an answer cannot be given: it would be something else in the line that debconf reads. */
function refuseAnswer({ owner, question, type, value }: Wanted): Refusal | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9+._-]*$/.test(owner))
    return certainly(`"${owner}" cannot be the name of a package.`);
  if (!types.includes(type)) {
    return certainly(
      `The type of the question "${question}" is none that debconf has.`,
      `Write it as {type: boolean, value: true}; types are ${types.join(', ')}.`,
    );
  }
  if (!/^[^\s#]+$/.test(question)) return certainly(`"${question}" cannot be the name of a question.`);
  if (/[\n\r\0]|\\$/.test(value) || value !== value.trim())
    return certainly(`The value of the question "${question}" has to be one line without blanks around it.`);
  return undefined;
}

export function planAnswers(name: string, wanted: readonly Wanted[], now: Now): Plan {
  for (const one of wanted) {
    const refused = refuseAnswer(one);
    if (refused) return refused;
  }
  const unmet = wanted.filter((one) => !isMet(one, now));
  if (unmet.length === 0) return { steps: [], comment: `All questions of ${name} are answered so` };
  if (now.closed) return now.closed;
  const [change, ...also] = unmet.map((one) => changeOf(one, now));
  return [{ change, ...(also.length > 0 && { also }), effect: effectOf(unmet, now) }];
}

function fileFor({ type }: Wanted): string {
  return type === 'password' ? passwords : config;
}

function present(wanted: Wanted, now: Now): Answer | undefined {
  return answerIn(parseDatabase(now.files.get(fileFor(wanted))!), wanted.question);
}

function isMet(wanted: Wanted, now: Now): boolean {
  const answer = present(wanted, now);
  return (
    answer !== undefined &&
    answer.value === wanted.value &&
    answer.seen &&
    answer.owners.includes(wanted.owner)
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
function effectOf(unmet: readonly Wanted[], now: Now): Effect {
  const lines = unmet.map(({ owner, question, type, value }) => `${owner} ${question} ${type} ${value}\n`);
  const settles = [config, passwords].flatMap((path): Settled[] => {
    const own = unmet.filter((one) => fileFor(one) === path);
    if (own.length === 0) return [];
    const text = own.reduce(
      (before, { owner, question, value }) => withAnswer(before, question, value, owner),
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
