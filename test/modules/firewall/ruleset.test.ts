import { expect } from 'chai';
import { type Planned, stepsOf } from '../../../engine/core/state.ts';
import { bootText, unitText } from '../../../engine/modules/firewall/_boot.ts';
import { type Listing, listCommand, listingOf } from '../../../engine/modules/firewall/_listing.ts';
import { textOf } from '../../../engine/modules/firewall/_text.ts';
import { trialArgv } from '../../../engine/modules/firewall/_trial.ts';
import { type Wanted, wantedOf } from '../../../engine/modules/firewall/_wanted.ts';
import ruleset from '../../../engine/modules/firewall/ruleset.ts';
import { argumentsOf, planOf } from '../../helpers/apply.ts';
import { type HostData, hostOf, type StateCase, stateTester } from '../../helpers/state-tester.ts';
import { answers, listed, small, text, versions } from './machine.ts';

function textFor(args: Record<string, unknown>): string {
  const wanted = wantedOf(argumentsOf(ruleset, args));
  if ('refused' in wanted) throw new Error(wanted.refused);
  return textOf(wanted).text;
}

function listing(json: string): Listing {
  return listingOf({ status: 0, stdout: json, stderr: '', pid: 0 }) as Listing;
}

const paths = {
  ruleset: '/etc/converge/firewall.nft',
  unit: '/etc/systemd/system/converge-firewall.service',
  wants: '/etc/systemd/system/sysinit.target.wants/converge-firewall.service',
  too: '/etc/systemd/system/nftables.service.wants/converge-firewall.service',
};
const written = bootText(textFor(small), listing(listed()));
const unit = unitText('/usr/sbin/nft');
const booted = {
  [paths.ruleset]: { content: written, mode: 0o600 },
  [paths.unit]: unit,
  [paths.wants]: { link: paths.unit },
  [paths.too]: { link: paths.unit },
} as const;
const table = [
  ...['set members_4', 'elements of set members_4', 'set members_6', 'elements of set members_6'],
  ...['set nobody_4', 'set nobody_6', 'set input.allow.1.4', 'set input.allow.1.6'],
  ...['chain refused', 'chain input'],
];
const there = { json: listed(), text };
const removal = 'table inet converge\ndelete table inet converge\n';

/** What a run from elsewhere finds there, and what it comes to. */
const less = listed().replace('"10.77.0.11",', '').replace('"fd00:77::"', '"fd00:78::"');
const measured = { elem: { val: '192.0.2.1', expires: 59, limit: { rate: 10, per: 'minute', inv: true } } };
const counted = listed()
  .replace('"packets":0,"bytes":0', '"packets":17,"bytes":1234')
  .replaceAll(/"handle":(\d+)/g, '"handle":9$1')
  .replace('"name":"input.allow.1.4",', (name) => `${name}"elem":[${JSON.stringify(measured)}],`);
const opened = listed().replace('"policy":"drop"', '"policy":"accept"');
const session = { SSH_CONNECTION: '192.0.2.9 50000 198.51.100.11 22' };
const sshd = 'LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))\n';

