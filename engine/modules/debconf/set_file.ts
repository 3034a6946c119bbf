/** The state debconf.set_file: questions are answered as a file of selections says. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Place, type Plan, type Refusal } from '../../core/state.ts';
import type { Value } from '../../core/value.ts';
import { type Now as Answers, certainly, planAnswers, readAnswers, type Wanted } from './_answers.ts';

const properties = {
  source: {
    type: 'string',
    minLength: 1,
    description: 'File with a line `package question type value` for each question: `salt://` or a path.',
  },
  template: { type: 'string', enum: ['jinja'], description: 'Render the file first.' },
  context: { type: 'object', ordered: true, description: 'Variables for the template.' },
  defaults: {
    type: 'object',
    ordered: true,
    description: 'Variables for the template where `context` has none of that name.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties, 'source'> & Common;

interface Now extends Answers {
  readonly wanted: readonly Wanted[] | Refusal;
}

async function read(args: Arguments, reader: Reader, place: Place): Promise<Now> {
  const answers = readAnswers(reader);
  const source = reader.source(args.source);
  if ('missing' in source) return { ...answers, wanted: { refused: source.missing } };
  if (!args.template) return { ...answers, wanted: parsed(source.content.toString('utf8')) };
  const context = new Map([...(args.defaults ?? []), ...(args.context ?? [])]) as Map<Value, Value>;
  const rendered = await reader.render({ engine: args.template, source, context, ...place });
  return { ...answers, wanted: parsed(rendered.text) };
}

/** As debconf-set-selections(1) reads it. */
function parsed(text: string): Wanted[] | Refusal {
  const wanted: Wanted[] = [];
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, owner, question, type, value] = /^(\S+)\s+(\S+)\s+(\S+)(?:\s+(.*))?$/.exec(line.trim()) ?? [];
    if (type === undefined)
      return certainly(`"${line.trim()}" does not answer a question.`, 'Write: package question type value');
    wanted.push({ owner: owner!, question: question!, type, value: value ?? '' });
  }
  return wanted;
}

function plan({ name }: Arguments, now: Now): Plan {
  return 'refused' in now.wanted ? now.wanted : planAnswers(name, now.wanted, now);
}

export default defineState({
  summary: 'questions of packages are answered as this file says',
  description: 'As debconf.set, for selections as debconf-get-selections prints them.',
  properties,
  required: ['source'],
  examples: [
    {
      title: 'answers that were taken from another machine',
      sls: 'mail server:\n  debconf.set_file:\n    source: salt://postfix.selections\n',
      files: {
        'postfix.selections': 'postfix\tpostfix/main_mailer_type\tselect\tSatellite system\n',
      },
    },
  ],
  read,
  plan,
});
