/** Canaries on a real machine: secrets reach the files and services that need them, and nothing else. */
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';

const secrets = {
  service: 'canary-service-7Qx',
  cron: 'canary-cron-9Wz',
  job: "canary job's 4Bn %41",
  shell: 'canary-shell-3Rt',
  file: "canary'file$5Yu",
  old: 'canary-old-1Po',
  proxy: 'canary-proxy-8Ik',
  token: 'canary/token+2Lm==',
  plain: 'canary "plain" 6Hg\\n',
  git: 'canary@git:0Vb/x',
  key: `-----BEGIN PRIVATE KEY-----\n${'canaryKEY5'.repeat(6)}\n${'KEY5canary'.repeat(6)}\n-----END PRIVATE KEY-----\n`,
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

proxy:
  file.managed:
    - name: /etc/haproxy/haproxy.cfg
    - mode: '0640'
    - check_cmd: haproxy -c -f
    - contents: |
        global
          log /dev/log local0
        defaults
          mode http
          timeout connect 1s
          timeout client 1s
          timeout server 1s
        userlist people
          user admin insecure-password {{ pillar.proxy }}
        frontend stats
          bind 127.0.0.1:8404
          stats enable
          stats uri /
          http-request auth unless { http_auth(people) }
  service.running:
    - name: haproxy
    - enable: true
    - watch:
      - file: proxy

broken proxy:
  file.managed:
    - name: /etc/haproxy/broken.cfg
    - check_cmd: haproxy -c -f
    - contents: "defaults\\n  user admin insecure-password {{ pillar.proxy }}\\n  {{ pillar.proxy }}\\n"

answers:
  http.wait_for_successful_query:
    - name: http://127.0.0.1:8404/
    - username: admin
    - password: {{ pillar.proxy }}
    - status: 200
    - wait_for: 10
    - require:
      - service: proxy

does not answer:
  http.wait_for_successful_query:
    - name: http://127.0.0.1:8404/?token={{ pillar.token | urlencode }}
    - header_dict:
        Authorization: Bearer {{ pillar.token }}
    - status: 200
    - wait_for: 1
    - request_interval: 1

operator:
  user.present:
    - password: {{ pillar.hash | yaml_dquote }}

visitor:
  user.present:
    - hash_password: true
    - password: {{ pillar.plain | yaml_dquote }}

TOKEN:
  cron.env_present:
    - user: operator
    - value: {{ pillar.cron }}

report:
  cron.present:
    - user: operator
    - name: report --password {{ pillar.job | quote }}
    - minute: 7

/etc/secret.conf:
  file.managed:
    - mode: '0600'
    - template: jinja
    - source: salt://secret.conf.j2

/etc/secret.key:
  file.managed:
    - mode: '0600'
    - contents_pillar: key

not to be reached:
  git.latest:
    - name: https://operator:{{ pillar.git | urlencode }}@127.0.0.1:1/x.git
    - target: /srv/x

told to a command:
  cmd.run:
    - name: sleep 0.5; test -n "{{ pillar.shell }}"

told to a command of somebody else:
  cmd.run:
    - name: sleep 0.5; test -n "$SECRET"; test -n {{ pillar.shell }}
    - runas: operator
    - env:
      - SECRET: {{ pillar.shell }}

says it aloud:
  cmd.run:
    - name: logger -t canary started; cat /etc/secret.conf /etc/secret.key; base64 /etc/secret.key

fails with it:
  cmd.run:
    - name: cat /etc/app.env >&2; exit 1
`;

const spellings = [
  (text: string) => text,
  (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1),
  (text: string) => encodeURIComponent(text),
  (text: string) => JSON.stringify(text).slice(1, -1),
  (text: string) => text.replaceAll("'", `'\\''`),
];

/** Each with the texts that tell of it: of several lines each. */
const canaries = Object.entries({ ...secrets, hash }).map(([name, value]) => {
  const lines = value.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  return { name, texts: [...new Set(lines.flatMap((line) => spellings.map((spell) => spell(line))))] };
});

/** Files of the node that hold one of the words, but for the kernel's own. Copies are called by what they are. */
async function holders(node: Node): Promise<string[]> {
  await node.write('/run/words', canaries.flatMap(({ texts }) => texts).join('\n'));
  const folders = ['/etc', '/var', '/root', '/run', '/tmp', '/home', '/srv'];
  const { stdout } = await node.run(['grep', '-rlaF', '-f', '/run/words', ...folders], { timeout: 120 });
  await node.must('rm /run/words');
  const found = stdout.split('\n').filter((path) => path !== '' && path !== '/run/words');
  return [
    ...new Set(found.map((path) => path.replace(/^(\/var\/lib\/converge\/(undo|objects))\/.*/, '$1'))),
  ].sort();
}

const tree = [
  '--states',
  '/srv/tree/states',
  '--pillar',
  '/etc/converge/pillar',
  '--pillar',
  '/srv/tree/pillar',
];

async function prepared(): Promise<Node> {
  const node = await boot({ name: 'secret', packages: ['cron', 'haproxy'] });
  await node.write('/srv/tree/states/top.yaml', "base:\n  '*': [web]\n");
  await node.write('/srv/tree/states/web.yaml', states);
  await node.write('/srv/tree/states/secret.conf.j2', 'user = admin\npassword = {{ pillar.file }}\n');
  await node.write('/srv/tree/pillar/top.yaml', "base:\n  '*': [secrets]\n");
  await put(node, secrets);
  return node;
}