stateTester('firewall.ruleset', ruleset, [
  {
    title: 'makes the table, and what loads it at boot',
    args: small,
    host: { answers: answers({}) },
    expects: {
      changes: [
        ...table,
        ...['/etc', '/etc/converge', '/etc/systemd', '/etc/systemd/system'],
        ...['/etc/systemd/system/sysinit.target.wants', '/etc/systemd/system/nftables.service.wants'],
        ...[paths.ruleset, paths.unit, 'at boot', 'with nftables.service'],
      ],
      files: {
        [paths.ruleset]: { content: written, mode: 0o600 },
        [paths.unit]: { content: unit, mode: 0o644 },
        [paths.wants]: { link: paths.unit },
      },
    },
  },
  {
    title: 'has systemd know of the unit',
    args: small,
    host: {
      files: { ...booted, [paths.unit]: 'old', '/run/systemd/system': { directory: true } },
      units: { 'converge-firewall': {} },
      answers: answers(there),
    },
    expects: {
      changes: [paths.unit, 'exec', 'unit'],
      units: { 'converge-firewall.service': { active: 'active', needDaemonReload: false } },
    },
  },
  {
    title: 'leaves alone what is so, whatever was counted',
    args: small,
    host: { files: booted, answers: answers({ json: counted, wanted: 'not asked' }) },
    expects: { changes: [] },
  },
  {
    title: 'adds and deletes elements where nothing else differs',
    args: small,
    host: { files: booted, answers: answers({ json: less, text: 'the old text\n' }) },
    expects: {
      changes: ['elements of set members_4', 'elements of set members_6'],
      effects: [
        {
          kind: 'exec',
          command: {
            argv: ['nft', '-f', '-'],
            stdin: [
              'delete element inet converge members_6 {\nfd00:78::/64\n}\n',
              'add element inet converge members_4 {\n10.77.0.11\n}\n',
              'add element inet converge members_6 {\nfd00:77::/64\n}\n',
            ].join(''),
          },
          undo: { argv: ['nft', '-f', '-'], stdin: `${removal}the old text\n` },
          settles: [
            {
              about: 'answer',
              command: listCommand,
              stdout: `${listed()}\n`,
            },
          ],
          foreseen: true,
        },
      ],
    },
  },
  {
    title: 'replaces the table where a chain differs',
    args: small,
    host: {
      files: booted,
      answers: answers({ json: opened, text: text.replace('policy drop', 'policy accept') }),
    },
    expects: { changes: ['chain input'], files: { [paths.ruleset]: written } },
  },
  {
    title: 'only writes the file where only that differs',
    args: small,
    host: {
      files: { ...booted, [paths.ruleset]: { content: `${written}# mine\n`, mode: 0o600 } },
      answers: answers(there),
    },
    expects: { changes: [paths.ruleset], files: { [paths.ruleset]: written } },
  },
  {
    title: 'lets nobody else write what is loaded at boot',
    args: small,
    host: {
      files: { ...booted, [paths.ruleset]: { content: written, mode: 0o666 } },
      answers: answers(there),
    },
    expects: { changes: [`mode of ${paths.ruleset}`], files: { [paths.ruleset]: { mode: 0o600 } } },
  },
  {
    title: 'tells of tables of others that drop what is allowed here',
    args: small,
    host: {
      files: booted,
      answers: {
        ...answers({ json: opened }),
        'nft -j list chains':
          '{"nftables": [{"metainfo": {}}, {"chain": {"family": "ip", "table": "filter", "name": "INPUT", "hook": "input", "policy": "drop"}}, {"chain": {"family": "inet", "table": "converge", "name": "input", "hook": "input", "policy": "drop"}}, {"chain": {"family": "ip", "table": "x", "name": "y", "hook": "input", "policy": "accept"}}]}',
      },
    },
    expects: {
      changes: ['chain input'],
      files: {},
      warnings: [
        'The chain INPUT of the table ip filter drops what it does not know, whatever is allowed here.',
      ],
    },
  },
  {
    title: 'leaves the file alone that was written when nft had another version',
    args: small,
    host: {
      files: booted,
      answers: answers({ json: listed('1.1.3'), wanted: listed('1.1.3') }),
    },
    expects: { changes: [] },
  },
  {
    title: 'removes what loads it at boot where it is only for now',
    args: { ...small, persist: false },
    host: { files: booted, answers: answers(there) },
    expects: {
      changes: ['at boot', 'remove', 'with nftables.service', 'remove', paths.unit, paths.ruleset],
      files: { [paths.ruleset]: null, [paths.unit]: null, [paths.wants]: null },
    },
  },
  {
    title: 'only has files below another root',
    args: small,
    host: {
      files: {
        '/etc/systemd/system/sysinit.target.wants': { directory: true },
        '/etc/converge': { directory: true },
      },
    },
    expects: {
      changes: [
        '/etc/systemd/system/nftables.service.wants',
        ...[paths.ruleset, paths.unit, 'at boot', 'with nftables.service'],
      ],
      files: { [paths.ruleset]: bootText(textFor(small), undefined) },
    },
  },
  {
    title: 'needs nft',
    args: small,
    host: { answers: {} },
    expects: { refused: 'The firewall cannot be seen: there is no nft here.' },
  },
  {
    title: 'needs to try the text out',
    args: small,
    host: { answers: { 'nft -j list table inet converge': '' } },
    expects: { refused: 'The ruleset cannot be tried out: there is no unshare here.' },
  },
  ...rivals(),
  ...lockouts(),
  ...wrong(),
]);

