/** What a dry run knows after commands that say what they settle. */
import { expect } from 'chai';
import type { Host, Performed, Settled } from '../../engine/core/host.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { treeOf } from '../helpers/folders.ts';
import { type HostData, hostOf } from '../helpers/state-tester.ts';

async function above(data: HostData, check: (overlay: Host, base: Host) => Promise<void>): Promise<void> {
  await using stage = await hostOf({ host: data });
  const before = treeOf(stage.folder);
  await check(createOverlay(stage.host, { now: 1000 }), stage.host);
  expect(treeOf(stage.folder), 'the base is only read').to.deep.equal(before);
}

function settle(overlay: Host, settles: readonly Settled[], foreseen?: boolean): Promise<Performed> {
  const command = { argv: ['no-such-tool'] };
  return overlay.perform({ kind: 'exec', command, settles, ...(foreseen === undefined ? {} : { foreseen }) });
}

function record(file: string, key: string, text: string | null): Settled {
  return { about: 'record', file, key, record: text };
}

const passwd = 'root:x:0:0::/root:/bin/sh\nbob:x:1000:1000:Bob:/home/bob:/bin/sh\n';

describe('what commands settle, in a dry run', () => {
  it('is all there is to know where it says so', () =>
    above({}, async (overlay) => {
      const file: Settled = { about: 'file', effect: { kind: 'directory', path: '/made' } };
      expect(await settle(overlay, [file], true)).to.deep.equal({ became: 'predicted' });
      expect(await settle(overlay, [file])).to.deep.equal({ became: 'presumed' });
      expect(await settle(overlay, [file], false)).to.deep.equal({ became: 'presumed' });
      expect(overlay.stat('/made')).to.include({ kind: 'directory' });
    }));

  it('adds, replaces and removes records where they stand', () =>
    above({ files: { '/etc/passwd': passwd } }, async (overlay) => {
      const lines = () => overlay.content('/etc/passwd')!.toString().trimEnd().split('\n');
      await settle(overlay, [record('/etc/passwd', 'eve', 'eve:x:1001:1001::/home/eve:/bin/sh')]);
      expect(lines().map((line) => line.split(':')[0])).to.deep.equal(['root', 'bob', 'eve']);
      expect(overlay.user('eve')).to.include({ uid: 1001, home: '/home/eve' });
      await settle(overlay, [record('/etc/passwd', 'bob', 'bob:x:1000:1000:Robert:/home/bob:/bin/bash')]);
      expect(lines().map((line) => line.split(':')[0])).to.deep.equal(['root', 'bob', 'eve']);
      expect(overlay.user(1000)).to.include({ gecos: 'Robert', shell: '/bin/bash' });
      await settle(overlay, [record('/etc/passwd', 'bob', null), record('/etc/passwd', 'none', null)]);
      expect(lines().map((line) => line.split(':')[0])).to.deep.equal(['root', 'eve']);
      expect(overlay.user('bob')).to.equal(undefined);
      expect(overlay.users().map(({ name }) => name)).to.deep.equal(['root', 'eve']);
    }));

  it('takes a key for the whole first field', () =>
    above({ files: { '/etc/group': 'adm:x:4:\nadmin:x:5:\nx-adm:x:6:\n' } }, async (overlay) => {
      await settle(overlay, [record('/etc/group', 'adm', null)]);
      expect(overlay.content('/etc/group')!.toString()).to.equal('admin:x:5:\nx-adm:x:6:\n');
      expect(overlay.groups().map(({ gid }) => gid)).to.deep.equal([5, 6]);
    }));

  it('leaves the bytes of other records alone', async () => {
    const latin = Buffer.from('root:x:0:0:Büro:/root:/bin/sh\n', 'latin1');
    await above({ files: { '/etc/passwd': latin } }, async (overlay) => {
      await settle(overlay, [record('/etc/passwd', 'eve', 'eve:x:1:1:Évelyne:/:/bin/sh')]);
      const added = Buffer.from('eve:x:1:1:Évelyne:/:/bin/sh\n');
      expect(overlay.content('/etc/passwd')).to.deep.equal(Buffer.concat([latin, added]));
      expect(overlay.user('eve')!.gecos).to.equal('Évelyne');
    });
  });

  it('makes the file of the first record, and keeps owner and mode of one that is there', () =>
    above({ files: { '/etc/shadow': { content: 'root:*:1::::::\n', mode: 0o640 } } }, async (overlay) => {
      await settle(overlay, [record('/etc/shadow', 'eve', 'eve:!:2::::::')]);
      expect(overlay.stat('/etc/shadow')).to.include({ mode: 0o640 });
      expect(overlay.shadow('eve')).to.include({ password: '!', lastChange: 2 });
      await settle(overlay, [record('/etc/gshadow', 'eve', 'eve:!::')]);
      expect(overlay.content('/etc/gshadow')!.toString()).to.equal('eve:!::\n');
    }));

  it('lets later states see files as they would be', () =>
    above({ users: { bob: 1000 }, files: { '/home': { directory: true } } }, async (overlay) => {
      await settle(overlay, [
        record('/etc/passwd', 'eve', 'eve:x:1001:1001::/home/eve:/bin/sh'),
        record('/etc/group', 'eve', 'eve:x:1001:'),
        {
          about: 'file',
          effect: { kind: 'directory', path: '/home/eve', user: 'eve', group: 'eve', mode: 0o700 },
        },
      ]);
      expect(overlay.stat('/home/eve')).to.include({ kind: 'directory', uid: 1001, gid: 1001, mode: 0o700 });
      const content = Buffer.from('set -o vi\n');
      const write = { kind: 'write', path: '/home/eve/.profile', content, user: 'eve' } as const;
      expect(await overlay.perform(write)).to.deep.equal({ became: 'predicted' });
      await settle(overlay, [{ about: 'file', effect: { kind: 'remove', path: '/home/eve' } }]);
      expect(overlay.stat('/home/eve/.profile')).to.equal(undefined);
    }));

  it('fails as the real tool would where a file cannot come to be', () =>
    above({ files: { '/file': 'x' } }, async (overlay) => {
      const performed = await settle(
        overlay,
        [{ about: 'file', effect: { kind: 'directory', path: '/file/below' } }],
        true,
      );
      expect(performed.became).to.equal('failed');
    }));

  it('answers what is asked from then on, to exactly that question', () =>
    above({ answers: { 'ip -j addr': '[]', 'ip -j link': '[1]' } }, async (overlay, base) => {
      const command = { argv: ['ip', '-j', 'addr'] };
      expect((await overlay.ask(command)).stdout).to.equal('[]');
      await settle(overlay, [{ about: 'answer', command, stdout: '["up"]' }], true);
      expect(await overlay.ask({ argv: ['ip', '-j', 'addr'] })).to.include({ status: 0, stdout: '["up"]' });
      expect((await overlay.ask({ argv: ['ip', '-j', 'link'] })).stdout).to.equal('[1]');
      expect((await base.ask(command)).stdout).to.equal('[]');
      await settle(overlay, [{ about: 'answer', command, stdout: '["down"]' }], true);
      expect((await overlay.ask(command)).stdout).to.equal('["down"]');
      const further = createOverlay(overlay);
      expect((await further.ask(command)).stdout, 'above a dry run').to.equal('["down"]');
    }));

  it('is not known of waiting, which changes nothing', () =>
    above({}, async (overlay) => {
      const target = { kind: 'tcp', host: '127.0.0.1', port: 1 } as const;
      const began = performance.now();
      const performed = await overlay.perform({ kind: 'await', target, timeout: 60, every: 1 });
      expect(performed).to.deep.equal({ became: 'presumed' });
      expect(performance.now() - began).to.be.lessThan(1000);
    }));
});
