/** Every state tells what it leaves behind, or why nothing of it is to be found again; what is owned can be removed. */
import { expect } from 'chai';
import { parseArguments } from '../../engine/cli/arguments.ts';
import { compileNames } from '../../engine/cli/compilation.ts';
import { isAbsent, removalOf } from '../../engine/cli/removals.ts';
import { createWorld } from '../../engine/cli/world.ts';
import type { Runnable } from '../../engine/core/chunk.ts';
import { type Host, HostTrouble } from '../../engine/core/host.ts';
import { removableKinds } from '../../engine/core/owned.ts';
import { isRefusal, type Plan, stepsOf } from '../../engine/core/state.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { owned } from '../../engine/journal/orphans.ts';
import { listStates, loadState } from '../../engine/modules/find.ts';
import { sink } from '../helpers/cli.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

/** States that own nothing: why. A whole family where the reason is that of all. */
const exceptions: { readonly [address: string]: string } = {
  'cmd.*': 'what a command leaves is not known',
  'environ.*': 'lasts as long as the run',
  'http.*': 'changes nothing of this host',
  'tcp.*': 'changes nothing of this host',
  'loop.*': 'changes nothing by itself',
  'test.*': 'changes nothing',
  'svn.*': 'not supported',
  'debconf.*': 'answers that packages ask for; a package takes them along',
  'keyboard.system': 'a machine always has one',
  'locale.system': 'a machine always has one',
  'network.hostname': 'a machine always has one',
  'network.system': 'a machine always has one',
  'timezone.system': 'a machine always has one',
  'selinux.mode': 'a machine always has one',
  'selinux.boolean': 'always has a value',
  'selinux.fcontext_policy_applied': 'labels of files are always some',
  'locale.present': 'locales are shared by all who use the machine',
  'logrotate.set': 'part of a file of others',
  'alternatives.set': 'chooses among what is installed',
  'alternatives.auto': 'leaves the choice to the system',
  'service.unmasked': 'takes something away',
  'file.accumulated': 'leaves something for another state of the run',
  'file.append': 'lines in a file of others',
  'file.prepend': 'lines in a file of others',
  'file.blockreplace': 'part of a file of others',
  'file.comment': 'part of a file of others',
  'file.uncomment': 'part of a file of others',
  'file.keyvalue': 'part of a file of others',
  'file.line': 'part of a file of others',
  'file.patch': 'part of a file of others',
  'file.replace': 'part of a file of others',
  'file.exists': 'changes nothing',
  'file.missing': 'changes nothing',
  'file.rename': 'what is moved was there before',
  'file.tidied': 'takes something away',
  'cron.pruned': 'takes something away',
  'git.config_set': 'part of a file of others',
  'git.config_unset': 'takes something away',
  'pkg.downloaded': 'a cache',
  'pkg.group_installed': 'which packages a group has is only known to the sources',
  'pkg.held': 'a mark on a package of others',
  'pkg.unheld': 'takes something away',
  'pkg.purged': 'takes something away',
  'pkg.removed': 'takes something away',
  'pkg.uptodate': 'packages that are there anyway',
  'mount.unmounted': 'takes something away',
  'acme.presentable': 'changes nothing',
  'acme.served': 'what is served is that of other states',
  'http.served': 'what is served is that of other states',
  'couchdb.*': 'in databases that other nodes use, too, and settings of a program that is installed',
  'dns.*': 'on a nameserver that others use, too',
  'firewall.ruleset': 'a machine without a firewall is no tidy machine: firewall.absent has to be wished for',
};

const removes = /absent$|^(alternatives\.remove)$/;

function reasonOf(address: string): string | undefined {
  if (removes.test(address)) return 'takes something away';
  return exceptions[address] ?? exceptions[address.replace(/\..*/, '.*')];
}

describe('law: ownership', () => {
  for (const address of listStates()) {
    it(`${address} tells what it owns, or there is a reason not to`, async () => {
      const { owns } = await loadState(address);
      const reason = reasonOf(address);
      expect(owns === undefined, reason ?? 'give it `owns`, or name the reason in this test').to.equal(
        reason !== undefined,
      );
    });
  }

  it('makes no exception for a state that is no more', () => {
    const known = listStates();
    for (const address of Object.keys(exceptions)) {
      const family = address.endsWith('.*') && known.some((one) => one.startsWith(address.slice(0, -1)));
      expect(family || known.includes(address), address).to.equal(true);
    }
  });
});