function rivals(): StateCase[] {
  const host = (files: HostData['files'], units: HostData['units'] = {}): HostData => ({
    files: { ...booted, ...files },
    units,
    answers: answers(there),
  });
  const firewalld = { '/usr/lib/systemd/system/firewalld.service': '' };
  const on = { active: 'active', enabled: 'enabled' };
  const ufw = { '/etc/ufw/ufw.conf': '# mine\nENABLED=yes\nLOGLEVEL=low\n' };
  return [
    {
      title: 'does not work beside firewalld',
      args: small,
      host: host(firewalld, { firewalld: on }),
      expects: { refused: 'firewalld sets up a firewall here already.' },
    },
    {
      title: 'takes over from firewalld and ufw',
      args: { ...small, take_over: true },
      host: host({ ...firewalld, ...ufw }, { firewalld: on }),
      expects: {
        changes: ['firewalld.service state', 'firewalld.service enablement', 'ufw'],
        units: { firewalld: { active: 'inactive', enabled: 'disabled' } },
        files: { '/etc/ufw/ufw.conf': '# mine\nENABLED=no\nLOGLEVEL=low\n' },
      },
    },
    {
      title: 'flushes what netfilter-persistent loaded',
      args: { ...small, take_over: true },
      host: host(
        { '/lib/systemd/system/netfilter-persistent.service': '', '/etc/ufw/ufw.conf': 'ENABLED=no\n' },
        { 'netfilter-persistent': on },
      ),
      expects: {
        changes: [
          'rules of iptables',
          'netfilter-persistent.service state',
          'netfilter-persistent.service enablement',
        ],
        units: { 'netfilter-persistent': { active: 'inactive', enabled: 'disabled' } },
      },
    },
    {
      title: 'does not mind what is installed and off',
      args: small,
      host: host(
        { ...firewalld, '/usr/lib/systemd/system/iptables.service': '' },
        { firewalld: {}, iptables: {} },
      ),
      expects: { changes: [] },
    },
  ];
}

