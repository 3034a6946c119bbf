import { expect } from 'chai';
import { type Step, stepsOf } from '../../../engine/core/state.ts';
import { verdictOf, verifyArgv } from '../../../engine/modules/systemd/_verify.ts';
import unit from '../../../engine/modules/systemd/unit.ts';
import { argumentsOf } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const text = '[Service]\nExecStart=/bin/true\n';
const installed = `${text}[Install]\nWantedBy=multi-user.target\n`;
const at = '/etc/systemd/system/app.service';
const folder = { '/etc/systemd/system': { directory: true } } as const;
const file = { content: text, mode: 0o644 };
const up = { active: 'active', sub: 'running', enabled: 'enabled' };
const reload = {
  kind: 'exec',
  command: { argv: ['systemctl', '--no-ask-password', 'daemon-reload'] },
  settles: [{ about: 'unit', name: 'app.service', load: 'loaded', needDaemonReload: false }],
  foreseen: true,
};

stateTester('systemd.unit', unit, [
  {
    title: 'writes a unit, has systemd read it, enables and starts it',
    args: { name: 'app', contents: installed, running: true, enable: true },
    host: { units: {}, files: folder },
    expects: {
      changes: ['content', 'exec', 'enablement', 'state'],
      files: { [at]: { content: installed, mode: 0o644 } },
      units: { 'app.service': { active: 'active', enabled: 'enabled', load: 'loaded' } },
    },
  },
  {
    title: 'leaves alone what is so',
    args: { name: 'app.service', contents: text, running: true },
    host: { units: { app: up }, files: { [at]: file } },
    expects: { changes: [] },
  },
  {
    title: 'restarts a running unit that changed, told or not',
    args: { name: 'app', contents: text },
    host: { units: { app: up }, files: { [at]: 'old' } },
    expects: {
      changes: ['content', 'exec', 'state'],
      files: { [at]: text },
      units: { app: { active: 'active' } },
    },
  },
  {
    title: 'reloads it where told so',
    args: { name: 'app', contents: text, reload: true, init_delay: 2 },
    host: { units: { app: { ...up, canReload: true } }, files: { [at]: file, [`${at}.d/x.conf`]: '' } },
    expects: { changes: [] },
  },
  {
    title: 'leaves a running unit alone where told so',
    args: { name: 'app', contents: text, restart: false },
    host: { units: { app: up }, files: { [at]: 'old' } },
    expects: { changes: ['content', 'exec'], files: { [at]: text } },
  },
  {
    title: 'makes up for a reload and a restart that were missed',
    args: { name: 'app', contents: text, reload: true },
    host: {
      units: { app: { ...up, canReload: true, needDaemonReload: true } },
      files: { [at]: file },
    },
    expects: {
      changes: ['loaded file', 'state'],
      effects: [reload, { kind: 'unit', unit: 'app.service', verb: 'reload' }],
    },
  },
  {
    title: 'stops a unit that is not to run, and disables it',
    args: { name: 'app', contents: text, running: false, enable: false },
    host: { units: { app: up }, files: { [at]: file } },
    expects: {
      changes: ['enablement', 'state'],
      units: { app: { active: 'inactive', enabled: 'disabled' } },
    },
  },
  {
    title: 'writes a drop-in and makes its folder',
    args: { name: 'app', dropin: 'limits', sections: { Service: { LimitNOFILE: 1024 } } },
    host: { units: { app: up }, files: folder },
    expects: {
      changes: [`${at}.d`, 'content', 'exec', 'state'],
      files: { [`${at}.d/limits.conf`]: '[Service]\nLimitNOFILE=1024\n' },
    },
  },
  {
    title: 'writes sections: lists, switches, resets',
    args: {
      name: 'app',
      sections: {
        Unit: { Description: 'An app' },
        Service: { ExecStart: null, Environment: ['A=1', 'B=2'], PrivateTmp: true, Nice: -5 },
      },
    },
    host: { units: {}, files: folder },
    expects: {
      changes: ['content', 'exec'],
      files: {
        [at]: '[Unit]\nDescription=An app\n\n[Service]\nExecStart=\nEnvironment=A=1\nEnvironment=B=2\nPrivateTmp=yes\nNice=-5\n',
      },
    },
  },
  {
    title: 'starts and enables the instances of a template',
    args: { name: 'app@.service', contents: installed, instances: ['a', 'b'], running: true, enable: true },
    host: { units: { 'app@a': up }, files: folder },
    expects: {
      changes: ['content', 'exec', 'app@b.service enablement', 'app@a.service state', 'app@b.service state'],
      units: { 'app@b.service': { active: 'active', enabled: 'enabled' } },
    },
  },
  {
    title: 'restarts instances that nobody named',
    args: { name: 'app@.service', contents: text },
    host: {
      units: { 'app@x': up },
      files: { '/etc/systemd/system/app@.service': 'old' },
      answers: {
        'systemctl --no-pager --plain --no-legend --full list-units':
          '  app@x.service loaded active running X\n  apple.service loaded active running\n',
      },
    },
    expects: { changes: ['content', 'exec', 'state'], units: { 'app@x': { active: 'active' } } },
  },
  {
    title: 'restarts instances for a new drop-in of their template',
    args: { name: 'app@.service', dropin: 'x', contents: text },
    host: {
      units: { 'app@x': up },
      files: folder,
      answers: {
        'systemctl --no-pager --plain --no-legend --full list-units':
          'app@x.service loaded active running X\n',
      },
    },
    expects: {
      changes: ['/etc/systemd/system/app@.service.d', 'content', 'exec', 'state'],
      units: { 'app@x': { active: 'active' } },
    },
  },
  {
    title: 'enables a unit anew whose installation changed',
    args: { name: 'app', contents: installed, enable: true, restart: false },
    host: { units: { app: up }, files: { [at]: `${text}[Install]\nWantedBy=other.target\n` } },
    expects: {
      changes: ['content', 'exec', 'unit', 'installation'],
      units: { app: { enabled: 'enabled' } },
    },
  },
  {
    title: 'warns of a unit that cannot be enabled',
    args: { name: 'app', contents: text, enable: true },
    host: { units: {}, files: folder },
    expects: {
      changes: ['content', 'exec'],
      files: { [at]: text },
      warnings: [/cannot be enabled: it has no \[Install\]/],
    },
  },
  {
    title: 'lifts a mask where it may',
    args: { name: 'app', contents: text, unmask: true },
    host: { units: { app: { enabled: 'masked', load: 'masked' } }, files: { [at]: { link: '/dev/null' } } },
    expects: { changes: ['masked', 'content', 'exec'], files: { [at]: text } },
  },
  {
    title: 'leaves a masked unit alone',
    args: { name: 'app', contents: text },
    host: { units: { app: { enabled: 'masked', load: 'masked' } }, files: { [at]: { link: '/dev/null' } } },
    expects: { refused: 'app.service is masked.' },
  },
  {
    title: 'ends the service that holds a socket for the time of its restart',
    args: { name: 'app.socket', contents: '[Socket]\nListenStream=80\nService=other.service\n' },
    host: {
      units: { 'app.socket': up, other: up },
      files: { '/etc/systemd/system/app.socket': 'old' },
    },
    expects: {
      changes: ['content', 'exec', 'unit', 'state', 'unit'],
      units: { other: { active: 'active' }, 'app.socket': { active: 'active' } },
    },
  },
  {
    title: 'restarts a socket of which each connection has a service',
    args: { name: 'app.socket', contents: '[Socket]\nListenStream=80\nAccept=yes\n' },
    host: { units: { 'app.socket': up, app: up }, files: { '/etc/systemd/system/app.socket': 'old' } },
    expects: { changes: ['content', 'exec', 'state'], units: { app: { active: 'active' } } },
  },
  {
    title: 'runs a service that stays though its work is done',
    args: { name: 'app', contents: '[Service]\nType=oneshot\nRemainAfterExit=yes\n', running: true },
    host: { units: {}, files: folder },
    expects: { changes: ['content', 'exec', 'state'], units: { app: { active: 'active' } } },
  },
  {
    title: 'replaces a link to elsewhere, and heals mode',
    args: { name: 'app', contents: text },
    host: { units: { app: {} }, files: { [at]: { link: '/opt/app.service' } } },
    expects: { changes: ['content', 'exec'], files: { [at]: file } },
  },
  {
    title: 'heals the mode',
    args: { name: 'app', contents: text },
    host: { units: { app: {} }, files: { [at]: { content: text, mode: 0o666 } } },
    expects: { changes: ['mode'], files: { [at]: file } },
  },
  {
    title: 'writes below a root, and starts nothing there',
    args: { name: 'app', source: 'salt://app', template: 'jinja', context: { x: '/bin/true' } },
    sources: { app: '[Service]\nExecStart={{ x }}\n' },
    host: { files: folder },
    expects: { changes: ['content'], files: { [at]: text } },
  },
  {
    title: 'refuses to run anything below a root',
    args: { name: 'app', contents: text, running: true },
    host: { files: folder },
    expects: { refused: 'Nothing runs below another root than /.' },
  },
  {
    title: 'refuses what systemd would not take',
    args: { name: 'app', contents: '[Service]\nFoo=1\n' },
    host: {
      units: {},
      files: { ...folder, '/usr/bin/systemd-analyze': '' },
      answers: {
        [verifyArgv('app.service', '').join(' ')]:
          "/tmp/x\n/tmp/x/app.service:2: Unknown key 'Foo' in section [Service], ignoring.\n",
      },
    },
    expects: { refused: /line 2: Unknown key 'Foo'/ },
  },
  ...[
    [{ name: '../evil', contents: text }, /cannot be the name of a unit/],
    [{ name: 'a*', contents: text }, /cannot be the name of a unit/],
    [{ name: 'app', dropin: '../x', contents: text }, /cannot be the name of a drop-in/],
    [{ name: 'app@', instances: ['a/b'], contents: text }, /cannot be the name of a unit/],
    [{ name: 'app' }, /Exactly one of contents, sections and source/],
    [{ name: 'app', contents: text, source: 'salt://x' }, /Exactly one of/],
    [{ name: 'app', contents: text, instances: ['a'] }, /is no template/],
    [{ name: 'app@', contents: text, running: true }, /only its instances run/],
    [{ name: 'app', contents: '[Service]\nType=oneshot\n', running: true }, /ends by itself/],
    [{ name: 'app', sections: { Service: { A: 'b\nc' } } }, /one line of text/],
    [{ name: 'app', sections: { 'A]\n[B': { A: 1 } } }, /cannot be a section/],
    [{ name: 'app', sections: { A: { 'B=1\nC': 1 } } }, /cannot be a setting/],
    [{ name: 'app', sections: { A: 1 } }, /has to be a mapping/],
  ].map(([args, refused], index) => ({
    title: `refuses nonsense ${index}`,
    args: args as Record<string, unknown>,
    host: { units: {}, files: folder },
    expects: { refused: refused as RegExp },
  })),
]);

