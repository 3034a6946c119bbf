/** The repositories of dnf and yum on a node, and the steps that make one of them be as described, or be gone. */
import type { Reader } from '../../core/host.ts';
import { join } from '../../core/path.ts';
import type { Change, Plan, Refusal, Step } from '../../core/state.ts';
import { withComments } from './_comments.ts';
import { withoutPassword } from './_entry.ts';
import { folderSteps, type Key, keySteps, missingAbove } from './_key.ts';
import { listOptions, type OptionArguments, optionNames, secretOptions } from './_options.ts';
import { fetchedTopic, fetchSteps, forgetStep, staleStep } from './_refresh.ts';
import { sameValue, sectionsOf, settingOf, withoutSection, withSettings } from './_repo-file.ts';
import { newFile, type TextFile, textFile } from './_text.ts';
import { certainly } from './_wanted.ts';

export const folder = '/etc/yum.repos.d';

export interface DnfArguments extends OptionArguments {
  readonly name: string;
  readonly humanname?: string;
  readonly options?: { readonly [name: string]: unknown };
  readonly file?: string;
  readonly copr?: string;
}

export interface DnfNow {
  /** The file that has the section, or is to have it. */
  readonly file: TextFile;
  /** Other files that have a section of that name; dnf would complain. */
  readonly others: readonly TextFile[];
  readonly missingFolders: readonly string[];
  readonly metadata: boolean;
  /** Folders of what dnf fetched of it. */
  readonly fetched: readonly string[];
  readonly canFetch: boolean;
}

export function refuseId({ name, file, copr }: DnfArguments): Refusal | undefined {
  if (copr !== undefined || name.startsWith('copr:')) {
    return certainly(
      'A COPR cannot be given by its short name.',
      'Set baseurl to https://download.copr.fedorainfracloud.org/results/OWNER/NAME/…/ and key_url to its pubkey.gpg.',
    );
  }
  if (!/^[A-Za-z0-9_.:-]+$/.test(name) || name === 'main') {
    return certainly(
      `"${name}" cannot be the id of a repository.`,
      'Use letters, digits and . _ : - only, and humanname for what people read.',
    );
  }
  return file === undefined || /^\/([^\0\n]*\/)?[^/\0\n]+\.repo$/.test(file)
    ? undefined
    : certainly(`dnf would not read the file "${file}".`, `Name a file like ${folder}/example.repo.`);
}

export function repoFiles(id: string, reader: Reader): TextFile[] {
  return (reader.list(folder) ?? []).flatMap((name) => {
    if (!name.endsWith('.repo')) return [];
    const path = join(folder, name);
    const file = textFile(path, reader);
    return file && sectionsOf(file.text).some((one) => one.id === id) ? [file] : [];
  });
}

export function readDnf(args: DnfArguments, reader: Reader): DnfNow {
  const files = repoFiles(args.name, reader);
  const path = args.file ?? files[0]?.path ?? `${folder}/${args.name.replaceAll(':', '-')}.repo`;
  const fetched = fetchedFolders(args.name, reader);
  return {
    file: textFile(path, reader) ?? newFile(path),
    others: files.filter((one) => one.path !== path),
    missingFolders: missingAbove(path, reader),
    metadata: fetched.length > 0 || reader.recall(fetchedTopic).includes(args.name),
    fetched,
    canFetch: !reader.rooted && reader.stat('/usr/bin/dnf') !== undefined,
  };
}

/** dnf 4 and dnf 5 keep what they fetched in a folder of the id and a hash. */
function fetchedFolders(id: string, reader: Reader): string[] {
  return ['/var/cache/dnf', '/var/cache/libdnf5'].flatMap((cache) =>
    (reader.list(cache) ?? [])
      .filter((name) => name.startsWith(`${id}-`) && /^[0-9a-f]{16}$/.test(name.slice(id.length + 1)))
      .map((name) => join(cache, name))
      .filter((path) => reader.stat(`${path}/repodata/repomd.xml`) !== undefined),
  );
}

