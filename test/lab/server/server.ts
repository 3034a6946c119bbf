/** A server that somebody worked on by hand for years, of either family: what the tree of this folder converges. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Family } from '../cache.ts';
import { type DebSpec, offer } from '../debs.ts';
import { boot, type Node } from '../node.ts';
import { offerRpms, type RpmSpec } from '../rpms.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

export async function bootServer(family: Family, name: string): Promise<Node> {
  const node = await boot({ family, name, packages: family === 'rpm' ? [] : ['cron'] });
  await offerPackages(node);
  await copyShop(node);
  await node.copyIn(`${here}states`, '/srv/tree/states');
  await node.copyIn(`${here}pillar`, '/srv/tree/pillar');
  await node.must(readFileSync(`${here}before.sh`, 'utf8'));
  return node;
}

interface Made {
  readonly name: string;
  readonly version: string;
  readonly files?: { readonly [path: string]: string };
}

function service(name: string): Made['files'] {
  return {
    [`/usr/bin/${name}`]: '#!/bin/sh\nexec sleep infinity\n',
    [`/usr/lib/systemd/system/${name}.service`]: `[Service]\nExecStart=/usr/bin/${name}\n[Install]\nWantedBy=multi-user.target\n`,
  };
}

/** What was installed from the former repository, which the tree takes away. */
const former: readonly Made[] = [
  { name: 'old-agent', version: '3.1', files: { '/etc/old-agent.conf': 'old\n' } },
  { name: 'telnet-server', version: '0.17' },
  { name: 'almanac', version: '1.0', files: service('almanac') },
  { name: 'almanac', version: '2.0', files: service('almanac') },
];

const site: readonly Made[] = [
  { name: 'greeter', version: '1.0', files: service('greeter') },
  { name: 'greeter', version: '2.0', files: service('greeter') },
  { name: 'almanac', version: '2.0', files: service('almanac') },
];

async function offerPackages(node: Node): Promise<void> {
  if (node.family === 'rpm') {
    const asRpm = (made: Made): RpmSpec => ({
      ...made,
      scripts: { post: 'systemctl daemon-reload' },
    });
    await offerRpms(node, former.map(asRpm), { folder: '/srv/former', repository: 'former' });
    await node.install(['old-agent', 'telnet-server', 'almanac-1.0']);
    await offerRpms(node, site.map(asRpm), { unlisted: true });
    await node.must('dnf versionlock -q add almanac');
  } else {
    const asDeb = (made: Made): DebSpec => ({
      ...made,
      conffiles: Object.keys(made.files ?? {}).filter((path) => path.startsWith('/etc/')),
      scripts: { postinst: 'systemctl daemon-reload' },
    });
    await offer(node, former.map(asDeb), '/srv/former');
    await node.install(['old-agent', 'telnet-server', 'almanac=1.0']);
    await offer(node, site.map(asDeb), '/srv/made', { unlisted: true });
    await node.must('apt-mark hold almanac');
  }
}

const shop = `
require('node:http')
  .createServer((request, response) => response.end('welcome to the shop\\n'))
  .listen(JSON.parse(require('node:fs').readFileSync('/etc/shop.json', 'utf8')).port, '127.0.0.1');
`;

/** The repository of the shop, with a release `v1` and something newer. */
async function copyShop(node: Node): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'converge-shop-'));
  try {
    const git = (...argv: string[]) =>
      execa('git', [
        '-C',
        `${work}/clone`,
        '-c',
        'user.name=dev',
        '-c',
        'user.email=dev@example.org',
        ...argv,
      ]);
    mkdirSync(`${work}/clone`);
    await git('init', '--quiet', '--initial-branch=main');
    for (const [file, text] of [
      ['server.js', shop],
      ['NEWS', 'newer\n'],
    ] as const) {
      writeFileSync(`${work}/clone/${file}`, text);
      await git('add', '.');
      await git('commit', '--quiet', '--message', file);
      if (file === 'server.js') await git('tag', 'v1');
    }
    await git('clone', '--quiet', '--bare', '.', `${work}/shop.git`);
    await node.copyIn(`${work}/shop.git`, '/srv/git/shop.git');
  } finally {
    rmSync(work, { recursive: true });
  }
}