function lockouts(): StateCase[] {
  const refused = (
    title: string,
    allow: readonly object[] | undefined,
    host: HostData & { readonly ss?: string },
    message: string,
    args: object = {},
  ): StateCase => ({
    title: `refuses ${title}`,
    args: { ...small, allow, ...args },
    host: { ...host, files: { ...booted, ...host.files }, answers: answers({ ss: host.ss ?? '', json: '' }) },
    expects: { refused: message },
  });
  const fine = (
    title: string,
    allow: readonly object[],
    host: HostData & { readonly ss?: string },
    args = {},
  ): StateCase => ({
    title: `lets ${title} pass`,
    args: { ...small, allow, ...args, persist: false },
    host: { ...host, answers: answers({ ss: host.ss ?? sshd, json: opened }) },
    expects: { changes: ['chain input'], files: {} },
  });
  const all = { service: 'ssh' };
  const dropped = (port: number): string =>
    `sshd listens on port ${port}, which the ruleset drops for everybody.`;
  const cut = 'The ssh session of this run comes from 192.0.2.9 to port 22 of eth0, which the ruleset drops.';
  const inherited = {
    '/proc/self/stat': '5 (node (x) 1) S 4 5 5 0\n',
    '/proc/4/stat': '4 (sudo) S 3 4 4 0\n',
    '/proc/4/environ': 'A=1\0',
    '/proc/3/environ': 'B=1\0SSH_CONNECTION=192.0.2.9 50000 ::ffff:198.51.100.11 22\0',
  };
  return [
    refused('to drop the port of sshd', [], { ss: sshd }, dropped(22)),
    refused('to drop it where nothing is allowed at all', undefined, { ss: sshd }, dropped(22)),
    refused('to let in nobody', [{ ...all, from: ['nobody'] }], { ss: sshd }, dropped(22)),
    refused('to let in an empty list', [{ ...all, from: [] }], { ss: sshd }, dropped(22)),
    refused('to deny it to everybody', [all], { ss: sshd }, dropped(22), { deny: [{ service: 'ssh' }] }),
    refused(
      'another port that sshd listens on',
      [all],
      { ss: sshd.replace(':22 ', ':2222 ') + sshd.replace('0.0.0.0:22', '127.0.0.1:6010') },
      dropped(2222),
    ),
    refused(
      'the port by which systemd starts sshd',
      [all],
      {
        files: {
          '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\n',
          '/etc/ssh/sshd_config.d/x.conf': '# Port 22\nport 2022\n',
        },
        ss: sshd.replace('sshd', 'systemd').replace(':22 ', ':2022 '),
      },
      dropped(2022),
    ),
    refused('to cut off the session', [{ ...all, from: '192.0.2.0/29' }], { environment: session }, cut),
    refused('to cut it off by a zone', [{ ...all, zone: 'private' }], { environment: session }, cut),
    refused('to cut it off by an address', [{ ...all, to: '10.77.0.11' }], { environment: session }, cut),
    refused('to deny it', [all], { environment: session }, cut, { deny: [{ from: '192.0.2.8/29' }] }),
    refused('to cut off a session that sudo hides', [{ ...all, from: 'members' }], { files: inherited }, cut),
    fine('a session that is let in', [{ ...all, zone: 'public', from: '192.0.2.8/30' }], {
      environment: session,
    }),
    fine('a session by all ports', [{ zone: 'public' }], { environment: session }),
    fine('a session of this machine', [all], { environment: { SSH_CONNECTION: '::1 5 ::1 22' } }),
    fine('somebody at least', [{ ...all, from: 'members', zone: 'private' }], {}),
    fine('what sshd forwards', [all], {
      ss: sshd + sshd.replace(':22 ', ':8080 '),
    }),
    fine('everything where told so', [], { environment: session }, { allow_lockout: true }),
  ];
}