/** The settings that the arguments name; null where one is not to be. */
export function settingsOf(
  args: DnfArguments,
  enabled: boolean,
  key: string | undefined,
  isNew: boolean,
): Map<string, string | null> | Refusal {
  const values = new Map<string, string | null>();
  if (args.humanname !== undefined || isNew) values.set('name', args.humanname ?? args.name);
  const others = Object.entries(args.options ?? {}) as [string, OptionArguments['baseurl']][];
  for (const [name, value] of [...optionNames.map((one) => [one, args[one]] as const), ...others]) {
    if (value === undefined) continue;
    if (!/^[a-z][a-z0-9_]*$/i.test(name)) return certainly(`"${name}" cannot be the name of an option.`);
    const text = value === null ? null : textOf(name, value);
    if (text !== null && /[\r\0]|\n\s*(\n|$)|^\s*$/.test(text))
      return certainly(`The value of ${name} cannot be written to a repository file.`);
    values.set(name.toLowerCase(), text);
  }
  if (key !== undefined && !values.has('gpgkey')) values.set('gpgkey', `file://${key}`);
  values.set('enabled', enabled ? '1' : '0');
  return values;
}

function textOf(name: string, value: string | number | boolean | readonly (string | number)[]): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number') return String(value);
  const words = typeof value === 'string' ? value.split('\n') : value.map(String);
  const clean = words.map((word) => word.trim()).filter((word) => word !== '');
  return clean.join(listOptions.includes(name) && name !== 'baseurl' && name !== 'gpgkey' ? ' ' : '\n');
}

export function planDnf(
  { name }: DnfArguments,
  values: ReadonlyMap<string, string | null>,
  key: Key | undefined,
  now: DnfNow,
  { refresh, comments }: { readonly refresh: boolean; readonly comments: readonly string[] },
): Plan {
  const { file } = now;
  const section = sectionsOf(file.text).find((one) => one.id === name);
  const reached = ['baseurl', 'mirrorlist', 'metalink'].some(
    (one) => (values.has(one) ? values.get(one) : settingOf(section, one)) != null,
  );
  if (!reached) {
    return certainly(`The repository ${name} has no baseurl, mirrorlist or metalink.`, 'Set one of them.');
  }
  const changes: Change[] = [...values].flatMap(([option, value]) => {
    const old = settingOf(section, option);
    if (value === null ? old === undefined : old !== undefined && sameValue(option, old, value)) return [];
    const hide = (text: string) => (secretOptions.includes(option) ? '(hidden)' : withoutPassword(text));
    return [
      {
        subject: option,
        ...(old !== undefined && { old: hide(old) }),
        ...(value !== null && { new: hide(value) }),
      },
    ];
  });
  const differing = new Map([...values].filter(([option]) => changes.some((one) => one.subject === option)));
  const set = differing.size === 0 ? file.text : withSettings(file.text, name, differing);
  const head = sectionsOf(set).find((one) => one.id === name)?.from ?? 0;
  const { text, changes: added } = withComments(set, comments, head + 1);
  changes.push(...added);
  const hasSecret = secretOptions.some((option) => values.get(option) != null);
  const moved = now.others.flatMap((one) => removalSteps(one, name));
  const stepsOfKey = keySteps(key);
  const changed = changes.length > 0 || moved.length > 0 || stepsOfKey.length > 0;
  const fetches = refresh && now.canFetch && values.get('enabled') === '1' && (changed || !now.metadata);
  const [change, ...also] = changes;
  const isNew = file.text === '';
  const steps: Step[] = [
    ...(fetches && changed ? now.fetched.map(forgetStep) : []),
    ...folderSteps([
      ...(stepsOfKey.length > 0 ? key!.missingFolders : []),
      ...(changes.length > 0 ? now.missingFolders : []),
    ]),
    ...stepsOfKey,
    ...(change
      ? [
          {
            change,
            ...(also.length > 0 && { also }),
            effect: {
              kind: 'write' as const,
              path: file.path,
              content: Buffer.from(text, file.encoding),
              follow: true,
              // Passwords are read by root only; whoever wants it otherwise makes the file first.
              ...(isNew && { mode: hasSecret ? 0o600 : 0o644 }),
            },
          },
        ]
      : []),
    ...moved,
    ...(changed ? [staleStep()] : []),
    ...(fetches ? fetchSteps('dnf', name, changed ? undefined : 'missing') : []),
  ];
  const warnings = key?.warnings ?? [];
  if (steps.length > 0) return { steps, warnings };
  return { steps, comment: `The repository ${name} is as it should be in ${file.path}`, warnings };
}

/** Without its section; a file of which nothing is left goes. */
export function removalSteps({ path, text, encoding }: TextFile, id: string): Step[] {
  const left = withoutSection(text, id);
  if (left === text) return [];
  const change = { subject: path, old: `[${id}]` };
  return [
    left === ''
      ? { change, effect: { kind: 'remove', path } }
      : { change, effect: { kind: 'write', path, content: Buffer.from(left, encoding), follow: true } },
  ];
}
