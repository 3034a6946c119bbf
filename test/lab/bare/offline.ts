/** What bootstrap.sh would fetch, for nodes without a network: a tarball of Node with its npm, and npm's cache. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../cache.ts';
import { hold } from '../hold.ts';

export interface Offline {
  readonly folder: string;
  /** Name of the tarball in it. The cache is the folder `npm` beside it. */
  readonly tarball: string;
  /** npm keeps what it fetched by address, so inside it has to believe in the same registry. */
  readonly registry: string;
}

/** Variables by which bootstrap.sh takes what it builds with from there; the folder is at /srv/offline of the node. */
export function offlineVariables({ tarball, registry }: Offline): { readonly [name: string]: string } {
  return {
    CONVERGE_NODE: `/srv/offline/${tarball}`,
    npm_config_offline: 'true',
    npm_config_registry: registry,
  };
}

export async function prepareOffline(checkout: string): Promise<Offline> {
  const lock = readFileSync(`${checkout}/package-lock.json`);
  const key = createHash('sha256').update(lock).update(process.version).digest('hex').slice(0, 16);
  const folder = `${cacheFolder}/offline-${key}`;
  const name = `node-${process.version}-linux-${process.arch}`;
  if (!existsSync(folder)) {
    using _lock = await hold(`${cacheFolder}/build.lock`, { wait: true });
    if (!existsSync(folder)) await build(folder, name, checkout);
  }
  const { stdout: registry } = await execa('npm', ['config', 'get', 'registry']);
  return { folder, tarball: `${name}.tar.gz`, registry };
}

async function build(folder: string, name: string, checkout: string): Promise<void> {
  const work = `${folder}.building`;
  rmSync(work, { recursive: true, force: true });
  const node = `${work}/${name}`;
  mkdirSync(`${node}/bin`, { recursive: true });
  copyFileSync(process.execPath, `${node}/bin/node`);
  const { stdout: npm } = await execa('sh', ['-c', 'command -v npm']);
  cpSync(dirname(dirname(realpathSync(npm))), `${node}/lib/node_modules/npm`, { recursive: true });
  await execa('tar', ['-C', work, '-czf', `${work}/${name}.tar.gz`, name]);
  rmSync(node, { recursive: true });
  mkdirSync(`${work}/project/api`, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', 'api/package.json'])
    copyFileSync(`${checkout}/${file}`, `${work}/project/${file}`);
  await execa('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--cache', `${work}/npm`], {
    cwd: `${work}/project`,
  });
  rmSync(`${work}/project`, { recursive: true });
  renameSync(work, folder);
}
