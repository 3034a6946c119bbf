/** What systemd.unit looks at: the file, the units that are made of it, and what systemd says of a new text. */
import type { Reader, Unit } from '../../core/host.ts';
import { baseOf, parentOf } from '../../core/path.ts';
import type { Place, Refusal } from '../../core/state.ts';
import { type SourcedText, textFrom } from '../../core/text-source.ts';
import { unitName } from '../../core/unit-name.ts';
import { type Arguments, refuseArguments } from './_arguments.ts';
import { isInstance, isRunning, isTemplate, pathOf, refuseName, unitsOf } from './_name.ts';
import { serviceOfSocket, textOfSections } from './_sections.ts';
import { type Verdict, verify } from './_verify.ts';

export interface Now {
  readonly unit: string;
  readonly path: string;
  readonly refusal?: Refusal;
  readonly wanted?: SourcedText;
  readonly verdict?: Verdict;
  readonly there?: { readonly content?: string; readonly mode: number; readonly own: boolean };
  /** It is a link to /dev/null, or another one. */
  readonly link?: string;
  readonly folder: boolean;
  /** Those that `running` and `enable` are about. */
  readonly units: readonly Unit[];
  /** Further instances of the template that run. */
  readonly others: readonly Unit[];
  /** The running service of a socket: systemd does not let go of the socket before it has ended. */
  readonly holder?: Unit;
  readonly self: Reader['self'];
  readonly rooted: boolean;
}

export async function look(args: Arguments, reader: Reader, place: Place): Promise<Now> {
  const unit = unitName(args.name);
  const path = pathOf(unit, args.dropin);
  const names = unitsOf(args);
  const { self, rooted } = reader;
  const now: Now = { unit, path, folder: false, units: [], others: [], self, rooted };
  const refusal =
    [unit, ...names].map((one) => refuseName(one, args.dropin)).find(Boolean) ?? refuseArguments(args, unit);
  if (refusal) return { ...now, refusal };
  const found = names.length > 0 ? await reader.units(names) : new Map<string, Unit>();
  const wanted = await textOf(args, reader, place);
  if ('refused' in wanted) return { ...now, refusal: wanted };
  const stat = reader.stat(path);
  const there = stat && {
    content: stat.kind === 'file' ? reader.content(path)?.toString('utf8') : undefined,
    mode: stat.mode,
    own: stat.uid === self.uid && stat.gid === self.gid,
  };
  const same = there?.content === wanted.text;
  return {
    ...now,
    wanted,
    ...(there && { there }),
    link: reader.link(path),
    folder: reader.stat(parentOf(path)) !== undefined,
    units: names.map((one) => found.get(one)!),
    ...(!same && {
      verdict: args.verify
        ? await verify(wanted.text, { unit, ...(args.dropin && { dropin: baseOf(path) }) }, reader)
        : undefined,
      holder: unit.endsWith('.socket') ? await holderOf(unit, wanted.text, reader) : undefined,
      others:
        isTemplate(unit) && (there || args.dropin) && !rooted ? await instancesOf(unit, names, reader) : [],
    }),
  };
}

function textOf(args: Arguments, reader: Reader, place: Place) {
  if (args.sections === undefined) {
    const { contents } = args;
    const whole = contents === undefined || contents.endsWith('\n') ? contents : `${contents}\n`;
    return textFrom({ ...args, contents: whole }, reader, place);
  }
  const text = textOfSections(args.sections);
  return typeof text === 'string' ? { text } : text;
}

async function holderOf(socket: string, text: string, reader: Reader): Promise<Unit | undefined> {
  const service = serviceOfSocket(socket, text);
  const unit = service && (await reader.units([service])).get(service);
  return unit && isRunning(unit) ? unit : undefined;
}

/** Only asked where the template changes. */
async function instancesOf(template: string, known: readonly string[], reader: Reader): Promise<Unit[]> {
  const argv = ['systemctl', '--no-pager', '--plain', '--no-legend', '--full', 'list-units'];
  const { stdout } = await reader.ask({ argv });
  const names = stdout.split('\n').map((line) => line.trim().split(/\s+/)[0]!);
  const others = names.filter((name) => isInstance(name, template) && !known.includes(name));
  return others.length > 0 ? [...(await reader.units(others)).values()] : [];
}