const machine: Tree = {
  'root/etc/passwd':
    'root:x:0:0::/root:/bin/sh\nalice:x:1002:1002::/home/alice:/bin/sh\napp:x:1000:1000::/srv/app:/bin/sh\n',
  'root/etc/group': 'root:x:0:\nalice:x:1002:\napp:x:1000:\n',
  'root/etc/shadow': 'root:*:19000::::::\nalice:*:19000::::::\napp:*:19000::::::\n',
  'root/home/alice': { directory: true },
  'root/srv/app': { directory: true },
  'root/usr/local/bin': { directory: true },
  'root/usr/bin/crontab': '',
  'root/var/spool/cron/crontabs': { directory: true },
  'root/etc/cron.d': { directory: true },
  'root/etc/systemd/system': { directory: true },
  'root/usr/lib/systemd/systemd': '',
  'root/etc/security/limits.d': { directory: true },
  'root/etc/sysctl.d': { directory: true },
  'root/etc/apt/sources.list.d': { directory: true },
  'root/etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  'root/var/lib/dpkg/status': '\n',
  'root/usr/bin/apt-get': '',
  'root/usr/bin/dpkg': '',
};

/** What the `absent` of a state was proved to undo below a root, by the examples of the state. */
const proved = [
  'acme.certificate',
  'acme.placeholder',
  'cron.env_present',
  'cron.present',
  'file.copy',
  'file.decode',
  'file.directory',
  'file.hardlink',
  'file.managed',
  'file.mknod',
  'file.recurse',
  'file.serialize',
  'file.symlink',
  'file.touch',
  'git.detached',
  'group.present',
  'host.present',
  'kmod.present',
  'limits.present',
  'mount.fstab_present',
  'mount.mounted',
  'mount.swap',
  'schedule.present',
  'schedule.watch',
  'ssh_auth.present',
  'ssh_known_hosts.present',
  'sysctl.present',
  'systemd.unit',
  'user.present',
];

describe('law: what is owned can be removed', () => {
  for (const address of listStates()) {
    it(`${address}`, async function () {
      this.timeout(30_000);
      const definition = await loadState(address);
      if (!definition.owns) return void expect(reasonOf(address)).to.be.a('string');
      let times = 0;
      for (const { sls, files = {}, pillar = {} } of definition.examples) {
        await using folder = temporaryFolder();
        buildTree(folder.path, {
          ...machine,
          'states/example.sls': sls,
          ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`states/${path}`, text])),
          'pillar/top.sls': "base:\n  '*':\n    - values\n",
          'pillar/values.sls': JSON.stringify(pillar),
        });
        times += await undone(folder.path, address);
      }
      expect(times > 0, 'whether that can be proved below a root').to.equal(proved.includes(address));
    });
  }
});

/** How many things came and went as they should. */
async function undone(folder: string, address: string): Promise<number> {
  const folders = ['root', 'states', 'pillar'].flatMap((name) => [`--${name}`, `${folder}/${name}`]);
  const command = parseArguments(['apply', 'example', '--no-cache', ...folders]);
  if (!('verb' in command) || command.verb !== 'apply') throw new Error('no such command');
  const streams = { stdout: sink(), stderr: sink(), env: { HOME: folder }, cwd: folder, uid: 1 };
  const world = await createWorld(command.options, streams);
  const { states } = await compileNames(world, ['example']);
  const host = createOverlay(await world.host(() => {}));
  let times = 0;
  for (const runnable of states) {
    const { chunk } = runnable;
    const things = `${chunk.state}.${chunk.fun}` === address ? owned(runnable) : [];
    const missing = [];
    for (const thing of things) if (thing.absent) expect(removableKinds).to.include(thing.kind);
    for (const thing of things) if (thing.absent && (await isAbsent(thing, host))) missing.push(thing);
    if (!(await apply(runnable, host))) continue;
    for (const thing of missing) {
      expect(await isAbsent(thing, host), `${thing.name} is there`).to.equal(false);
      const removal = await removalOf(thing, chunk);
      expect(await apply(removal!, host), `${thing.name} can be removed`).to.equal(true);
      expect(await isAbsent(thing, host), `${thing.name} is gone`).to.equal(true);
    }
    if (missing.length === 0) continue;
    const plan = await planOf(runnable, host);
    expect(plan && stepsOf(plan).length, 'the state is to be done again').to.be.greaterThan(0);
    times += missing.length;
  }
  return times;
}

/** Undefined where the state cannot be reached, or looked at, below a root. */
async function planOf({ definition, args, chunk }: Runnable, host: Host) {
  try {
    const { id, sls } = chunk;
    const plan: Plan = definition.plan(args, await definition.read(args, host, { id, sls }));
    return isRefusal(plan) ? undefined : plan;
  } catch (error) {
    if (error instanceof HostTrouble) return undefined;
    throw error;
  }
}

/** Whether there was anything to do, and it went well. */
async function apply(runnable: Runnable, host: Host): Promise<boolean> {
  const plan = await planOf(runnable, host);
  for (const { effect } of plan ? stepsOf(plan) : []) {
    const { became } = await host.perform(effect);
    if (became === 'failed') return false;
  }
  return plan !== undefined && stepsOf(plan).length > 0;
}
