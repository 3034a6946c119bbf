import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { Effect, Failed, Performed, Unit, UnitEffect } from '../../engine/core/host.ts';
import { HostTrouble } from '../../engine/core/host.ts';
import { createFiles } from '../../engine/host/files.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createSystemd } from '../../engine/host/systemd.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';
import { describeLab } from '../lab/lab.ts';
import { boot, checkout, type Node } from '../lab/node.ts';

interface Told {
  readonly performed: readonly Performed[];
  readonly units: { readonly [name: string]: Unit };
  /** Commands the host ran, in order. */
  readonly commands: readonly string[];
}

/** Performs effects on a node by the real host, then looks at units. */
async function onNode(node: Node, effects: readonly Effect[], names: readonly string[] = []): Promise<Told> {
  const program = `
    import { readFileSync } from 'node:fs';
    import { createLocalHost } from '${checkout}/engine/host/local.ts';
    const { effects, names } = JSON.parse(readFileSync(0, 'utf8'));
    const commands = [];
    const emit = (event) => event.kind === 'process-started' && commands.push(event.argv.join(' '));
    const host = createLocalHost({ emit });
    const performed = [];
    for (const effect of effects) {
      if (effect.kind === 'write') effect.content = Buffer.from(effect.content);
      performed.push(await host.perform(effect));
    }
    host.expect(names.map((name) => ({ kind: 'unit', name })));
    const units = {};
    for (const name of names) units[name] = (await host.units([name])).get(name);
    console.log(JSON.stringify({ performed, units, commands }));`;
  return JSON.parse(
    await node.must(['node', '--input-type=module', '-e', program], {
      stdin: JSON.stringify({ effects, names }),
      timeout: 60,
    }),
  );
}

function service(name: string, lines: string): Effect {
  const content = `[Service]\n${lines}\n[Install]\nWantedBy=multi-user.target\n`;
  return { kind: 'write', path: `/etc/systemd/system/${name}.service`, content: content as never };
}

function act(unit: string, verb: UnitEffect['verb']): Effect {
  return { kind: 'unit', unit, verb };
}