describe('systemd.unit, what systemd-analyze says (recorded of systemd 252)', () => {
  function verdict(status: number, ...lines: string[]) {
    return verdictOf({ status, stdout: ['/tmp/d', ...lines, ''].join('\n'), stderr: '', pid: 1 });
  }

  it('takes for errors what is wrong in the file, and what is refused', () => {
    expect(
      verdict(
        1,
        '/tmp/d/a.service:9: Failed to parse service restart specifier, ignoring: sometimes',
        "/tmp/d/d@.service:3: Unknown section 'Bogus'. Ignoring.",
        'b.service: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.',
        'Unit b.service has a bad unit file setting.',
      ),
    ).to.deep.equal({
      errors: [
        'line 9: Failed to parse service restart specifier, ignoring: sometimes',
        "line 3: Unknown section 'Bogus'. Ignoring.",
        'b.service: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.',
      ],
      warnings: [],
    });
  });

  it('only warns of what is not there yet', () => {
    const line = 'a.service: Command /nope/x is not executable: No such file or directory';
    expect(verdict(1, line)).to.deep.equal({ errors: [], warnings: [line] });
    expect(verdict(0, '/lib/systemd/system/other.service:3: old')).to.deep.equal({
      errors: [],
      warnings: [],
    });
  });
});

