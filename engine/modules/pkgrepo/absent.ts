/** The state pkgrepo.absent: a package repository is not configured. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { removed, type SourceFile, sourceFile, sourceFiles, writeSteps } from './_apt.ts';
import { familyOf, sourceProperties } from './_arguments.ts';
import { refuseId, removalSteps, repoFiles } from './_dnf.ts';
import { type Entry, sameField, without } from './_entry.ts';
import { formatOf } from './_format.ts';
import { fingerprintsOf } from './_openpgp.ts';
import { sectionsOf, settingOf, withoutSection } from './_repo-file.ts';
import { folder, isLine, wantedOf } from './_wanted.ts';

const properties = {
  ...sourceProperties,
  remove_key: {
    type: 'boolean',
    default: false,
    description: 'Remove the file with its key too, unless another repository uses it.',
  },
  keyid: {
    type: 'string',
    description: 'Remove the file with its key too, if the fingerprint of that ends so.',
  },
  refresh: { type: 'boolean', description: 'Accepted for Salt trees; nothing has to be fetched.' },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now {
  readonly refused?: Refusal;
  readonly steps: readonly Step[];
}

function read(args: Arguments, reader: Reader): Now {
  const family = familyOf(reader);
  if (typeof family === 'object') return { refused: family, steps: [] };
  return family === 'apt' ? fromApt(args, reader) : fromDnf(args, reader);
}

function fromDnf(args: Arguments, reader: Reader): Now {
  const refused = refuseId(args);
  if (refused) return { refused, steps: [] };
  const files = repoFiles(args.name, reader).filter(({ path }) => (args.file ?? path) === path);
  const keys = files.flatMap(({ text }) => {
    const section = sectionsOf(text).find(({ id }) => id === args.name);
    return (settingOf(section, 'gpgkey') ?? '').split(/[\s,]+/).filter((url) => url.startsWith('file:///'));
  });
  const rest = (reader.list('/etc/yum.repos.d') ?? [])
    .map((name) => reader.content(`/etc/yum.repos.d/${name}`)?.toString('utf8') ?? '')
    .map((text) => withoutSection(text, args.name))
    .join('\n');
  const unused = keys.filter((url) => !rest.includes(url)).map((url) => url.slice('file://'.length));
  return {
    steps: [
      ...files.flatMap((file) => removalSteps(file, args.name)),
      ...keySteps(args, unused, '/etc/pki/rpm-gpg/', reader),
    ],
  };
}

function fromApt(args: Arguments, reader: Reader): Now {
  const all = sourceFiles(reader);
  const gone = doomed(args, all, reader);
  if ('refused' in gone) return { refused: gone, steps: [] };
  const keys = new Set<string>();
  const steps: Step[] = [];
  const rest = new Map(all.map(({ path, text }) => [path, text]));
  for (const { file, isGone } of gone) {
    const format = formatOf(file.path);
    let text = file.text;
    const changes = [];
    for (const { entry } of file.entries) {
      const left = isGone(entry);
      if (left === 'cannot') {
        const refused = `${file.path} describes this repository together with others.`;
        return { refused: { refused, hint: 'Take it out of there by hand.' }, steps: [] };
      }
      if (left === entry) continue;
      const there = format.parse(text).find((one) => sameEntry(one.entry, entry))!;
      text = left === undefined ? format.drop(text, there) : format.put(text, left, there);
      changes.push(removed(entry, file.path));
      keys.add(entry.options.get('signed-by') ?? '');
    }
    rest.set(file.path, text);
    steps.push(...writeSteps(file, text, changes));
  }
  const unused = [...keys].filter((key) => ![...rest.values()].some((text) => text.includes(key)));
  return { steps: [...steps, ...keySteps(args, unused, '/etc/apt/keyrings/', reader)] };
}

function sameEntry(a: Entry, b: Entry): boolean {
  return JSON.stringify([a, [...a.options]]) === JSON.stringify([b, [...b.options]]);
}

interface Doomed {
  readonly file: SourceFile;
  /** What is left of an entry; the same one where it stays. */
  readonly isGone: (entry: Entry) => Entry | undefined | 'cannot';
}

/** By its own file where it has only a name, else wherever it is described. */
function doomed(args: Arguments, all: readonly SourceFile[], reader: Reader): Doomed[] | Refusal {
  const described = isLine(args.name) || args.uris !== undefined;
  if (!described) {
    const checked = wantedOf({ ...args, uris: 'file:/', suites: './' }, true);
    if ('refused' in checked) return checked;
    const paths = args.file
      ? [args.file]
      : [checked.file, `${folder}/${checked.file.slice(folder.length + 1).replace(/sources$/, 'list')}`];
    return paths.flatMap((path) => {
      const file = all.find((one) => one.path === path) ?? sourceFile(path, reader);
      return file ? [{ file, isGone: () => undefined }] : [];
    });
  }
  const wanted = wantedOf(args, true);
  if ('refused' in wanted) return wanted;
  const { entry: gone } = wanted;
  const other = args.file !== undefined && !all.some(({ path }) => path === args.file);
  const files = other ? [sourceFile(args.file!, reader)].flatMap((file) => file ?? []) : all;
  return files
    .filter(({ path }) => args.file === undefined || path === args.file)
    .map((file) => ({
      file,
      isGone: (entry: Entry) => (isPartOf(gone, entry) ? without(entry, gone) : entry),
    }));
}

/** Whether an entry brings something of the repository that is to go. */
function isPartOf(gone: Entry, entry: Entry): boolean {
  const shares = (field: 'types' | 'suites' | 'components') =>
    gone[field].some((one) => entry[field].includes(one));
  return (
    shares('types') &&
    shares('suites') &&
    gone.uris.some((uri) => entry.uris.some((one) => sameField('uris', [uri], [one]))) &&
    (gone.components.length === 0 || entry.components.length === 0 || shares('components'))
  );
}

/** Only keys in the folder for keys of repositories, where nobody else's would lie. */
function keySteps(args: Arguments, paths: readonly string[], below: string, reader: Reader): Step[] {
  if (!args.remove_key && args.keyid === undefined) return [];
  return [...new Set(paths)].flatMap((path) => {
    const content = path.startsWith(below) && !path.includes('/../') ? reader.content(path) : undefined;
    if (content === undefined) return [];
    if (args.keyid !== undefined && !endsIn(content, args.keyid)) return [];
    return [{ change: { subject: path, old: 'key' }, effect: { kind: 'remove', path } }];
  });
}

function endsIn(content: Buffer, keyid: string): boolean {
  const end = keyid.replace(/^0x/i, '').replace(/\s/g, '').toUpperCase();
  try {
    return fingerprintsOf(content).some((one) => one.endsWith(end));
  } catch {
    return false;
  }
}

function plan(args: Arguments, { refused, steps }: Now): Plan {
  if (refused) return refused;
  return steps.length > 0
    ? steps
    : { steps, comment: `The package repository ${args.name} is not configured` };
}

export default defineState({
  summary: 'the package repository is not configured',
  description: `
By a name alone its own file below \`/etc/apt/sources.list.d\` is removed (on RPM systems its section, from whichever
file). A repository that is described is removed from every file, or from \`file\`, whether it is enabled or not; of an
entry that says more, only this repository is taken out.`,
  properties,
  examples: [
    { title: 'one that pkgrepo.managed made', sls: 'example:\n  pkgrepo.absent:\n    remove_key: true\n' },
    {
      title: 'one that a provider put somewhere',
      sls: 'deb http://mirror.example.org/debian bookworm contrib:\n  pkgrepo.absent\n',
    },
  ],
  read,
  plan,
});
