import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { putTree } from '../converge.ts';
import { describeLab } from '../lab.ts';
import { boot, type Node } from '../node.ts';
import { randomBy } from './damage.ts';

/** Moments at which the power is cut, on each of the nodes. */
const cuts = 10;

/** A run writes all of this anew for each version. Every file says on each of its lines which version it is of. */
const tree = {
  'states/top.sls': "base:\n  '*':\n    - all\n",
  'states/page.j2': `{% for line in range(200) -%}
version {{ pillar.version }} line {{ line }}
{% endfor -%}
`,
  'states/folder/one': 'version {{ pillar.version }} line 0\n',
  'states/folder/below/two': 'version {{ pillar.version }} line 0\n',
  'states/all.sls': `{% set version = pillar.version %}
{% for number in range(12) %}
/srv/pages/{{ number }}:
  file.managed:
    - source: salt://page.j2
    - template: jinja
    - makedirs: true
    - mode: '0640'
{% endfor %}

/srv/folder:
  file.recurse:
    - source: salt://folder
    - template: jinja
    - clean: true

/srv/pages/data.json:
  file.serialize:
    - serializer: json
    - dataset:
{% for line in range(200) %}
        - version {{ version }} line {{ line }}
{% endfor %}

/etc/edited.conf:
  file.replace:
    - pattern: version \\d+ line
    - repl: version {{ version }} line

/srv/current:
  file.symlink:
    - target: /srv/pages/{{ version % 12 }}
    - force: true

/etc/hosts:
  file.keyvalue:
    - key: 192.0.2.1
    - value: version{{ version }}
    - separator: ' '
    - append_if_not_found: true

worker:
  user.present:
    - fullname: Version {{ version }}
    - home: /srv/worker

the job:
  cron.present:
    - name: /bin/true version {{ version }}
    - identifier: job
    - user: worker
    - require:
      - user: worker

app.service:
  systemd.unit:
    - contents: |
        [Unit]
        Description=version {{ version }} line 0
        [Service]
        ExecStart=/bin/sleep infinity
        [Install]
        WantedBy=multi-user.target
    - running: true
    - enable: true
`,
};

/** path → number of lines in which a version is told. */
const files: readonly (readonly [path: string, lines: number])[] = [
  ...Array.from({ length: 12 }, (_, number) => [`/srv/pages/${number}`, 200] as const),
  ['/srv/folder/one', 1],
  ['/srv/folder/below/two', 1],
  ['/srv/pages/data.json', 200],
  ['/etc/edited.conf', 500],
  ['/etc/systemd/system/app.service', 1],
];

/** Which version each file is of; undefined where it is not there. A file of two versions, or cut short, is an error. */
async function versions(node: Node): Promise<Map<string, number | undefined>> {
  const script =
    'for file; do test ! -e "$file" || { echo "$file"; grep -o "version [0-9]* line" "$file"; }; done; true';
  const said = await node.must(['/bin/sh', '-c', script, 'sh', ...files.map(([path]) => path)]);
  const texts = new Map(said.split(/^(?=\/)/m).map((text) => [text.slice(0, text.indexOf('\n')), text]));
  const found = new Map<string, number | undefined>();
  for (const [path, lines] of files) {
    const text = texts.get(path);
    if (text === undefined) {
      found.set(path, undefined);
      continue;
    }
    const told = [...text.matchAll(/version (\d+) line/g)].map(([, version]) => Number(version));
    expect(told, `lines of ${path}`).to.have.length(lines);
    expect(new Set(told).size, `versions in ${path}`).to.equal(1);
    found.set(path, told[0]);
  }
  return found;
}

/** Whole, by tools that read these files every day. */
const sound = `
set -e
pwck -r -q || test $? = 2
grpck -r
! test -e /srv/worker || getent passwd worker
! getent passwd worker || ! crontab -l -u worker 2>/dev/null | grep -v -e '^#' -e '^\\* \\* \\* \\* \\* /bin/true version [0-9]*$'
! test -e /etc/systemd/system/app.service || systemd-analyze verify app.service
grep -q '^127.0.0.1 localhost' /etc/hosts
`;

async function expectConverged(node: Node, version: number): Promise<void> {
  const run = await node.converge(undefined, { pillar: { version } });
  expect(run.failed, JSON.stringify(run.results.filter(({ result }) => result === false))).to.deep.equal([]);
  expect(run.status, run.stderr).to.equal(0);
  for (const [path, found] of await versions(node)) expect(found, path).to.equal(version);
}

describeLab('lab: the power is cut in the middle of a run', () => {
  for (const [family, seed] of [
    ['debian', 1],
    ['debian', 2],
    ['rpm', 3],
  ] as const) {
    it(`at ${cuts} moments (${family}, seed ${seed}): every file is old or new, and one run converges`, async function () {
      this.timeout(300_000);
      await using node = await boot({ family, packages: family === 'rpm' ? [] : ['cron'] });
      const lines = Array.from({ length: 500 }, (_, line) => `version 0 line ${line}\n`);
      await node.write('/etc/edited.conf', lines.join(''));
      await putTree(node, tree);
      const random = randomBy(seed);
      // How long a run takes is known after the first.
      let length = 2000;
      let halves = 0;
      for (let version = 1; version <= cuts; version++) {
        const moment = random() * length;
        const running = node.converge(undefined, { pillar: { version } });
        await Promise.race([running, pause(moment)]);
        await node.kill();
        const cut = await running;
        if (cut.results.length > 0 && !('total' in cut.summary)) halves++;
        await node.start();
        for (const [path, found] of await versions(node)) {
          const either = [version, version === 1 && path !== '/etc/edited.conf' ? undefined : version - 1];
          expect(either, `${path} after a cut at ${moment} ms`).to.include(found);
        }
        await node.must(sound);
        const start = Date.now();
        await expectConverged(node, version);
        length = Date.now() - start;
      }
      expect(halves, 'runs that were cut half-way').to.be.greaterThan(0);
      expect((await node.converge(undefined, { pillar: { version: cuts } })).changed).to.deep.equal([]);
      expect(await node.must('find /srv /etc -xdev -name ".converge-*"')).to.equal('');
    });
  }
}, ['debian', 'rpm']);
