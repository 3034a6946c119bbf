/** Packages from files: what a .deb says of itself, wherever it lies. */
import { HostTrouble, type Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';

export interface Deb {
  readonly name: string;
  readonly version: string;
  /** Where it is, or will be written, for apt to install it from. */
  readonly path: string;
  /** Only where it has to be written first. */
  readonly content?: Buffer;
}

/** `[{name: place}, …]` with each place looked into. */
export async function readDebs(
  sources: readonly { readonly [name: string]: string }[],
  reader: Reader,
): Promise<Deb[] | Refusal> {
  const debs: Deb[] = [];
  for (const [name, place] of sources.flatMap((entry) => Object.entries(entry))) {
    const deb = await readDeb(name, place, reader);
    if ('refused' in deb) return deb;
    debs.push(deb);
  }
  return debs;
}

async function readDeb(name: string, place: string, reader: Reader): Promise<Deb | Refusal> {
  const source = /^https?:/.test(place) ? await reader.fetch(place) : reader.source(place);
  if ('missing' in source) return { refused: source.missing, hint: source.hint };
  const fields = await controlOf(source.content, place, reader);
  const [named, version, arch] = ['Package', 'Version', 'Architecture'].map(
    (field) => fields.get(field) ?? '',
  );
  if (named !== name) return { refused: `${place} holds the package "${named}", not "${name}".` };
  if (source.file?.startsWith('/') && source.file.endsWith('.deb'))
    return { name, version: version!, path: source.file };
  const file = `${name}_${encodeURIComponent(version!).toLowerCase()}_${arch}.deb`;
  return { name, version: version!, path: `/var/cache/apt/archives/${file}`, content: source.content };
}

/** dpkg-deb(1) reads an archive from a pipe; commands take text only, hence base64. */
async function controlOf(content: Buffer, place: string, reader: Reader): Promise<Map<string, string>> {
  const script = 'base64 -d | dpkg-deb --field /dev/stdin Package Version Architecture';
  const outcome = await reader.probe({ argv: [script], shell: '/bin/sh', stdin: content.toString('base64') });
  if (outcome.status !== 0) throw new HostTrouble(`${place} is not a Debian package.`, outcome.stderr.trim());
  return new Map(outcome.stdout.split('\n').map((line) => line.split(': ', 2) as [string, string]));
}
