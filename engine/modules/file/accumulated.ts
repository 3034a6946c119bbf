/** file.accumulated: text gathered from several states for one file. */
import isEqual from 'lodash/isEqual.js';
import { defineState } from '../../core/state.ts';
import { fromPlain, type Value } from '../../core/value.ts';
import { accumulatorTopic, collected } from './_context.ts';
import { pathOf } from './_path.ts';

export default defineState({
  summary: 'this text is gathered for a file that a later state writes',
  description: `
Templates of a \`file.managed\` state for \`filename\` see the texts as \`accumulator['name']\`, a list; a
\`file.blockreplace\` state for it adds them to its content. Put \`require_in\` on the state that writes the file, so
that it runs after this one.

Salt: the same text under the same name is kept once. Nothing on the host changes.`,
  properties: {
    filename: {
      type: 'string',
      minLength: 1,
      description: 'Path of the file, as the state that writes it names it.',
    },
    text: {
      ordered: true,
      description: 'A text, or a list of texts.',
    },
  },
  required: ['filename', 'text'],
  examples: [
    {
      title: 'lines from two states in one template',
      sls: `first animal:
  file.accumulated:
    - name: animals
    - filename: /etc/animals
    - text: the quick brown fox
    - require_in:
      - file: /etc/animals

second animal:
  file.accumulated:
    - name: animals
    - filename: /etc/animals
    - text:
      - the lazy dog
      - a cat
    - require_in:
      - file: /etc/animals

/etc/animals:
  file.managed:
    - source: salt://animals.j2
    - template: jinja
`,
      files: { 'animals.j2': "{% for animal in accumulator['animals'] %}{{ animal }}\n{% endfor %}" },
    },
  ],
  read(args, reader) {
    const path = pathOf(args.filename, reader);
    const known = collected(reader.recall(accumulatorTopic(path))).get(args.name);
    return { path, known: Array.isArray(known) ? known : [] };
  },
  plan(args, now) {
    if (args.text === null)
      return { refused: 'text is empty.', hint: 'Give a text, or a list of texts.', certain: true };
    const given = fromPlain(args.text);
    const texts: Value[] = Array.isArray(given) ? given : [given];
    const added = texts.filter((text) => !now.known.some((one) => isEqual(one, text)));
    if (added.length === 0) return [];
    const value: Value = new Map([[args.name, added]]);
    return {
      steps: [{ effect: { kind: 'remember', topic: accumulatorTopic(now.path), values: [value] } }],
      comment: `Gathered ${added.length === 1 ? 'a text' : `${added.length} texts`} for ${now.path}.`,
    };
  },
});
