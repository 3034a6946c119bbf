/** file.blockreplace: the lines between two markers of a file. */
import { defineState } from '../../core/state.ts';
import { keyText } from '../../core/value.ts';
import { accumulatorTopic, collected } from './_context.ts';
import {
  CannotEdit,
  editSteps,
  findFile,
  missingFile,
  patternOf,
  showChangesProperty,
  suffixProperty,
  textOfValue,
  textSchema,
} from './_edit.ts';
import { textSourceProperties, textsOf } from './_texts.ts';

interface Block {
  readonly start: string;
  readonly end: string;
  readonly content: string;
  readonly newline: boolean;
  readonly otherwise: 'append' | 'prepend' | 'before' | 'after' | undefined;
  readonly match: string;
}

export default defineState({
  summary: 'the lines between two markers in this file have this content',
  description: `
A line that holds \`marker_start\` begins the block, the next line that holds \`marker_end\` closes it. Everything up
to the text of \`marker_end\` is replaced, so write that marker from where its line begins.

Texts that \`file.accumulated\` states left for this file are added to \`content\`, each on a line of its own; rendered
\`source\` files follow.

Salt: where \`content\` does not end in a newline one is added before the end marker, unless \`append_newline: false\`.

Salt: a start marker without an end marker after it is a failure, so that the rest of the file is never lost.`,
  properties: {
    marker_start: {
      type: 'string',
      minLength: 1,
      default: '#-- start managed zone --',
      description: 'Text of the line before the block.',
    },
    marker_end: {
      type: 'string',
      minLength: 1,
      default: '#-- end managed zone --',
      description: 'Text of the line after the block.',
    },
    content: textSchema('The lines between the markers.'),
    ...textSourceProperties,
    append_if_not_found: {
      type: 'boolean',
      default: false,
      description: 'Add the block with its markers at the end of a file that has no such markers.',
    },
    prepend_if_not_found: {
      type: 'boolean',
      default: false,
      description: 'Add the block with its markers at the start of a file that has no such markers.',
    },
    insert_before_match: {
      type: ['string', 'null'],
      description:
        'Where the markers are missing, add the block before the first line that matches this pattern.',
    },
    insert_after_match: {
      type: ['string', 'null'],
      description:
        'Where the markers are missing, add the block after the first line that matches this pattern.',
    },
    backup: suffixProperty,
    show_changes: showChangesProperty,
    append_newline: {
      type: ['boolean', 'null'],
      description:
        'Whether a newline is put after the content. Unless given, only where the content does not end in one.',
    },
  },
  examples: [
    {
      title: 'a block of hosts, added when it is missing',
      sls: `motd:
  file.managed:
    - name: /etc/motd
    - contents: welcome
    - replace: false

notice:
  file.blockreplace:
    - name: /etc/motd
    - marker_start: '# BEGIN notice'
    - marker_end: '# END notice'
    - content: |
        Maintenance on Sunday.
        Call 112 in an emergency.
    - append_if_not_found: true
    - require:
      - file: motd
`,
    },
    {
      title: 'a block filled by other states',
      sls: `hosts:
  file.managed:
    - name: /etc/hosts.local
    - contents: '# our hosts'
    - replace: false

www:
  file.accumulated:
    - name: names
    - filename: /etc/hosts.local
    - text: 192.0.2.1 www
    - require_in:
      - file: names of the net

names of the net:
  file.blockreplace:
    - name: /etc/hosts.local
    - append_if_not_found: true
    - backup: false
`,
    },
  ],
  async read(args, reader, place) {
    const there = findFile(args.name, reader);
    return {
      there,
      accumulated: [...collected(reader.recall(accumulatorTopic(there.path))).values()].flat().map(keyText),
      texts: await textsOf(args, there.path, reader, place),
    };
  },
  plan(args, now) {
    const { there } = now;
    const places = [
      args.append_if_not_found && 'append',
      args.prepend_if_not_found && 'prepend',
      args.insert_before_match && 'before',
      args.insert_after_match && 'after',
    ].filter((one) => typeof one === 'string');
    if (places.length > 1) {
      return {
        refused:
          'Only one of append_if_not_found, prepend_if_not_found, insert_before_match and insert_after_match can be given.',
        certain: true,
      };
    }
    if (now.texts !== undefined && 'refused' in now.texts) return now.texts;
    let content = textOfValue(args.content) ?? '';
    for (const line of now.accumulated) content += content === '' ? line : `\n${line}`;
    content += now.texts?.join('') ?? '';
    const block: Block = {
      start: args.marker_start,
      end: args.marker_end,
      content,
      newline: args.append_newline ?? !content.endsWith('\n'),
      otherwise: places[0] as Block['otherwise'],
      match: args.insert_before_match || args.insert_after_match || '',
    };
    return editSteps({
      there,
      change: (text, own) => blockReplaced(text, own, block),
      missing: missingFile(there),
      raw: true,
      suffix: args.backup,
      showChanges: args.show_changes,
    });
  },
});

/** Salt: every block is replaced; the end of the file's first line says how the new lines end. */
function blockReplaced(text: string, own: (text: string) => string, block: Block): string {
  const lines = text === '' ? [] : text.split(/(?<=\n)/);
  const eol = lines[0]?.endsWith('\r\n') ? '\r\n' : '\n';
  const start = own(block.start);
  const end = own(block.end);
  const inside =
    own(block.content)
      .split(/\r\n|\n/)
      .join(eol) + (block.newline ? eol : '');

  const result: string[] = [];
  let open = false;
  let found = false;
  for (const line of lines) {
    if (line.includes(start)) {
      open = true;
      result.push(line);
    } else if (open) {
      const at = line.indexOf(end);
      if (at < 0) continue;
      open = false;
      found = true;
      result.push(inside + line.slice(at).replace(/[\r\n]+$/, '') + eol);
    } else result.push(line);
  }
  if (open) {
    throw new CannotEdit(
      `The block has no end: no line after "${block.start}" holds "${block.end}".`,
      'Put the end marker back into the file.',
    );
  }
  if (found) return result.join('');

  const added = start + eol + inside + end.replace(/[\r\n]+$/, '') + eol;
  switch (block.otherwise) {
    case 'prepend':
      return added + text;
    case 'append':
      return text + (text === '' || text.endsWith(eol) ? '' : eol) + added;
    case 'before':
    case 'after': {
      const pattern = patternOf(own(block.match), {});
      const at = lines.findIndex((line) => pattern.test(line));
      if (at >= 0) {
        const before = lines.slice(0, block.otherwise === 'before' ? at : at + 1).join('');
        const gap = before === '' || before.endsWith('\n') ? '' : eol;
        return before + gap + added + text.slice(before.length);
      }
    }
  }
  throw new CannotEdit(
    `Neither "${block.start}" nor "${block.end}" mark a block in the file${block.match && `, and no line matches "${block.match}"`}.`,
    'Set append_if_not_found: true, or put the markers into the file.',
  );
}
