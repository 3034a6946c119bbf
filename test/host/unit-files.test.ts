import { expect } from 'chai';
import type { Reader } from '../../engine/core/host.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { enablementOf, ownsFile } from '../../engine/host/unit-files.ts';
import { hostOf } from '../helpers/state-tester.ts';

const fragment = '/usr/lib/systemd/system/app.service';

async function inDryRun(check: (overlay: ReturnType<typeof createOverlay>) => Promise<void>): Promise<void> {
  await using stage = await hostOf({
    host: {
      files: {
        [fragment]: '',
        '/etc/systemd/system/own.service': '',
        '/var/lib/dpkg/info/app:amd64.list': '/.\n/lib\n/lib/systemd/system/app.service\n',
        '/var/lib/dpkg/info/app.md5sums': '/etc/systemd/system/own.service\n',
      },
      packages: { app: '1', other: '1' },
      units: {
        app: { active: 'active', enabled: 'enabled', fragment },
        own: { active: 'active', enabled: 'enabled', fragment: '/etc/systemd/system/own.service' },
      },
    },
  });
  await check(createOverlay(stage.host));
}

async function loads(overlay: ReturnType<typeof createOverlay>): Promise<string[]> {
  return [...(await overlay.units(['app', 'own'])).values()].map((unit) => `${unit.load} ${unit.active}`);
}

describe('unit files in a dry run', () => {
  it('go with the package that brought them', () =>
    inDryRun(async (overlay) => {
      const command = { argv: ['apt-get'] };
      const without = (name: string) => ({ about: 'package', name, version: null }) as const;
      await overlay.perform({ kind: 'exec', command, settles: [without('other')] });
      expect(await loads(overlay)).to.deep.equal(['loaded active', 'loaded active']);
      await overlay.perform({ kind: 'exec', command, settles: [without('app')] });
      expect(await loads(overlay)).to.deep.equal(['not-found inactive', 'loaded active']);
    }));

  it('go when they are removed, and what they hid comes to light', () =>
    inDryRun(async (overlay) => {
      await overlay.perform({ kind: 'remove', path: '/etc/systemd/system/own.service' });
      expect(await loads(overlay)).to.deep.equal(['loaded active', 'not-found inactive']);
      const content = Buffer.from('[Service]\n');
      await overlay.perform({ kind: 'write', path: '/usr/lib/systemd/system/own.service', content });
      expect((await overlay.units(['own'])).get('own')).to.include({ load: 'loaded', enabled: 'static' });
    }));

  it('that are new can be enabled where they say how', () =>
    inDryRun(async (overlay) => {
      const content = Buffer.from('[Service]\n[Install]\nWantedBy=x\n');
      await overlay.perform({ kind: 'write', path: '/etc/systemd/system/new@.service', content });
      expect((await overlay.units(['new@1'])).get('new@1')).to.include({
        load: 'loaded',
        enabled: 'disabled',
      });
    }));
});

describe('enablementOf', () => {
  it('goes by [Install]', () => {
    expect(enablementOf('[Unit]\n [Install] \nWantedBy=x')).to.equal('disabled');
    expect(enablementOf('[Unit]\n#[Install]\nWantedBy=x')).to.equal('static');
  });
});

describe('ownsFile', () => {
  it('asks rpm where there is no dpkg', async () => {
    const asked: string[] = [];
    const look = {
      list: () => undefined,
      content: () => undefined,
      async ask({ argv }: { readonly argv: readonly string[] }) {
        asked.push(argv.join(' '));
        return { status: 0, stdout: `/usr/bin/app\n${fragment}\n`, stderr: '', pid: 1 };
      },
    } satisfies Pick<Reader, 'list' | 'content' | 'ask'>;
    expect(await ownsFile('app', fragment, look)).to.equal(true);
    expect(await ownsFile('app', '/usr/lib/systemd/system/other.service', look)).to.equal(false);
    expect(asked[0]).to.equal('rpm -ql -- app');
  });
});