function wrong(): StateCase[] {
  const cases: [object, string | RegExp][] = [
    [{ services: { ssh: { tcp: 0 } } }, '"0" of the service "ssh" is no port and no range of ports.'],
    [
      { services: { ssh: { tcp: [65536] } } },
      '"65536" of the service "ssh" is no port and no range of ports.',
    ],
    [
      { services: { ssh: { udp: '20-10' } } },
      '"20-10" of the service "ssh" is no port and no range of ports.',
    ],
    [{ services: { ssh: { udp: '22; drop' } } }, /is no port and no range/],
    [{ services: { ssh: {} } }, 'The service "ssh" has no ports.'],
    [{ services: { 'a"b': { tcp: 1 } } }, '"a\\"b" cannot be the name of a service.'],
    [{ zones: { 'x y': 'eth0' } }, '"x y" cannot be the name of a zone.'],
    [{ zones: { public: 'eth0" accept "' } }, /is not the name of a network interface/],
    [{ zones: { public: 'eth0\nx' } }, /is not the name of a network interface/],
    [{ zones: { public: 'a\\' } }, /is not the name of a network interface/],
    [{ zones: { public: 'ähnlich-wie-eth0' } }, /is not the name of a network interface/],
    [{ zones: { public: '*' } }, /is not the name of a network interface/],
    [{ zones: { public: [] } }, 'The zone "public" has no interface.'],
    [{ sets: { 'members {': [] } }, '"members {" cannot be the name of a set.'],
    [
      { sets: { members: ['example.com'] } },
      '"example.com" of the set "members" is no address and no network.',
    ],
    [{ sets: { members: ['10.0.0.0/33'] } }, /is no address and no network/],
    [{ sets: { members: [''] } }, /is no address and no network/],
    [{ sets: { members: ['fe80::1%eth0'] } }, /is no address and no network/],
    [{ allow: [{ service: 'shh' }] }, 'There is no service "shh", which flow 1 of `allow` names.'],
    [{ allow: [{ zone: 'publik' }] }, 'There is no zone "publik", which flow 1 of `allow` names.'],
    [{ deny: [{}, { from: 'member' }] }, 'There is no set "member", which flow 2 of `deny` names.'],
    [{ allow: [{ to_zone: 'public' }] }, /`to_zone`, which makes no sense in that direction/],
    [
      { output: { allow: [{ zone: 'public' }] } },
      'Flow 1 of `output:allow` has `zone`, which makes no sense in that direction.',
    ],
    [{ allow: [{ rate: '10' }] }, '"10" is no rate.'],
    [{ allow: [{ rate: '0/minute' }] }, '"0/minute" is no rate.'],
    [{ allow: [{ burst: 3 }] }, 'Flow 1 of `allow` has `burst` without `rate`.'],
    [{ deny: [{ rate: '1/day' }] }, 'Flow 1 of `deny` has a rate, which only `allow` knows.'],
    [{ allow: [{ comment: 'a "b"' }] }, /cannot be a comment or a prefix/],
    [{ log: { prefix: 'x\ny' } }, /cannot be a comment or a prefix/],
    [{ raw: { before: ['a\nb'] } }, 'A raw rule is one line.'],
    [{ raw: { table: 'a\0' } }, 'A raw rule cannot hold a NUL character.'],
  ];
  return cases.map(([args, refused]) => ({
    title: `refuses ${JSON.stringify(args)}`,
    args: { ...small, allow: [], ...args },
    expects: { refused },
  }));
}

