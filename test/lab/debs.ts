/** Packages made for a test, in a package repository of their own inside a node. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Node } from './node.ts';

export interface DebSpec {
  readonly name: string;
  readonly version: string;
  /** Further control fields: Depends, Provides, Conflicts… */
  readonly fields?: { readonly [field: string]: string };
  /** Path → text. A script (`#!`) is executable. */
  readonly files?: { readonly [path: string]: string };
  /** Maintainer scripts (postinst, prerm…): name → script for /bin/sh. */
  readonly scripts?: { readonly [name: string]: string };
  /** Paths of `files` that are configuration files. */
  readonly conffiles?: readonly string[];
}

export interface OfferOptions {
  /** No line in sources.list.d: the test sees to that itself. */
  readonly unlisted?: boolean;
  /** What the repository says of itself: Origin, Label, Codename… */
  readonly release?: { readonly [field: string]: string };
}

/** Offers packages to a node's apt, instead of what was offered there before. The node has to fetch its lists anew. */
export async function offer(
  node: Node,
  specs: readonly DebSpec[],
  folder = '/srv/made',
  { unlisted = false, release }: OfferOptions = {},
): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'converge-debs-'));
  try {
    mkdirSync(`${work}/out`);
    for (const spec of specs) await build(spec, work);
    const index = await execa('dpkg-scanpackages', ['-m', '.', '/dev/null'], { cwd: `${work}/out` });
    writeFileSync(`${work}/out/Packages`, `${index.stdout}\n`);
    if (release) writeFileSync(`${work}/out/Release`, releaseText(release, `${index.stdout}\n`));
    await node.must(['rm', '-rf', folder]);
    await node.copyIn(`${work}/out`, folder);
    if (unlisted) return;
    await node.write('/etc/apt/sources.list.d/made.list', `deb [trusted=yes] file:${folder} ./\n`);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function releaseText(release: { readonly [field: string]: string }, packages: string): string {
  const sum = createHash('sha256').update(packages).digest('hex');
  const fields = Object.entries({ ...release, Date: new Date().toUTCString() });
  const lines = fields.map(([field, value]) => `${field}: ${value}\n`).join('');
  return `${lines}SHA256:\n ${sum} ${Buffer.byteLength(packages)} Packages\n`;
}

export function debName({ name, version }: DebSpec): string {
  return `${name}_${version.replace(/^\d+:/, '')}_all.deb`;
}

async function build(spec: DebSpec, work: string): Promise<void> {
  const { name, version, fields = {}, files = {}, scripts = {}, conffiles = [] } = spec;
  const root = `${work}/root`;
  const control = {
    Package: name,
    Version: version,
    Architecture: 'all',
    Maintainer: 'Lab <lab@example.test>',
    ...fields,
    Description: 'made for a test',
  };
  put(
    `${root}/DEBIAN/control`,
    Object.entries(control)
      .map(([field, value]) => `${field}: ${value}\n`)
      .join(''),
  );
  if (conffiles.length > 0) put(`${root}/DEBIAN/conffiles`, conffiles.map((path) => `${path}\n`).join(''));
  for (const [path, text] of Object.entries(files)) put(`${root}${path}`, text);
  for (const [script, text] of Object.entries(scripts)) {
    put(`${root}/DEBIAN/${script}`, `#!/bin/sh\nset -e\n${text}\n`);
    chmodSync(`${root}/DEBIAN/${script}`, 0o755);
  }
  await execa('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', root, `${work}/out/${debName(spec)}`]);
  rmSync(root, { recursive: true });
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
}
