import { expect } from 'chai';
import type { Host } from '../../engine/core/host.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { treeOf } from '../helpers/folders.ts';
import { type HostData, hostOf } from '../helpers/state-tester.ts';

async function above(data: HostData, check: (overlay: Host, base: Host) => Promise<void>): Promise<void> {
  await using stage = await hostOf({ host: data });
  const before = treeOf(stage.folder);
  await check(createOverlay(stage.host, { now: 1000 }), stage.host);
  expect(treeOf(stage.folder), 'the base is only read').to.deep.equal(before);
}

function write(path: string, content = 'x', more: object = {}) {
  return { kind: 'write' as const, path, content: Buffer.from(content), ...more };
}

describe('the overlay', () => {
  it('shows what was changed merged with what is there', () =>
    above({ files: { '/d/a': 'a', '/d/b': 'b', '/l': { link: 'd' } } }, async (overlay) => {
      await overlay.perform(write('/l/c', 'c'));
      await overlay.perform({ kind: 'remove', path: '/d/a' });
      expect(overlay.list('/l')).to.deep.equal(['b', 'c']);
      expect(overlay.content('/d/c')!.toString()).to.equal('c');
      expect(overlay.content('/l/a')).to.equal(undefined);
      expect(overlay.stat('/d/c')).to.include({ size: 1, mtime: 1000, kind: 'file' });
      expect(overlay.resolve('/l/c')).to.equal('/d/c');
    }));

  it('hides what lies below something removed', () =>
    above({ files: { '/d/e/f': 'old' } }, async (overlay) => {
      await overlay.perform({ kind: 'remove', path: '/d' });
      await overlay.perform({ kind: 'directory', path: '/d' });
      expect(overlay.stat('/d/e')).to.equal(undefined);
      expect(overlay.list('/d')).to.deep.equal([]);
      await overlay.perform({ kind: 'remove', path: '/d' });
      await overlay.perform({ kind: 'link', path: '/d', target: '/new' });
      await overlay.perform({ kind: 'directory', path: '/new' });
      await overlay.perform(write('/d/g'));
      expect(overlay.list('/new')).to.deep.equal(['g']);
    }));

  it('serves changed files as sources', () =>
    above({ files: { '/f': 'old' } }, async (overlay) => {
      expect(overlay.source('/f')).to.have.property('content').that.deep.equals(Buffer.from('old'));
      await overlay.perform(write('/f', 'new', { mode: 0o600 }));
      expect(overlay.source('file:///f')).to.deep.include({ content: Buffer.from('new'), mode: 0o600 });
      expect(overlay.source('/g')).to.deep.equal({ missing: '/g does not exist' });
    }));

  it('knows users that an earlier state would have written', () =>
    above({ users: { bob: 1000 } }, async (overlay) => {
      expect((await overlay.perform(write('/f', 'x', { user: 'eve' }))).became).to.equal('failed');
      await overlay.perform(write('/etc/passwd', 'eve:x:1001:1001::/:/bin/sh\n'));
      expect((await overlay.perform(write('/f', 'x', { user: 'eve' }))).became).to.equal('predicted');
      expect(overlay.stat('/f')!.uid).to.equal(1001);
    }));

  it('believes what a command leaves of accounts, record by record', () => {
    const files = {
      '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nbob:x:1000:1000::/home/bob:/bin/sh\n',
      '/etc/group': 'root:x:0:\nbob:x:1000:',
      '/etc/shadow': { content: 'root:*:1::::::\n', mode: 0o640 },
      '/etc/gshadow': 'root:*::\n',
    };
    return above({ files }, async (overlay) => {
      const settles = [
        ['/etc/passwd', 'bob', 'bob:x:1005:100:Bob:/home/bob:/bin/bash'],
        ['/etc/passwd', 'eve', 'eve:x:1001:1001::/home/eve:/bin/sh'],
        ['/etc/group', 'bob', null],
        ['/etc/group', 'eve', 'eve:x:1001:bob,eve'],
        ['/etc/shadow', 'eve', 'eve:!:20000:0:99999:7:::'],
        ['/etc/gshadow', 'eve', 'eve:!::bob,eve'],
      ].map(([file, key, record]) => ({ about: 'record' as const, file: file!, key: key!, record: record! }));
      const command = { argv: ['made-up'] };
      const performed = await overlay.perform({ kind: 'exec', command, settles, foreseen: true });
      expect(performed).to.deep.equal({ became: 'predicted' });
      expect(overlay.users().map(({ name, uid }) => `${name} ${uid}`)).to.deep.equal([
        'root 0',
        'bob 1005',
        'eve 1001',
      ]);
      expect(overlay.user(1000)).to.equal(undefined);
      expect(overlay.user('bob')).to.include({ gecos: 'Bob', shell: '/bin/bash', gid: 100 });
      expect(overlay.groups().map(({ name }) => name)).to.deep.equal(['root', 'eve']);
      expect(overlay.group('bob')).to.equal(undefined);
      expect(overlay.group(1001)!.members).to.deep.equal(['bob', 'eve']);
      expect(overlay.shadow('eve')).to.include({ password: '!', lastChange: 20000, maxDays: 99999 });
      expect(overlay.shadow('eve')!.expire).to.equal(undefined);
      expect(overlay.content('/etc/gshadow')!.toString()).to.equal('root:*::\neve:!::bob,eve\n');
      expect(overlay.stat('/etc/shadow')).to.include({ mode: 0o640 });
      await overlay.perform({
        kind: 'exec',
        command,
        settles: [{ about: 'record', file: '/etc/passwd', key: 'eve', record: null }],
      });
      expect(overlay.user('eve')).to.equal(undefined);
    });
  });

  it('still knows accounts from elsewhere when those of the files changed', () =>
    above({ users: { bob: 1000 } }, async (_, base) => {
      const alice = { name: 'alice', uid: 7000, gid: 7000, home: '/home/alice', shell: '/bin/sh', gecos: '' };
      const directory = [...base.users(), alice];
      const overlay = createOverlay({
        ...base,
        user: (key) => directory.find(({ name, uid }) => name === key || uid === key),
      });
      const removal = { about: 'record' as const, file: '/etc/passwd', key: 'bob', record: null };
      await overlay.perform({ kind: 'exec', command: { argv: ['made-up'] }, settles: [removal] });
      expect(overlay.user('alice')).to.equal(alice);
      expect(overlay.user(7000)).to.equal(alice);
      expect(overlay.user('bob')).to.equal(undefined);
    }));

  it('presumes commands and believes what they settle', () =>
    above({ packages: { old: '1' }, units: { app: { active: 'inactive' } } }, async (overlay, base) => {
      const performed = await overlay.perform({
        kind: 'exec',
        command: { argv: ['rm', '-rf', '/'] },
        settles: [
          { about: 'package', name: 'new', version: '2' },
          { about: 'package', name: 'old', version: null },
          { about: 'unit', name: 'app', active: 'active' },
          { about: 'unit', name: 'fresh', enabled: 'enabled' },
        ],
      });
      expect(performed).to.deep.equal({ became: 'presumed' });
      const packages = await overlay.packages();
      expect(packages.get('new')).to.include({ version: '2', state: 'installed' });
      expect(packages.has('old')).to.equal(false);
      const units = await overlay.units(['app', 'fresh.service', 'none']);
      expect(units.get('app')).to.include({ active: 'active' });
      expect(units.get('fresh.service')).to.include({ load: 'loaded', enabled: 'enabled' });
      expect(units.get('none')).to.include({ load: 'not-found' });
      expect((await base.packages()).has('old')).to.equal(true);
    }));

  it('models verbs of units', () =>
    above({ units: { app: {}, hidden: { load: 'masked', enabled: 'masked' } } }, async (overlay) => {
      const act = async (
        unit: string,
        verb: 'start' | 'stop' | 'enable' | 'disable' | 'mask' | 'unmask' | 'reload',
      ) => await overlay.perform({ kind: 'unit', unit, verb });
      expect((await act('app', 'reload')).became).to.equal('failed');
      for (const verb of ['start', 'enable', 'reload'] as const)
        expect((await act('app', verb)).became).to.equal('predicted');
      expect((await overlay.units(['app'])).get('app')).to.include({ active: 'active', enabled: 'enabled' });
      await act('app.service', 'stop');
      expect((await overlay.units(['app'])).get('app')).to.include({
        active: 'inactive',
        enabled: 'enabled',
      });
      expect(await act('hidden', 'start')).to.include({ reason: 'hidden is masked.' });
      await act('hidden', 'unmask');
      expect((await act('hidden', 'start')).became).to.equal('predicted');
      expect(await act('none', 'start')).to.include({ reason: 'There is no unit none.' });
      await overlay.perform({ kind: 'directory', path: '/etc' });
      await overlay.perform({ kind: 'directory', path: '/etc/systemd' });
      await overlay.perform({ kind: 'directory', path: '/etc/systemd/system' });
      await overlay.perform(write('/etc/systemd/system/none.service'));
      expect((await act('none', 'start')).became).to.equal('predicted');
    }));

  it('keeps environment and memory to itself', () =>
    above({ environment: { A: '1' } }, async (overlay, base) => {
      await overlay.perform({ kind: 'environ', set: { A: null, B: '2' } });
      await overlay.perform({ kind: 'remember', topic: 't', values: ['x'] });
      await overlay.perform({ kind: 'remember', topic: 't', values: ['y'] });
      expect(overlay.environment()).to.include({ B: '2', A: undefined });
      expect(overlay.recall('t')).to.deep.equal(['x', 'y']);
      expect(base.recall('t')).to.deep.equal([]);
      const { stdout } = await overlay.probe({
        argv: ['echo ${A-gone} $B'],
        shell: '/bin/sh',
        belowRoot: true,
      });
      expect(stdout).to.equal('gone 2\n');
    }));

  it('plays what is simulated', () =>
    above({}, async (overlay) => {
      const became = async (effect: object) =>
        (await overlay.perform({ kind: 'simulate', ...effect } as never)).became;
      expect(await became({ outcome: 'done' })).to.equal('predicted');
      expect(await became({ outcome: 'failed' })).to.equal('failed');
      expect(await became({ outcome: 'failed', surprise: true })).to.equal('done');
    }));

  it('is the same each time', () =>
    above({ files: { '/d/f': 'x' } }, async (overlay, base) => {
      const other = createOverlay(base, { now: 1000 });
      for (const host of [overlay, other]) {
        await host.perform(write('/d/g'));
        await host.perform({ kind: 'move', from: '/d', path: '/e' });
      }
      expect(overlay.stat('/e/g')).to.deep.equal(other.stat('/e/g'));
      expect(overlay.list('/e')).to.deep.equal(other.list('/e'));
    }));
});