describe('firewall.ruleset', () => {
  it('is tested by listings that differ as they are meant to', () => {
    const { elements, objects } = listing(listed());
    expect(listing(counted)).to.deep.equal(listing(listed()));
    expect(counted).to.match(/"handle":9\d.*"expires":59.*"packets":17/);
    expect(listing(opened).objects).to.not.deep.equal(objects);
    expect(listing(less).elements).to.not.deep.equal(elements);
  });

  it('tells versions of nft apart only where they differ', () => {
    const all = versions.map((version) => listing(listed(version)));
    expect(all.map(({ version }) => version)).to.deep.equal(versions);
    for (const { objects, elements } of all) {
      expect([...objects.keys()].sort()).to.deep.equal([...all[0]!.objects.keys()].sort());
      expect(elements).to.deep.equal(all[0]!.elements);
      expect(objects.get('chain input')).to.equal(all[0]!.objects.get('chain input'));
    }
  });

  it('writes flows as rules, and what is denied before what is allowed', () => {
    const flows = {
      ...small,
      deny: [{ service: 'web', from: '203.0.113.0/24' }],
      raw: { before: ['tcp dport 1 accept'], after: ['tcp dport 2 accept'] },
      log: { prefix: 'x: ', rate: '1/second', level: 'warn' },
      ping: false,
    };
    const rules = textFor(flows).split('chain refused')[1]!.split('\n');
    expect(
      rules.map((line) => line.trim()).filter((line) => /refused|log |dport|saddr @/.test(line)),
    ).to.deep.equal([
      'limit rate 1/second burst 5 packets log prefix "x: " level warn',
      'ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept comment "DHCPv6"',
      'tcp dport 1 accept',
      'ip saddr 203.0.113.0/24 tcp dport { 80, 443 } drop comment "web"',
      'tcp dport 22 ct state new update @input.allow.1.4 { ip saddr limit rate over 10/minute burst 10 packets } goto refused comment "ssh"',
      'tcp dport 22 ct state new update @input.allow.1.6 { ip6 saddr and ffff:ffff:ffff:ffff:: limit rate over 10/minute burst 10 packets } goto refused comment "ssh"',
      'tcp dport 22 accept comment "ssh"',
      'iifname "eth0" tcp dport { 80, 443 } accept comment "web"',
      ...['ip saddr @members_4', 'ip saddr @nobody_4', 'ip6 saddr @members_6', 'ip6 saddr @nobody_6'].map(
        (from) => `iifname { "eth1", "wg*" } ${from} accept comment "everything"`,
      ),
      'tcp dport 2 accept',
      'goto refused',
    ]);
  });

  it('has chains for what passes and what is sent only where they are described', () => {
    const flow = { allow: [{ service: 'web', zone: 'private', to_zone: 'public' }] };
    const out = { policy: 'accept', deny: [{ service: 'web', to: '192.0.2.1' }] };
    expect(textFor(small)).to.not.match(/hook (forward|output)/);
    const described = textFor({ ...small, forward: flow, output: out });
    expect(described).to.include('type filter hook forward priority filter; policy drop;');
    expect(described).to.include(
      'iifname { "eth1", "wg*" } oifname "eth0" tcp dport { 80, 443 } accept comment "web"\n\t\tgoto refused\n',
    );
    expect(described).to.include('type filter hook output priority filter; policy accept;');
    expect(described).to.match(/ip daddr 192\.0\.2\.1 tcp dport \{ 80, 443 \} drop comment "web"\n\t\}/);
  });

  it('merges ports, leaves out what lies within a network, and keeps families apart', () => {
    const wanted = wantedOf(
      argumentsOf(ruleset, {
        sets: {
          all: [
            '10.1.2.3/8',
            '10.9.0.0/16',
            '10.0.0.0',
            '192.0.2.1',
            '192.0.2.1/32',
            '2001:DB8:0::1',
            '2001:db8::/127',
            '::ffff:1.2.3.4',
          ],
        },
        services: { a: { tcp: [80, '79-81', 443], udp: 53 }, b: { tcp: ['81-90', 1], sctp: 7 } },
        allow: [{ service: ['a', 'b'], from: ['all', '192.0.2.7', '2001:db8::7'], to: '198.51.100.1' }],
      }),
    ) as Wanted;
    const set = wanted.sets.get('all')!;
    expect([...set.v4, ...set.v6].map((one) => one.text)).to.deep.equal([
      '10.0.0.0/8',
      '192.0.2.1',
      '::ffff:102:304',
      '2001:db8::/127',
    ]);
    const lines = textOf(wanted)
      .text.split('\n')
      .filter((line) => line.includes('"a, b"'));
    expect(lines.map((line) => line.trim())).to.deep.equal(
      ['@all_4', '192.0.2.7'].flatMap((from) =>
        ['tcp dport { 1, 79-90, 443 }', 'udp dport 53', 'sctp dport 7'].map(
          (ports) => `ip saddr ${from} ip daddr 198.51.100.1 ${ports} accept comment "a, b"`,
        ),
      ),
    );
  });

  it('lets nobody in by an empty list', () => {
    const none = { zones: {}, allow: [{ from: [] }, { service: [] }] };
    expect(textFor(none)).to.equal(textFor({}));
    expect(textFor({ allow: [{}] })).to.not.equal(textFor({}));
  });

  it('tells which raw rule nft does not take', async () => {
    await using stage = await hostOf({ host: { answers: answers({}) } });
    const raw = { before: ['tcp dport 22 accept', 'tcp dprot 22 accept'], table: 'chain x {\n  oops\n}' };
    const lines = textFor({ ...small, raw }).split('\n');
    for (const [needle, place] of [
      ['tcp dprot', 'rule 2 of `raw:before`'],
      ['oops', 'line 2 of `raw:table`'],
    ] as const) {
      const at = lines.findIndex((line) => line.includes(needle)) + 1;
      const stderr = `/dev/stdin:${at}:7-11: Error: syntax error, unexpected string\n${lines[at - 1]}\n      ^^^^^\n`;
      const host = { ...stage.host, probe: async () => ({ status: 1, stdout: '', stderr, pid: 0 }) };
      const { plan } = await planOf(ruleset, { ...small, raw }, host);
      expect(plan).to.deep.equal({
        refused: `nft does not accept ${place}: syntax error, unexpected string.`,
        hint: `Correct it: ${lines[at - 1]!.trim()}`,
        certain: true,
      });
    }
    const escaped = { status: 99, stdout: 'table inet x', stderr: '', pid: 0 };
    const { plan } = await planOf(ruleset, small, { ...stage.host, probe: async () => escaped });
    expect(plan)
      .to.have.property('refused')
      .that.matches(/makes or removes other tables/);
  });

  it('plans 10,000 elements in less than a second', async () => {
    const members = Array.from({ length: 5000 }, (_, at) => [
      `10.${at >> 8}.${at & 255}.1`,
      `fd00:${at.toString(16)}::/64`,
    ]).flat();
    const four = members.filter((one) => !one.includes(':'));
    const six = members
      .filter((one) => one.includes(':'))
      .map((one) => ({ prefix: { addr: one.slice(0, -3), len: 64 } }));
    const wanted = listed()
      .replace('["10.77.0.11","10.77.0.12"]', JSON.stringify(four))
      .replace('[{"prefix":{"addr":"fd00:77::","len":64}}]', JSON.stringify(six));
    await using stage = await hostOf({ host: { answers: answers({ json: listed(), wanted }) } });
    const start = performance.now();
    const { plan } = await planOf(ruleset, { ...small, sets: { members, nobody: [] } }, stage.host);
    expect(performance.now() - start).to.be.lessThan(1000);
    const [step] = stepsOf(plan as Planned);
    const { change, also } = step!;
    expect(
      [change, ...also!].map((one) => [one!.subject, String(one!.new).split('\n').length]),
    ).to.deep.equal([
      ['elements of set members_4', 5001],
      ['elements of set members_6', 5001],
    ]);
  });

  it('empties and fills a set of which many elements go', async () => {
    const many = Array.from({ length: 200 }, (_, at) => `10.0.0.${at}`);
    const json = listed().replace('["10.77.0.11","10.77.0.12"]', JSON.stringify([...many, '10.77.0.11']));
    await using stage = await hostOf({ host: { files: booted, answers: answers({ json }) } });
    const [step] = stepsOf((await planOf(ruleset, small, stage.host)).plan as Planned);
    expect(step!.effect).to.have.nested.property(
      'command.stdin',
      'flush set inet converge members_4\nadd element inet converge members_4 {\n10.77.0.11,\n10.77.0.12\n}\n',
    );
  });

  it('asks for one listing where nothing differs, and tries nothing out', async () => {
    await using stage = await hostOf({ host: { files: booted, answers: answers(there) } });
    const asked: string[] = [];
    const host = {
      ...stage.host,
      ask: (command: { argv: readonly string[] }) => {
        asked.push(command.argv.join(' '));
        return stage.host.ask(command);
      },
      probe: (command: { argv: readonly string[] }) => {
        asked.push(command.argv.join(' '));
        return stage.host.probe(command);
      },
    };
    await planOf(ruleset, small, host);
    expect(asked).to.deep.equal(['nft -j list table inet converge']);
    await planOf(ruleset, { ...small, persist: false }, host);
    expect(asked.slice(1)).to.deep.equal(['nft -j list table inet converge', trialArgv.join(' ')]);
  });
});