describe('systemd.unit, when something watched changed', () => {
  async function verbs(args: object, state: object, taken: readonly Step[] = []): Promise<string[]> {
    await using stage = await hostOf({ host: { units: { app: state }, files: { [at]: text } } });
    const checked = argumentsOf(unit, { name: 'app', contents: text, ...args });
    const now = await unit.read(checked, stage.host, { id: 'x', sls: 'x' });
    const plan = unit.react!(checked, now, taken);
    if ('refused' in plan) throw new Error(plan.refused);
    return stepsOf(plan).map(({ effect }) => (effect.kind === 'unit' ? effect.verb : effect.kind));
  }

  it('restarts what runs, or reloads it where told so', async () => {
    expect(await verbs({}, up)).to.deep.equal(['restart']);
    expect(await verbs({ reload: true }, { ...up, canReload: true })).to.deep.equal(['reload']);
    expect(await verbs({ reload: true }, up)).to.deep.equal(['restart']);
    expect(await verbs({}, { active: 'inactive' })).to.deep.equal([]);
  });

  it('leaves alone what it just started', async () => {
    const effect = { kind: 'unit', unit: 'app.service', verb: 'start' } as const;
    expect(await verbs({}, { ...up, name: 'app.service' }, [{ effect }])).to.deep.equal([]);
  });
});
