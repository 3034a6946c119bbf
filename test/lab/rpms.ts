/** Packages made for a test by rpmbuild, in a repository of their own inside a node. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Node } from './node.ts';

export interface RpmSpec {
  readonly name: string;
  readonly version: string;
  /** 1 where nothing is said. */
  readonly release?: string;
  readonly epoch?: number;
  readonly requires?: readonly string[];
  readonly provides?: readonly string[];
  readonly conflicts?: readonly string[];
  readonly obsoletes?: readonly string[];
  /** Path → what is in it. A script (`#!`) is executable, and so is a program. */
  readonly files?: { readonly [path: string]: string | Buffer };
  /** Paths of `files` that are configuration files, kept where they were edited. */
  readonly config?: readonly string[];
  /** Scriptlets (pre, post, preun, postun): name → script for /bin/sh. */
  readonly scripts?: { readonly [name: string]: string };
}

/** A group of comps.xml. */
export interface RpmGroup {
  readonly id: string;
  readonly name: string;
  readonly packages: readonly string[];
  readonly optional?: readonly string[];
}

export interface OfferOptions {
  readonly folder?: string;
  /** Name of the repository. */
  readonly repository?: string;
  readonly groups?: readonly RpmGroup[];
  /** No file in /etc/yum.repos.d: the test sees to that itself. */
  readonly unlisted?: boolean;
}

/** Offers packages to a node's dnf, instead of what was offered there before. */
export async function offerRpms(
  node: Node,
  specs: readonly RpmSpec[],
  { folder = '/srv/made', repository = 'made', groups = [], unlisted = false }: OfferOptions = {},
): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'converge-rpms-'));
  const inside = '/var/tmp/rpms';
  try {
    mkdirSync(`${work}/specs`);
    for (const [i, spec] of specs.entries()) {
      const root = `roots/${i}`;
      mkdirSync(`${work}/${root}`, { recursive: true });
      for (const [path, content] of Object.entries(spec.files ?? {})) put(`${work}/${root}${path}`, content);
      writeFileSync(`${work}/specs/${i}.spec`, specText(spec, `${inside}/${root}`));
    }
    writeFileSync(`${work}/comps.xml`, compsText(groups));
    await node.copyIn(work, inside);
  } finally {
    rmSync(work, { recursive: true });
  }
  const build = `rpmbuild -bb --quiet --define '_topdir ${inside}/build' --define "_rpmdir $1" specs/*.spec`;
  const index = `createrepo_c -q ${groups.length > 0 ? `-g ${inside}/comps.xml ` : ''}"$1"`;
  const script = `rm -rf "$1"; mkdir -p "$1"; ${specs.length > 0 ? build : ':'}; ${index}; rm -rf ${inside}`;
  await node.must(['/bin/sh', '-ec', script, 'sh', folder], { cwd: inside });
  if (unlisted) return;
  const lines = [`[${repository}]`, `name=${repository}`, `baseurl=file://${folder}`, 'enabled=1'];
  await node.write(
    `/etc/yum.repos.d/${repository}.repo`,
    `${[...lines, 'gpgcheck=0', 'metadata_expire=0'].join('\n')}\n`,
  );
}

/** Where `offerRpms` puts the file of a package. */
export function rpmPath({ name, version, release = '1' }: RpmSpec, folder = '/srv/made'): string {
  return `${folder}/noarch/${name}-${version}-${release}.noarch.rpm`;
}

function specText(spec: RpmSpec, root: string): string {
  const { name, version, release = '1', epoch, files = {}, config = [], scripts = {} } = spec;
  const listed = Object.keys(files).map(
    (path) => `${config.includes(path) ? '%config(noreplace) ' : ''}"${path}"`,
  );
  return [
    // Nothing is compiled, stripped or looked through for dependencies.
    '%define __os_install_post %{nil}',
    '%define _binaries_in_noarch_packages_terminate_build 0',
    `Name: ${name}`,
    ...(epoch === undefined ? [] : [`Epoch: ${epoch}`]),
    `Version: ${version}`,
    `Release: ${release}`,
    'Summary: made for a test',
    'License: none',
    'BuildArch: noarch',
    'AutoReqProv: no',
    ...fields('Requires', spec.requires),
    ...fields('Provides', spec.provides),
    ...fields('Conflicts', spec.conflicts),
    ...fields('Obsoletes', spec.obsoletes),
    '%description',
    'Made for a test.',
    '%install',
    `mkdir -p %{buildroot}; cp -a ${root}/. %{buildroot}/`,
    ...Object.entries(scripts).flatMap(([when, script]) => [`%${when}`, script]),
    '%files',
    ...listed,
    '',
  ].join('\n');
}

function fields(field: string, values: readonly string[] = []): string[] {
  return values.map((value) => `${field}: ${value}`);
}

function compsText(groups: readonly RpmGroup[]): string {
  const members = (kind: string, names: readonly string[] = []) =>
    names.map((name) => `<packagereq type="${kind}">${name}</packagereq>`).join('');
  const texts = groups.map(
    ({ id, name, packages, optional }) =>
      `<group><id>${id}</id><name>${name}</name><default>false</default><uservisible>true</uservisible>` +
      `<packagelist>${members('mandatory', packages)}${members('optional', optional)}</packagelist></group>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<comps>\n${texts.join('')}</comps>\n`;
}

function put(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  const isProgram = ['#!', '\x7fELF'].some((start) => Buffer.from(content).indexOf(start) === 0);
  writeFileSync(file, content, { mode: isProgram ? 0o755 : 0o644 });
}
