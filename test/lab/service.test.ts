import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';
import { applyState } from './state.ts';

function unit(command: string, section = 'Type=exec'): string {
  return `[Service]\n${section}\nExecStart=${command}\n[Install]\nWantedBy=multi-user.target\n`;
}

async function writeUnit(node: Node, name: string, text: string): Promise<void> {
  await node.write(`/etc/systemd/system/${name}.service`, text);
}

async function stateOf(node: Node, name: string): Promise<string> {
  const shown = await node.run(`systemctl show -p ActiveState,UnitFileState --value ${name}`);
  return shown.stdout.trim().replace('\n', ' ');
}

/** In a dry run and then for real: the same changes, and nothing left. */
async function expectApplied(
  node: Node,
  state: string,
  args: Record<string, unknown>,
  changes: object,
): Promise<void> {
  const foretold = await applyState(node, state, args, { dry: true });
  const done = await applyState(node, state, args);
  expect(done.failed ?? done.refused, `${state} ${JSON.stringify(args)}`).to.equal(undefined);
  expect(done.changes, state).to.deep.equal(changes);
  expect(foretold.changes, `${state} in a dry run`).to.deep.equal(changes);
  expect(done.left, state).to.deep.equal([]);
  const again = await applyState(node, state, args);
  expect(again.changes, `${state} again`).to.deep.equal({});
}

describeLab('lab: service states on systemd', () => {
  let node: Node;
  before(async () => {
    node = await boot({ name: 'svc' });
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('run, enable, stop and disable a unit that was only just written', async () => {
    await writeUnit(node, 'app', unit('/bin/sleep infinity'));
    const name = 'app';
    await expectApplied(
      node,
      'service.running',
      { name, enable: true },
      {
        enablement: ['disabled', 'enabled'],
        state: ['inactive', 'active'],
      },
    );
    expect(await stateOf(node, name)).to.equal('active enabled');
    await expectApplied(
      node,
      'service.dead',
      { name, enable: false },
      {
        enablement: ['enabled', 'disabled'],
        state: ['active', 'inactive'],
      },
    );
    expect(await stateOf(node, name)).to.equal('inactive disabled');
    await expectApplied(node, 'service.enabled', { name }, { enablement: ['disabled', 'enabled'] });
    await expectApplied(node, 'service.disabled', { name }, { enablement: ['enabled', 'disabled'] });
  });

  it('mask and unmask, for good or until the next boot', async () => {
    await node.must('mkdir -p /usr/local/lib/systemd/system');
    await node.write('/usr/local/lib/systemd/system/lib.service', unit('/bin/sleep infinity'));
    await node.must('systemctl daemon-reload');
    await expectApplied(node, 'service.masked', { name: 'lib' }, { enablement: ['disabled', 'masked'] });
    expect((await applyState(node, 'service.running', { name: 'lib' })).refused).to.match(/is masked/);
    await expectApplied(node, 'service.unmasked', { name: 'lib' }, { masked: [true, false] });
    const runtime = { name: 'lib', runtime: true };
    await expectApplied(node, 'service.masked', runtime, { enablement: ['disabled', 'masked-runtime'] });
    await expectApplied(node, 'service.unmasked', runtime, { masked: [true, false] });
    await applyState(node, 'service.masked', runtime);
    const unmasking = { name: 'lib', unmask_runtime: true };
    await expectApplied(node, 'service.running', unmasking, {
      masked: [true, false],
      state: ['inactive', 'active'],
    });
    await applyState(node, 'service.dead', { name: 'lib' });
    await expectApplied(
      node,
      'service.running',
      { name: 'lib', no_block: true },
      { state: ['inactive', 'active'] },
    );
  });

  it('a service that dies soon after its start has failed, with its last words', async () => {
    await writeUnit(node, 'dies', unit('/bin/sh -c "echo my last words; sleep 0.3; exit 7"'));
    const { failed } = await applyState(node, 'service.running', { name: 'dies' });
    expect(failed).to.match(/^dies(\.service)? failed after the start\.$/);
  });

  it('a unit that is not there is refused, or already dead', async () => {
    for (const state of ['service.running', 'service.enabled']) {
      expect((await applyState(node, state, { name: 'nosuch' })).refused, state).to.match(
        /nosuch.* is not available/,
      );
    }
    for (const state of ['service.dead', 'service.disabled', 'service.unmasked']) {
      expect((await applyState(node, state, { name: 'nosuch' })).changes, state).to.deep.equal({});
    }
  });

  it('static units are left as they are, with a warning', async () => {
    const { warnings, changes } = await applyState(node, 'service.enabled', { name: 'dbus' });
    expect(changes).to.deep.equal({});
    expect(warnings.join()).to.include('no [Install] section');
  });

  it('sockets and timers are units like others', async () => {
    await node.write(
      '/etc/systemd/system/tick.timer',
      '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
    );
    await writeUnit(node, 'tick', '[Service]\nType=oneshot\nExecStart=/bin/true\n');
    await expectApplied(
      node,
      'service.running',
      { name: 'tick.timer', enable: true },
      {
        enablement: ['disabled', 'enabled'],
        state: ['inactive', 'active'],
      },
    );
  });

  it('a dry run knows that a unit goes with its package', async () => {
    await node.install(['cron']);
    await node.write(
      '/srv/states/purge.sls',
      [
        'cron:',
        '  pkg.purged',
        'no cron:',
        '  service.dead:',
        '    - name: cron',
        '    - enable: false',
        '    - require:',
        '      - pkg: cron',
        '',
      ].join('\n'),
    );
    async function changesOfDead(...words: string[]): Promise<object> {
      const { stdout } = await node.run(
        [`${checkout}/converge`, 'apply', 'purge', '--states', '/srv/states', '--json', ...words],
        { timeout: 120 },
      );
      const { results } = JSON.parse(stdout) as { results: { id: string; changes: object }[] };
      return results.find((one) => one.id === 'no cron')!.changes;
    }
    expect(await changesOfDead('--test')).to.deep.equal({});
    expect(await changesOfDead()).to.deep.equal({});
    expect(await stateOf(node, 'cron')).to.match(/^inactive/);
  });
});