describeLab('units of systemd', () => {
  let node: Node;
  before(async () => {
    node = await boot();
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('are seen all at once, known or not', async () => {
    const names = ['cron', 'ssh.socket', 'no-such', 'sysinit.target', 'cron.service', 'getty@tty9'];
    const { units, commands } = await onNode(node, [], names);
    expect(commands).to.have.length(1);
    expect(units['no-such']).to.include({ load: 'not-found', active: 'inactive', enabled: '' });
    expect(units['sysinit.target']).to.include({ load: 'loaded', active: 'active', enabled: 'static' });
  });

  it('start, stop, and are enabled and masked', async () => {
    const { performed, units } = await onNode(
      node,
      [
        service('good', 'ExecStart=/bin/sleep infinity'),
        act('good', 'start'),
        act('good', 'enable'),
        service('other', 'ExecStart=/bin/sleep infinity'),
        act('other', 'enable'),
        act('other', 'start'),
        act('other', 'stop'),
        act('other', 'disable'),
        act('other', 'disable'),
        service('once', 'Type=oneshot\nExecStart=/bin/true'),
        act('once.service', 'start'),
        act('once', 'restart'),
      ],
      ['good', 'other', 'once'],
    );
    expect(performed.filter(({ became }) => became !== 'done')).to.deep.equal([]);
    expect(units['good']).to.include({ active: 'active', sub: 'running', enabled: 'enabled' });
    expect(units['good']!.mainPid).to.be.greaterThan(1);
    expect(units['other']).to.include({ active: 'inactive', enabled: 'disabled' });
    expect(units['once']).to.include({ active: 'inactive', enabled: 'disabled' });
    const masked = await onNode(node, [act('cron', 'mask'), act('cron', 'start')], ['cron']);
    expect(masked.performed[1]).to.include({ became: 'failed', reason: 'cron.service is masked.' });
    const unmasked = await onNode(node, [act('cron', 'unmask')], ['cron']);
    expect(unmasked.performed[0]!.became).to.equal('done');
    expect(unmasked.units['cron']!.load).to.equal('not-found');
  });

  it('that die soon after their start are failures with their last words', async () => {
    const dying: [string, string, RegExp][] = [
      ['dies', 'ExecStart=/bin/sh -c "sleep 0.3; echo I am broken >&2; exit 3"', /failed after the start/],
      ['ends', 'ExecStart=/bin/sh -c "echo I am broken"', /ended after the start/],
      [
        'again',
        'Restart=always\nRestartSec=100ms\nExecStart=/bin/sh -c "echo I am broken; exit 1"',
        /keeps ending after the start/,
      ],
      ['never', 'ExecStartPre=/bin/sh -c "echo I am broken; exit 1"\nExecStart=/bin/true', /exit status 1/],
      ['slowly', 'Type=oneshot\nExecStart=/bin/sh -c "echo I am broken; exit 9"', /exit status 1/],
    ];
    for (const [name, lines, reason] of dying) {
      const { performed } = await onNode(node, [service(name, lines), act(name, 'start')]);
      const failed = performed[1] as Failed;
      expect(failed.became, name).to.equal('failed');
      expect(failed.reason).to.match(reason);
      expect(failed.outcome!.stderr, name).to.include('I am broken');
      expect(failed.hint).to.include(`journalctl -u ${name}.service`);
    }
    await node.run('systemctl stop again');
  });

  it('are loaded anew before each verb where their files changed, drop-ins too', async () => {
    const dropIn = (text: string): Effect => ({
      kind: 'write',
      path: '/etc/systemd/system/good.service.d/more.conf',
      content: text as never,
    });
    const { performed, commands, units } = await onNode(
      node,
      [
        act('good', 'start'),
        { kind: 'directory', path: '/etc/systemd/system/good.service.d' },
        dropIn('[Service]\nEnvironment=ONE=1\n'),
        act('good', 'restart'),
        dropIn('[Service]\nEnvironment=TWO=2\n'),
        act('good', 'restart'),
      ],
      ['good'],
    );
    expect(performed.filter(({ became }) => became !== 'done')).to.deep.equal([]);
    expect(commands.filter((command) => command.endsWith('daemon-reload'))).to.have.length(2);
    expect(units['good']!.needDaemonReload).to.equal(false);
    expect(await node.must('systemctl show -p Environment good')).to.include('TWO=2');
  });

  it('reload, and a reload that kills is a failure', async () => {
    const { performed } = await onNode(node, [
      service('reloads', 'ExecStart=/bin/sleep infinity\nExecReload=/bin/true'),
      act('reloads', 'start'),
      act('reloads', 'reload'),
      service('suicidal', 'ExecStart=/bin/sleep infinity\nExecReload=/bin/kill -KILL $MAINPID'),
      act('suicidal', 'start'),
      act('suicidal', 'reload'),
      act('no-such', 'start'),
    ]);
    expect(performed.map(({ became }) => became)).to.deep.equal([
      'done',
      'done',
      'done',
      'done',
      'done',
      'failed',
      'failed',
    ]);
    expect(performed[6]).to.include({ reason: 'There is no unit no-such.service.' });
  });
});

describe('systemd', () => {
  function answering(status: number, stdout: string, stderr: string) {
    const outcome = { status, stdout, stderr, pid: 1 };
    return createSystemd({ run: async () => outcome, runSync: () => outcome }, createFiles(undefined));
  }
  async function troubleWith(systemd: ReturnType<typeof createSystemd>, name = 'a'): Promise<string> {
    const caught = await systemd.units([name]).catch((error: unknown) => error);
    expect(caught).to.be.instanceOf(HostTrouble);
    return (caught as HostTrouble).message;
  }

  it('that does not run is told in a sentence', async () => {
    const off = "System has not been booted with systemd as init system (PID 1). Can't operate.";
    expect(await troubleWith(answering(1, '', off))).to.equal(
      'Services cannot be managed: systemd does not run here.',
    );
    expect(await troubleWith(answering(127, '', ''))).to.match(/there is no systemctl/);
  });

  it('is never asked for patterns or options', async () => {
    for (const name of ['*', '-H evil', '', 'a b', 'a\n']) {
      expect(await troubleWith(answering(0, '', ''), name)).to.match(/is not the name of a unit/);
    }
  });
});

describe('units below a root', () => {
  const there = spawnSync('systemctl', ['--version']).status === 0;
  (there ? it : it.skip)('are enabled, disabled and masked, never started (needs systemctl)', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, {
      '/etc/systemd/system/app.service':
        '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
    });
    const host = createLocalHost({ root: folder.path });
    expect((await host.units(['app'])).get('app')).to.include({ load: 'loaded', enabled: 'disabled' });
    expect((await host.perform(act('app', 'enable'))).became).to.equal('done');
    expect(host.link('/etc/systemd/system/multi-user.target.wants/app.service')).to.match(/app\.service$/);
    expect((await host.units(['app', 'none'])).get('app')!.enabled).to.equal('enabled');
    expect((await host.units(['none'])).get('none')!.load).to.equal('not-found');
    expect((await host.perform(act('app', 'disable'))).became).to.equal('done');
    expect((await host.units(['app'])).get('app')!.enabled).to.equal('disabled');
    expect(await host.perform(act('app', 'start'))).to.include({
      reason: 'app.service cannot be told to start: nothing runs below a root.',
    });
    expect((await host.perform(act('none', 'enable'))).became).to.equal('failed');
    expect((await host.perform(act('hidden', 'mask'))).became).to.equal('done');
    expect((await host.units(['hidden'])).get('hidden')).to.include({ load: 'masked', enabled: 'masked' });
  });
});
