/** Canaries on a real machine: secrets reach the files and services that need them, and nothing else. */
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';

const secrets = {
  service: 'canary-service-7Qx',
  cron: 'canary-cron-9Wz',
  shell: 'canary-shell-3Rt',
  file: "canary'file$5Yu",
  old: 'canary-old-1Po',
};

const hash =
  '$6$canarysalt$Zk0mZ5oB1uQmYtqWc2T3u8o0mZk0mZ5oB1uQmYtqWc2T3u8o0mZk0mZ5oB1uQmYtqWc2T3u8o0mZk0mZ5oB1u';

const states = `
/etc/app.env:
  file.managed:
    - mode: '0600'
    - contents: |
        # of the service
        PASSWORD={{ pillar.service }}

app:
  systemd.unit:
    - name: app.service
    - contents: |
        [Service]
        EnvironmentFile=/etc/app.env
        ExecStart=/bin/sh -c 'exec sleep infinity'
        [Install]
        WantedBy=multi-user.target
    - running: true
    - enable: true
    - require:
      - file: /etc/app.env

operator:
  user.present:
    - password: {{ pillar.hash | yaml_dquote }}

TOKEN:
  cron.env_present:
    - user: operator
    - value: {{ pillar.cron }}

/etc/secret.conf:
  file.managed:
    - mode: '0600'
    - template: jinja
    - source: salt://secret.conf.j2

told to a command:
  cmd.run:
    - name: sleep 0.5; test -n "{{ pillar.shell }}"

says it aloud:
  cmd.run:
    - name: logger -t canary started; cat /etc/secret.conf

fails with it:
  cmd.run:
    - name: cat /etc/app.env >&2; exit 1
`;

/** Files of the node that hold one of the words, but for the kernel's own. */
async function holders(node: Node): Promise<string[]> {
  const words = [...Object.values(secrets), hash].flatMap((word) => ['-e', word]);
  const { stdout } = await node.run(
    ['grep', '-rlaF', ...words, '/etc', '/var', '/root', '/run', '/tmp', '/home', '/opt/state', '/srv'],
    { timeout: 120 },
  );
  return stdout.split('\n').filter(Boolean).sort();
}

describeLab('lab: secrets', () => {
  it('are in the files that need them, and nowhere else on the machine', async () => {
    await using node = await boot({ name: 'secret', packages: ['cron'] });
    await node.write('/srv/tree/states/top.yaml', "base:\n  '*': [web]\n");
    await node.write('/srv/tree/states/web.yaml', states);
    await node.write('/srv/tree/states/secret.conf.j2', 'user = admin\npassword = {{ pillar.file }}\n');
    await node.write('/srv/tree/pillar/top.yaml', "base:\n  '*': [secrets]\n");
    const pillar = (values: object) =>
      Object.entries({ ...values, hash })
        .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
        .join('');
    await node.write('/etc/converge/pillar/secrets.yaml', pillar({ ...secrets, file: secrets.old }));
    await node.must('chmod 0700 /etc/converge/pillar; chmod 0600 /etc/converge/pillar/*');
    const pillars = ['--pillar', '/etc/converge/pillar', '--pillar', '/srv/tree/pillar'];
    const run = (...words: string[]) =>
      node.run([
        `${checkout}/converge`,
        ...words,
        '--states',
        '/srv/tree/states',
        ...pillars,
        '--log-level',
        'trace',
      ]);

    const said: string[] = [];
    const watch = node.run(
      'for i in $(seq 200); do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "; sleep 0.02; done',
    );
    for (const words of [['--test'], [], ['--json'], ['--output', 'ndjson']]) {
      const { status, stdout, stderr } = await run('highstate', ...words);
      expect(status, stderr).to.equal(words[0] === '--test' ? 0 : 1);
      said.push(stdout, stderr);
      if (words.length === 0) await node.write('/etc/converge/pillar/secrets.yaml', pillar(secrets));
    }
    for (const words of [['history', 'show', 'last-1'], ['owed'], ['history', '--json']]) {
      said.push((await node.run([`${checkout}/converge`, ...words])).stdout);
    }
    said.push((await watch).stdout, await node.must('journalctl --no-pager'));
    for (const [name, word] of Object.entries({ ...secrets, hash })) {
      expect(
        said.some((text) => text.includes(word)),
        `${name} was said`,
      ).to.equal(false);
    }
    expect(said[2], 'the report of the run').to.match(/«file #[0-9a-f]{4}»/);
    const held = await holders(node);
    expect(held.map((file) => file.replace(/[0-9a-f]{64}$/, 'HASH'))).to.deep.equal([
      '/etc/app.env',
      '/etc/converge/pillar/secrets.yaml',
      '/etc/secret.conf',
      '/etc/shadow',
      // The file of the first run, as it can be put back.
      '/var/lib/converge/objects/HASH',
      '/var/spool/cron/crontabs/operator',
    ]);
    const copies = await node.must('stat -c %a:%U /var/lib/converge /var/lib/converge/objects/*');
    expect(new Set(copies.trim().split('\n'))).to.deep.equal(new Set(['700:root', '600:root']));
    const show = await node.must('tr "\\0" "\\n" < /proc/$(systemctl show -P MainPID app)/environ');
    expect(show, 'the service has its own').to.include(`PASSWORD=${secrets.service}`);
  });
});
