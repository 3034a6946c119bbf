import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describeLab } from '../lab.ts';
import { boot, checkout, type Node, type Ran } from '../node.ts';

const tree = fileURLToPath(new URL('.', import.meta.url));
const config = '/etc/haproxy/haproxy.cfg';
const template = '/srv/tree/states/web/haproxy.cfg.j2';

interface Result {
  readonly id: string;
  readonly state: string;
  readonly fun: string;
  readonly result: boolean | null;
  readonly changes: { readonly [subject: string]: unknown };
  readonly comment: string;
}

interface Report {
  readonly results: readonly Result[];
  readonly summary: { readonly [what: string]: number };
}

function highstate(node: Node, ...options: string[]): Promise<Ran> {
  const argv = [
    `${checkout}/converge`,
    'highstate',
    '--states',
    '/srv/tree/states',
    '--pillar',
    '/srv/tree/pillar',
  ];
  return node.run([...argv, ...options], { timeout: 120 });
}

async function report(node: Node, ...options: string[]): Promise<Report & { status: number }> {
  const { status, stdout, stderr } = await highstate(node, '--json', ...options);
  expect(stdout, stderr).to.match(/^\{/);
  return { status, ...JSON.parse(stdout) };
}

function address({ state, fun, id }: Result): string {
  return `${state}.${fun} ${id}`;
}

/** What the run changed, or a dry run would. */
function moved({ results }: Report): string[] {
  return results
    .filter(({ result, changes }) => result === null || Object.keys(changes).length > 0)
    .map(address);
}

/** What is only known once it was done: texts of commands, and all of a state that waits for a package. */
function isKnown({ state, comment, result }: Result): boolean {
  return state !== 'cmd' && !(result === null && comment.startsWith('Unknown until applied'));
}

/** The dry run's account of every state equals the run's, but for what it says itself that it cannot know. */
function expectForetold(dry: Report, real: Report): void {
  expect(dry.results.map(address)).to.deep.equal(real.results.map(address));
  expect(moved(dry)).to.deep.equal(moved(real));
  for (const [i, before] of dry.results.entries()) {
    if (isKnown(before)) expect(before.changes, address(before)).to.deep.equal(real.results[i]!.changes);
    expect(before.result, address(before)).to.equal(moved(real).includes(address(before)) ? null : true);
  }
}

async function page(node: Node, name: string): Promise<string> {
  return node.must(
    `curl -sS --fail --retry 20 --retry-connrefused --retry-delay 0 http://127.0.0.1:8080/${name}`,
  );
}

/** Everything below the folders the tree touches, with owner, mode and content; not the history of runs. */
function snapshot(node: Node): Promise<string> {
  return node.must(
    'for d in /etc /srv /usr /var/lib; do find $d -xdev \\( -path /srv/repository -o -path /var/lib/converge \\) -prune -o -printf "%p %y %m %u %g %s %l %T@\\n"; done | sort; ' +
      'find /etc /srv/site -xdev -type f -exec md5sum {} + 2>/dev/null | sort',
  );
}

describeLab('lab: the haproxy tree on a freshly booted Debian', () => {
  let node: Node;
  before(async () => {
    node = await boot({ name: 'web' });
    await node.copyIn(tree, '/srv/tree');
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('foretells in a dry run, state by state, what the run then does, and touches nothing', async () => {
    const before = await snapshot(node);
    const dry = await report(node, '--test', '--detailed-exitcode');
    expect(dry.status).to.equal(2);
    expect(await snapshot(node)).to.equal(before);
    const real = await report(node);
    expect(real.status).to.equal(0);
    expectForetold(dry, real);
    expect(moved(real)).to.have.length(7);
  });

  it('has installed, configured, started and enabled haproxy, and made the site', async () => {
    expect(await page(node, 'hello')).to.equal('Hello, world');
    expect(
      await node.must('systemctl is-enabled haproxy; stat -c "%a %U %G" /etc/haproxy/haproxy.cfg'),
    ).to.equal('enabled\n640 root haproxy\n');
    expect(await node.must('readlink /srv/current; cat /srv/current/count; ls -A /etc/haproxy')).to.equal(
      '/srv/site\n2\nerrors\nhaproxy.cfg\n',
    );
    expect(await node.must('cd /srv/site && find . -printf "%p %m\\n" | sort')).to.equal(
      '. 750\n./count 644\n./index.md 640\n./logs 700\n./logs/today 700\n./pages 750\n./pages/one.txt 640\n./pages/two.txt 640\n',
    );
  });

  it('has nothing to do in a second run', async () => {
    const before = await snapshot(node);
    const dry = await report(node, '--test', '--detailed-exitcode');
    const second = await report(node);
    expect(second.status).to.equal(0);
    expect(dry.status).to.equal(0);
    expect(moved(second)).to.deep.equal([]);
    expect(second.summary).to.include({ total: 7, unchanged: 6, changed: 0, failed: 0, skipped: 1 });
    expect(await snapshot(node)).to.equal(before);
  });

  it('heals hand edits and a stopped service', async () => {
    await node.must(`sed -i 's/Hello, world/edited/' ${config}; chmod 644 ${config}`);
    await node.must(
      'systemctl reload haproxy; rm -r /srv/site/pages /srv/current; ln -s /tmp /srv/current; rm /srv/site/count',
    );
    expect(await page(node, 'hello')).to.equal('edited');
    const dry = await report(node, '--test');
    const healed = await report(node);
    expectForetold(dry, healed);
    expect(moved(healed)).to.deep.equal([
      `file.managed ${config}`,
      'service.running haproxy',
      'file.recurse /srv/site',
      'file.symlink /srv/current',
      'cmd.run count the pages',
    ]);
    expect(await page(node, 'hello')).to.equal('Hello, world');

    await node.must('systemctl disable --now haproxy');
    const dryStart = await report(node, '--test');
    const started = await report(node);
    expectForetold(dryStart, started);
    expect(moved(started)).to.deep.equal(['service.running haproxy']);
    expect(await page(node, 'health')).to.equal('fine');
    expect(moved(await report(node))).to.deep.equal([]);
  });

  it('keeps the old configuration serving where a template renders to an invalid one, and points at its line', async () => {
    const sound = (await node.file(template))!;
    const old = await node.file(config);
    const broken = sound.replace('mode http\n', 'mode {{ "htpt" }}\n');
    await node.write(template, broken);
    const { status, stdout, stderr } = await highstate(node, '--color', 'never');
    expect(status).to.equal(1);
    const line = broken.split('\n').findIndex((text) => text.includes('htpt')) + 1;
    expect(`${stdout}${stderr}`).to.include(`${template}:${line}`);
    expect(`${stdout}${stderr}`).to.include('mode {{ "htpt" }}');
    expect(await node.file(config)).to.equal(old);
    expect(await page(node, 'hello')).to.equal('Hello, world');
    const failed = (await report(node)).results.filter(({ result }) => result === false);
    expect(failed.map(address)).to.include(`file.managed ${config}`);
    await node.write(template, sound);
    expect((await report(node)).summary).to.include({ changed: 0, failed: 0 });
  });

  it('keeps the old configuration serving where a template has an error, and points at its line', async () => {
    const sound = (await node.file(template))!;
    const old = await node.file(config);
    const broken = sound.replace("pillar['haproxy']['port']", "pillar['haproxy']['prot']");
    await node.write(template, broken);
    const { status, stdout, stderr } = await highstate(node, '--color', 'never');
    expect(status).to.equal(1);
    const line = broken.split('\n').findIndex((text) => text.includes('prot')) + 1;
    expect(`${stdout}${stderr}`).to.include(`${template}:${line}`);
    expect(await node.file(config)).to.equal(old);
    expect(await page(node, 'hello')).to.equal('Hello, world');
    await node.write(template, sound);
    expect((await report(node)).summary).to.include({ changed: 0, failed: 0 });
  });

  it('reports a restart that fails, and recovers once its cause is gone', async () => {
    // Valid by itself, but the address cannot be bound: only the start of the service finds out.
    const pillar = '/srv/tree/pillar/haproxy.yaml';
    const sound = (await node.file(pillar))!;
    await node.write(pillar, sound.replace('port: 8080', "port: '8080,192.0.2.1:80'"));
    const failed = await report(node);
    expect(failed.status).to.equal(1);
    const { comment } = failed.results.find(({ state }) => state === 'service')!;
    expect(comment).to.include('haproxy');
    await node.write(pillar, sound);
    const repaired = await report(node);
    expect(repaired.status).to.equal(0);
    expect(moved(repaired)).to.deep.equal([`file.managed ${config}`, 'service.running haproxy']);
    expect(await page(node, 'hello')).to.equal('Hello, world');
  });
});
