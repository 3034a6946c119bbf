/** Finds files of a unit that systemd has not noticed: it only watches those it has already read. */
import type { Reader } from '../core/host.ts';

/** In the order in which one hides the next (systemd.unit(5)). */
export const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

export interface UnitFiles {
  readonly id: string;
  /** FragmentPath, '' where there is none. */
  readonly fragment: string;
  /** DropInPaths. */
  readonly dropIns: readonly string[];
}

/**
 * NeedDaemonReload stays "no" for a new folder of drop-ins and for a file in /etc that now hides one in /usr/lib,
 * because systemd remembers which paths existed; so they are looked for here.
 */
export function isUnnoticed(unit: UnitFiles, look: Pick<Reader, 'stat' | 'list' | 'resolve'>): boolean {
  const names = namesOf(unit.id);
  const known = new Set(unit.dropIns.map((path) => look.resolve(path)));
  const seen = new Set<string>();
  for (const folder of unitFolders) {
    for (const name of names) {
      for (const file of look.list(`${folder}/${name}.d`) ?? []) {
        if (!file.endsWith('.conf') || seen.has(file)) continue;
        seen.add(file);
        const real = look.resolve(`${folder}/${name}.d/${file}`);
        // What is masked or leads nowhere is no drop-in, whether systemd names it or not.
        if (!known.has(real) && look.stat(real)?.kind === 'file') return true;
      }
    }
  }
  const file = names
    .flatMap((name) => unitFolders.map((folder) => `${folder}/${name}`))
    .find((at) => look.stat(at));
  if (file === undefined || unit.fragment === '') return false;
  const real = look.resolve(file);
  // An alias leads to another name, and a mask to /dev/null: systemd says that in other ways.
  if (!names.some((name) => real.endsWith(`/${name}`))) return false;
  return real !== look.resolve(unit.fragment);
}

/** An instance is made of its template where it has no file of its own. */
function namesOf(id: string): string[] {
  const template = id.replace(/@[^.]+\./, '@.');
  return template === id ? [id] : [id, template];
}

/** systemd asks for a reload for ever where a drop-in is a folder or leads nowhere. */
export function isOdd(dropIn: string, look: Pick<Reader, 'stat' | 'resolve'>): boolean {
  const kind = look.stat(dropIn)?.kind;
  return kind === 'directory' || (kind === 'link' && look.stat(look.resolve(dropIn)) === undefined);
}

/** What systemd says of the enablement of a unit of which it only has this file (systemctl(1): is-enabled). */
export function enablementOf(text: string): 'disabled' | 'static' {
  return /^\s*\[Install\]\s*$/m.test(text) ? 'disabled' : 'static';
}

/** Whether an installed package brought a file. dpkg keeps lists of them; rpm has to be asked. */
export async function ownsFile(
  name: string,
  path: string,
  look: Pick<Reader, 'content' | 'list' | 'ask'>,
): Promise<boolean> {
  const bare = name.replace(/:.*$/, '');
  const folder = '/var/lib/dpkg/info';
  const lists = look.list(folder)?.filter((one) => one === `${bare}.list` || isListOf(bare, one));
  const texts =
    lists === undefined
      ? [(await look.ask({ argv: ['rpm', '-ql', '--', name] })).stdout]
      : lists.map((one) => look.content(`${folder}/${one}`)?.toString() ?? '');
  // /lib is a link to /usr/lib nearly everywhere, and packages name either.
  const short = path.replace(/^\/usr\/lib\//, '/lib/');
  return texts.some((text) => text.split('\n').some((line) => [short, `/usr${short}`, path].includes(line)));
}

function isListOf(name: string, file: string): boolean {
  return file.startsWith(`${name}:`) && file.endsWith('.list');
}
