/** Packages from files: what a .deb or .rpm says of itself, wherever it lies. */
import { createRequire } from 'node:module';
import { HostTrouble, type Reader, type Source } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { find, type Look } from './_look.ts';
import { readRpmHeader } from './_rpm-header.ts';
import { withoutEpoch } from './_version.ts';

export interface PackageFile {
  readonly name: string;
  readonly version: string;
  /** Where it is, or will be written, to be installed from. */
  readonly path: string;
  /** Only where it has to be written first. */
  readonly content?: Buffer;
}

interface Place {
  readonly url: string;
  /** `sha256=…` */
  readonly hash?: string;
}

/** `[{name: place}, …]`, where a place is a URL or path, or `{source: …, source_hash: …}`; each looked into. */
export async function readSources(
  sources: readonly { readonly [name: string]: unknown }[],
  now: Look,
  reader: Reader,
): Promise<PackageFile[] | Refusal> {
  const files: PackageFile[] = [];
  for (const [name, given] of sources.flatMap((entry) => Object.entries(entry))) {
    const place = placeOf(given, name);
    if ('refused' in place) return place;
    const file = isThere(name, place.url, now) ?? (await readSource(name, place, now, reader));
    if ('refused' in file) return file;
    files.push(file);
  }
  return files;
}

function placeOf(given: unknown, name: string): Place | Refusal {
  if (typeof given === 'string') return { url: given };
  const { source, source_hash: hash } = given as { [key: string]: unknown };
  if (typeof source !== 'string')
    return { refused: `The source of ${name} names no "source".`, certain: true };
  if (hash === undefined || hash === null || hash === '') return { url: source };
  const sum = inlineHash(String(hash));
  if (sum === undefined) {
    return {
      refused: `"${hash}" is no hash.`,
      hint: 'Write sha256=… and 64 hexadecimal digits.',
      certain: true,
    };
  }
  return { url: source, hash: sum };
}

const lengths = new Map([
  [64, 'sha256'],
  [128, 'sha512'],
  [96, 'sha384'],
  [40, 'sha1'],
  [32, 'md5'],
]);

function inlineHash(text: string): string | undefined {
  const [, named, digits = ''] = /^\s*(?:([a-z0-9]+)\s*[=:]\s*)?([0-9a-f]+)\s*$/i.exec(text) ?? [];
  const name = lengths.get(digits.length);
  return name === undefined || (named && named.toLowerCase() !== name)
    ? undefined
    : `${name}=${digits.toLowerCase()}`;
}

/**
 * Unlike Salt: the file of a source of `pkg.installed` that is named after its version, as package files are, is neither
 * fetched nor looked into where that version is installed already.
 */
function isThere(name: string, url: string, { packages, database }: Look): PackageFile | undefined {
  const found = find(name, packages, database.manager);
  if (found?.state !== 'installed') return undefined;
  const base = decodeURIComponent(/[^/?#]*(?=$|[?#])/.exec(url)?.[0] ?? '');
  const bare = withoutEpoch(found.version);
  const names =
    database.manager.program === 'apt'
      ? [`${found.name}_${bare}_${found.arch}.deb`, `${found.name}_${found.version}_${found.arch}.deb`]
      : [`${found.name}-${bare}.${found.arch}.rpm`];
  return names.includes(base) ? { name, version: found.version, path: '' } : undefined;
}

const require = createRequire(import.meta.url);

async function readSource(
  name: string,
  { url, hash }: Place,
  now: Look,
  reader: Reader,
): Promise<PackageFile | Refusal> {
  const source = /^https?:/.test(url) ? await reader.fetch(url, hash) : reader.source(url);
  if ('missing' in source) return { refused: source.missing, hint: source.hint };
  if (hash !== undefined && !matches(source.content, hash)) {
    return {
      refused: `${url} does not have the hash ${hash}.`,
      hint: 'Correct source_hash, or find out who changed the file.',
    };
  }
  const deb = now.database.manager.program === 'apt';
  const found = deb ? await readDeb(source.content, url, reader) : readRpm(source.content, url);
  if (found.name !== name) return { refused: `${url} holds the package "${found.name}", not "${name}".` };
  return { name, version: found.version, ...placed(source, found, deb) };
}

function matches(content: Buffer, hash: string): boolean {
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  const [algorithm, digits] = hash.split('=') as [string, string];
  return createHash(algorithm).update(content).digest('hex') === digits;
}

interface Found {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
}

/** A file that lies on this machine is installed from there; another is written where fetched packages are kept. */
function placed({ file, content }: Source, { name, version, arch }: Found, deb: boolean) {
  if (file?.startsWith('/') && file.endsWith(deb ? '.deb' : '.rpm')) return { path: file };
  const path = deb
    ? `/var/cache/apt/archives/${name}_${encodeURIComponent(version).toLowerCase()}_${arch}.deb`
    : `/var/cache/dnf/${name}-${withoutEpoch(version)}.${arch}.rpm`;
  return { path, content };
}

/** dpkg-deb(1) reads an archive from a pipe. */
async function readDeb(content: Buffer, url: string, reader: Reader): Promise<Found> {
  const fields = ['Package', 'Version', 'Architecture'];
  const argv = ['dpkg-deb', '--field', '-', ...fields];
  const { status, stdout, stderr } = await reader.probe({ argv, stdin: content });
  if (status !== 0) throw new HostTrouble(`${url} is not a Debian package.`, stderr.trim());
  const told = new Map(stdout.split('\n').map((line) => line.split(': ', 2) as [string, string]));
  const [name, version, arch] = fields.map((field) => told.get(field) ?? '') as [string, string, string];
  return { name, version, arch };
}

function readRpm(content: Buffer, url: string): Found {
  const found = readRpmHeader(content);
  if (!found) throw new HostTrouble(`${url} is not an RPM package.`);
  return found;
}
