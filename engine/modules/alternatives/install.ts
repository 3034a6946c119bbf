/** The state alternatives.install: a path is one of the alternatives of a group. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Change, type Common, defineState, type Plan, type Refusal } from '../../core/state.ts';
import { type Group, installed, type Wanted } from './_group.ts';
import { commandStep, isName, type Now as Look, linksHold, look, nameProperty, refusePath } from './_look.ts';

const properties = {
  ...nameProperty,
  link: { type: 'string', minLength: 1, description: 'Where the alternative is used: `/usr/bin/editor`.' },
  path: { type: 'string', minLength: 1, description: 'The alternative: `/usr/bin/vim.basic`.' },
  priority: {
    type: 'integer',
    description: 'The alternative with the highest one is chosen where nobody chose.',
  },
  slaves: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        name: { type: 'string', description: 'Name of the slave.' },
        link: { type: 'string', description: 'Where it is used.' },
        path: { type: 'string', description: 'What it leads to while this alternative is chosen.' },
      },
      required: ['name', 'link', 'path'],
      additionalProperties: false,
    },
    description: 'Links that follow the choice, such as a manual page; each with `name`, `link` and `path`.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties, 'link' | 'path' | 'priority'> & Common;

interface Now extends Look {
  readonly isThere: boolean;
}

function read(args: Arguments, reader: Reader): Now {
  const isThere = args.path.startsWith('/') && reader.stat(reader.resolve(args.path)) !== undefined;
  return { ...look(args.name, reader, args.link, args.slaves), isThere };
}

function plan(args: Arguments, now: Now): Plan {
  const bad = refuseArguments(args);
  if (bad) return bad;
  const { name, path } = args;
  const wanted: Wanted = { ...args, slaves: args.slaves ?? [] };
  const after = installed(name, now.group, wanted);
  const changes = differences(now, after, wanted);
  if (changes.length === 0) {
    return { steps: [], comment: `Alternative ${path} for ${name} is already registered` };
  }
  if (now.closed) return now.closed;
  if (!now.isThere) {
    return {
      refused: `The alternative ${path} does not exist.`,
      hint: 'Require the state that brings it.',
    };
  }
  if (now.links.get(args.link) === 'no link') {
    return {
      refused: `${args.link} is no symbolic link, and update-alternatives would leave it alone.`,
      hint: 'Move it away first.',
    };
  }
  const words = [
    ...['--install', args.link, name, path, String(args.priority)],
    ...wanted.slaves.flatMap((slave) => ['--slave', slave.link, slave.name, slave.path]),
  ];
  return [commandStep(words, changes, now, after)];
}

function refuseArguments(args: Arguments): Refusal | undefined {
  const bad = refusePath('link', args.link) ?? refusePath('path', args.path);
  if (bad) return bad;
  for (const { name, link, path } of args.slaves ?? []) {
    if (!isName(name)) return { refused: `"${name}" cannot be the name of a slave.`, certain: true };
    const wrong = refusePath('link', link) ?? refusePath('path', path);
    if (wrong) return wrong;
  }
  return undefined;
}

function differences(now: Now, after: Group, { path, priority, link, slaves }: Wanted): Change[] {
  const { group } = now;
  const before = group?.alternatives.find((one) => one.path === path);
  const changes: Change[] = [];
  if (!group || !before) changes.push({ subject: 'alternative', new: path });
  else if (before.priority !== priority)
    changes.push({ subject: 'priority', old: before.priority, new: priority });
  if (group && group.link !== link) changes.push({ subject: 'link', old: group.link, new: link });
  const wanted = new Map(slaves.map((one) => [one.name, one]));
  for (const name of new Set([...wanted.keys(), ...(before?.slaves.keys() ?? [])])) {
    const old = before?.slaves.get(name);
    const one = wanted.get(name);
    if (old === one?.path && (!one || group?.slaves.get(name) === one.link)) continue;
    changes.push({
      subject: `slave ${name}`,
      ...(old !== undefined && { old }),
      ...(one && { new: one.path }),
    });
  }
  const isChosen = group !== undefined && group.current === after.current;
  if (!isChosen)
    changes.push({ subject: 'chosen', ...(group?.current && { old: group.current }), new: after.current });
  else if (changes.length === 0 && !linksHold(now))
    changes.push({ subject: 'links', old: 'damaged', new: 'repaired' });
  return changes;
}

export default defineState({
  summary: 'the path is one of the alternatives',
  description: `
Which alternative is chosen follows from the priorities, unless somebody chose (alternatives.set).

Proved with update-alternatives of Debian. That of RPM systems (chkconfig) keeps the same files and takes the same
options, which was not tried.

Unlike Salt: alternatives.install changes the priority and the slaves of an alternative that is there already.`,
  properties,
  required: ['link', 'path', 'priority'],
  examples: [
    {
      title: 'an editor',
      sls: `editor:
  alternatives.install:
    link: /usr/bin/editor
    path: /opt/edit/bin/edit
    priority: 80
    slaves:
      - name: editor.1.gz
        link: /usr/share/man/man1/editor.1.gz
        path: /opt/edit/man/edit.1.gz
`,
    },
  ],
  owns: ({ name, path }) => [
    {
      kind: 'alternative',
      name: `${name} ${path}`,
      absent: { state: 'alternatives.remove', args: { name, path } },
    },
  ],
  read,
  plan,
});
