/** What the states of alternatives look at, and the command and its foreseen result that they share. */
import { isUtf8 } from 'node:buffer';
import type { FileEffect, Reader, Settled } from '../../core/host.ts';
import { join } from '../../core/path.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { type Group, groupText, parseGroup } from './_group.ts';

export const nameProperty = {
  name: {
    type: 'string',
    minLength: 1,
    description: 'Name of the group of alternatives: `editor`.',
  },
} as const;

export interface Now {
  readonly group: Group | undefined;
  /** Folder of the administrative files. */
  readonly folder: string;
  /** What lies where the alternative is used, by path: where a link leads, or that it is none. */
  readonly links: ReadonlyMap<string, string | undefined>;
  /** Paths of slaves that exist; others get no link. */
  readonly there: ReadonlySet<string>;
  readonly closed: Refusal | undefined;
}

/** dpkg's folder, or that of RPM systems. */
const folders = ['/var/lib/dpkg/alternatives', '/var/lib/alternatives'];

const programs = ['/usr/bin/update-alternatives', '/usr/sbin/update-alternatives'];

/** `also`: slaves that the group is to have. */
export function look(
  name: string,
  reader: Reader,
  link?: string,
  also: readonly { readonly link: string; readonly path: string }[] = [],
): Now {
  const own = reader.grain('os_family') === 'Debian' ? folders : [...folders].reverse();
  const folder = own.find((path) => reader.stat(path)?.kind === 'directory') ?? own[0]!;
  const content = isName(name) ? reader.content(join(folder, name)) : undefined;
  const text = content && isUtf8(content) ? content.toString('utf8') : '';
  const group = parseGroup(name, text, reader.link(`/etc/alternatives/${name}`));
  const paths = [
    ...[link ?? [], ...also.map((one) => one.link)].flat().filter(isPath),
    ...(group ? [group.link, ...group.slaves.values()] : []),
    ...[...(group?.slaves.keys() ?? [])].map((slave) => `/etc/alternatives/${slave}`),
  ];
  const links = new Map(
    paths.map((path) => [path, reader.link(path) ?? (reader.stat(path) ? 'no link' : undefined)]),
  );
  const slaves = [
    ...also.map(({ path }) => path),
    ...(group?.alternatives ?? []).flatMap((one) => [...one.slaves.values()]),
  ].filter((path) => isPath(path) && reader.stat(reader.resolve(path)) !== undefined);
  return { group, folder, links, there: new Set(slaves), closed: closedBecause(name, reader) };
}

function closedBecause(name: string, reader: Reader): Refusal | undefined {
  if (!isName(name)) return { refused: `"${name}" cannot be the name of alternatives.`, certain: true };
  if (reader.rooted)
    return {
      refused: 'Alternatives cannot be changed below another root than /.',
      hint: 'Run it inside of that system.',
    };
  if (programs.every((path) => reader.stat(path) === undefined))
    return {
      refused: 'There is no update-alternatives here.',
      hint: 'Install dpkg, or on RPM systems alternatives (chkconfig).',
    };
  return undefined;
}

export function isName(name: string): boolean {
  return /^[^\s/\0-][^\s/\0]*$/.test(name) && name !== '.' && name !== '..';
}

/** As a line of its own in the administrative file, and a word of the command. */
export function isPath(path: string): boolean {
  return /^\/[^\n\r\0]+$/.test(path);
}

export function refusePath(what: string, path: string): Refusal | undefined {
  return isPath(path)
    ? undefined
    : {
        refused: `The ${what} "${path}" is no absolute path.`,
        hint: 'Write it from the root: /usr/bin/…',
        certain: true,
      };
}

/** Whether the links of the chosen alternative are what they should be. */
export function linksHold({ group, links, there }: Now): boolean {
  if (!group) return false;
  const wanted = linksOf(group, there);
  wanted.delete(`/etc/alternatives/${group.name}`);
  // What is no link is left alone by update-alternatives, so it cannot be put right.
  return [...wanted].every(([path, target]) => [target, 'no link'].includes(links.get(path) ?? ''));
}

/** One run of update-alternatives, and everything it leaves. */
export function commandStep(
  words: readonly string[],
  changes: readonly Change[],
  now: Now,
  after: Group | undefined,
): Step {
  const [change, ...also] = changes;
  return {
    ...(change && { change }),
    ...(also.length > 0 && { also }),
    effect: {
      kind: 'exec',
      command: { argv: ['update-alternatives', ...words], env: { LC_ALL: 'C.UTF-8' } },
      settles: aftermath(now, after),
      foreseen: true,
    },
  };
}

function aftermath({ group: before, folder, links, there }: Now, after: Group | undefined): Settled[] {
  const name = (after ?? before)!.name;
  const wanted = after ? linksOf(after, there) : new Map<string, string>();
  const gone = [...(before ? linksOf(before, there).keys() : [])].filter((path) => !wanted.has(path));
  const effects: FileEffect[] = [
    after
      ? { kind: 'write', path: join(folder, name), content: Buffer.from(groupText(after)), mode: 0o644 }
      : { kind: 'remove', path: join(folder, name) },
    ...gone.map((path) => ({ kind: 'remove' as const, path })),
    // A file in the place of a link is left alone.
    ...[...wanted]
      .filter(([path]) => links.get(path) !== 'no link')
      .map(([path, target]) => ({ kind: 'link' as const, path, target })),
  ];
  return effects.map((effect) => ({ about: 'file', effect }));
}

/** Path → target of every link of a group, by what is chosen. */
function linksOf(group: Group, there: ReadonlySet<string>): Map<string, string> {
  const chosen = group.alternatives.find(({ path }) => path === group.current);
  if (!chosen) return new Map();
  const links = new Map([
    [`/etc/alternatives/${group.name}`, chosen.path],
    [group.link, `/etc/alternatives/${group.name}`],
  ]);
  for (const [slave, link] of group.slaves) {
    const path = chosen.slaves.get(slave);
    if (path === undefined || !there.has(path)) continue;
    links.set(`/etc/alternatives/${slave}`, path);
    links.set(link, `/etc/alternatives/${slave}`);
  }
  return links;
}

export function missingGroup(name: string): Refusal {
  return {
    refused: `There are no alternatives "${name}".`,
    hint: 'Check the name, or require the state or package that brings them.',
  };
}