async function put(node: Node, values: object): Promise<void> {
  await node.write('/etc/converge/pillar/secrets.yaml', `#!yaml\n${JSON.stringify({ ...values, hash })}\n`);
  await node.must('chmod 0700 /etc/converge/pillar; chmod 0600 /etc/converge/pillar/*');
}

describeLab('lab: secrets', () => {
  it('are in the files that need them, and nowhere else on the machine', async () => {
    await using node = await prepared();
    const run = (...words: string[]) =>
      node.run([`${checkout}/converge`, ...words, ...tree, '--log-level', 'trace'], { timeout: 120 });
    const said: string[] = [];
    await put(node, { ...secrets, file: secrets.old });
    const watch = node.run(
      'until test -e /run/enough; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "; ps axww -o args; sleep 0.02; done',
      { timeout: 300 },
    );
    for (const words of [['--test'], [], ['--json'], ['--output', 'ndjson', '--junit', '/run/junit.xml']]) {
      const { status, stdout, stderr } = await run('highstate', ...words);
      expect(status, stderr).to.equal(words[0] === '--test' ? 0 : 1);
      said.push(stdout, stderr);
      if (words.length === 0) await put(node, secrets);
    }
    for (const words of [
      ['history', 'show', 'last-1'],
      ['owed'],
      ['history', '--json'],
      ['status'],
      ['owns'],
      ['rollback', 'last-1', '--test'],
    ]) {
      const { stdout, stderr } = await node.run([`${checkout}/converge`, ...words]);
      said.push(stdout, stderr);
    }
    await node.must('touch /run/enough');
    const argv = (await watch).stdout;
    expect(argv, 'what was watched').to.include('haproxy');
    said.push(argv);
    for (const form of ['short', 'export'])
      said.push(await node.must(`journalctl --no-pager --all -o ${form}`));
    expect(said.at(-1), 'the line of converge in the journal').to.match(/^SYSLOG_IDENTIFIER=converge$/m);
    for (const { name, texts } of canaries) {
      for (const [place, text] of said.entries())
        for (const one of texts)
          expect(text.includes(one), `${name} was said in ${place}: ${one}`).to.equal(false);
    }
    expect(said[2], 'the report of the run').to.match(/«file #[0-9a-f]{4}»/);
    const [proxy, answers] = ['proxy', 'answers'].map((id) =>
      (JSON.parse(said[4]!) as { results: { id: string; result: boolean }[] }).results.find(
        (one) => one.id === id,
      ),
    );
    expect([proxy?.result, answers?.result], 'the services work').to.deep.equal([true, true]);
    expect(await holders(node)).to.deep.equal([
      '/etc/app.env',
      '/etc/converge/pillar/secrets.yaml',
      '/etc/haproxy/haproxy.cfg',
      '/etc/secret.conf',
      '/etc/secret.key',
      '/etc/shadow',
      '/etc/shadow-',
      '/var/lib/converge/objects',
      '/var/spool/cron/crontabs/operator',
    ]);
    const show = await node.must('tr "\\0" "\\n" < /proc/$(systemctl show -P MainPID app)/environ');
    expect(show, 'the service has its own').to.include(`PASSWORD=${secrets.service}`);
  });

  it('that lie open are found by the doctor: in files, logs, the journal and command lines', async () => {
    await using node = await prepared();
    await node.run([`${checkout}/converge`, 'highstate', ...tree], { timeout: 120 });
    const doctor = async () => {
      const { status, stdout, stderr } = await node.run(
        [`${checkout}/converge`, 'doctor', 'secrets', '--json', ...tree],
        {
          timeout: 200,
        },
      );
      const found = JSON.parse(stdout) as {
        leaks: { kind: string; where: string; line?: number; secret: string; pid?: number }[];
        looked: { files: number; processes: number; journal_entries: number };
      };
      expect(stdout + stderr).to.not.match(/canary[-@/ "'K]/);
      return { status, ...found };
    };
    const well = await doctor();
    expect(well.leaks).to.deep.equal([]);
    expect(well.status).to.equal(0);
    expect(well.looked.files).to.be.greaterThan(100);
    expect(well.looked.journal_entries).to.be.greaterThan(10);
    await node.must(
      [
        `logger -t leaky 'login with ${secrets.service}'`,
        `printf 'a\\nb\\npassword=${secrets.proxy}\\n' > /etc/open.conf; chmod 644 /etc/open.conf`,
        `mkdir -p /var/log/app; echo '${Buffer.from(`x:${secrets.cron}`).toString('base64')}' | gzip > /var/log/app/old.log.gz`,
        `echo 'mysql -p${secrets.shell}' > /root/.bash_history`,
        'chmod 644 /etc/secret.key',
        `systemd-run --unit leaky sh -c 'read x < /dev/zero; : ${secrets.old}'`,
      ].join('; '),
    );
    await node.must('journalctl --sync');
    const ill = await doctor();
    expect(ill.status).to.equal(1);
    const places = new Set(
      ill.leaks.map(({ kind, where, line, secret }) => `${kind} ${where}:${line ?? ''} ${secret}`),
    );
    expect([...places]).to.include.members([
      'file /etc/open.conf:3 proxy',
      'file /etc/secret.key:1 key',
      'file /var/log/app/old.log.gz:1 cron',
      'file /root/.bash_history:1 shell',
    ]);
    expect(
      ill.leaks.some(({ kind, secret }) => kind === 'journal' && secret === 'service'),
      'journal',
    ).to.equal(true);
    expect(
      ill.leaks.some(({ kind, secret }) => kind === 'process' && secret === 'old'),
      'process',
    ).to.equal(true);
  });
});
