/** The state debconf.set: questions of a Debian package are answered. */
import { defineState, type Refusal } from '../../core/state.ts';
import { isDict, keyText, type Value } from '../../core/value.ts';
import { certainly, planAnswers, readAnswers, type Wanted } from './_answers.ts';

function wantedOf(owner: string, data: ReadonlyMap<unknown, unknown>): Wanted[] | Refusal {
  const all: Wanted[] = [];
  for (const [key, said] of data) {
    const question = keyText(key);
    const told = isDict(said) ? said : new Map<Value, Value>();
    const given = told.get('value') ?? null;
    if (Array.isArray(given) || isDict(given))
      return certainly(`The value of the question "${question}" is not text.`);
    const type = keyText(told.get('type') ?? null);
    const text = typeof given === 'boolean' ? String(given) : given === null ? '' : keyText(given);
    all.push({ owner, question, type, value: type === 'boolean' ? text.toLowerCase() : text });
  }
  return all;
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
  read: (_args, reader) => readAnswers(reader),
  plan({ name, data }, now) {
    const wanted = wantedOf(name, data);
    return 'refused' in wanted ? wanted : planAnswers(name, wanted, now);
  },
});
