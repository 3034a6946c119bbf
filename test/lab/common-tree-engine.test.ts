/** The tree states/common lays versions of converge beside each other, goes over to one, and clears away those of before. */
import { expect } from 'chai';
import { comments, expectForetold, expectGood, expectNothing, options, run } from './common-runs.ts';
import { putTree, treeFolder } from './converge.ts';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';

const versions = '/opt/converge/versions';
const pidOf = 'systemctl show -p MainPID --value converge-watch';
const runningVersion = `tr '\\0' '\\n' < /proc/$(${pidOf})/cmdline | grep -o 'versions/[^/]*' | head -n 1`;

/** The checkout under another name: a launcher, and what it starts, as in the installed form. */
const pack = `
mkdir -p work && cd work
for name in 9.1.0 9.2.0 9.3.0 0.1.0a 0.1.0b; do
  mkdir -p converge-$name/lib
  printf '#!/bin/sh\\necho converge %s\\n' $name > converge-$name/converge
  chmod +x converge-$name/converge
done
printf '#!/bin/sh\\nexit 1\\n' > converge-9.2.0/converge
printf '#!/bin/sh\\necho converge 9.9.9\\n' > converge-9.3.0/converge
number=$(node -p 'require("${checkout}/package.json").version')
for name in 0.1.0a 0.1.0b; do
  printf '#!/bin/sh\\nexec node --disable-warning=ExperimentalWarning "$(dirname "$(readlink -f "$0")")/lib/start.mjs" "$@"\\n' > converge-$name/converge
  echo "await import('${checkout}/scripts/start.mjs') // $name" > converge-$name/lib/start.mjs
done
for name in *; do tar -czf /srv/\${name#converge-}.tar.gz $name; done
echo $number > /srv/number
`;

describeLab('lab: the tree common and versions of converge', function () {
  this.timeout(120_000);
  let node: Node;
  let number: string;
  const sums = new Map<string, string>();

  before('tarballs, and a place for versions beside the checkout, which is read-only', async () => {
    node = await boot({ name: 'engine' });
    await node.must(`
      mkdir -p /mnt/over && mount -t tmpfs tmpfs /mnt/over && mkdir /mnt/over/upper /mnt/over/work
      mount -t overlay overlay -o lowerdir=/opt/converge,upperdir=/mnt/over/upper,workdir=/mnt/over/work /opt/converge
      ${pack}`);
    number = (await node.file('/srv/number'))!.trim();
    for (const line of (await node.must('cd /srv && sha256sum *.tar.gz')).trim().split('\n')) {
      const [sum, file] = line.split(/\s+/);
      sums.set(file!.replace('.tar.gz', ''), sum!);
    }
    await putTree(node, {
      ...filesOf('common'),
      'states/top.yaml': "base: {'*': [common.engine, common.schedule, slow]}\n",
      'states/slow.yaml': `
slow:
  cmd.run:
    - name: sleep 1; echo {{ salt['pillar.get']('common:engine:hash') }} > /srv/slow
    - unless: grep -qx {{ salt['pillar.get']('common:engine:hash', '') }} /srv/slow
`,
      'pillar/top.yaml': "base: {'*': [all]}\n",
      'pillar/all.yaml': '{}\n',
    });
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const engine = (file: string, version = file, more = {}) => ({
    ...{ version, source: `/srv/${file}.tar.gz`, hash: `sha256=${sums.get(file)}` },
    ...more,
  });
  const nameOf = (file: string, version = file) => `${version}-${sums.get(file)!.slice(0, 10)}`;
  const install = (given: object, test = false) =>
    run(node, { common: { engine: given }, verb: ['apply', 'common.engine'], test });
  const kept = async () => (await node.must(`ls ${versions}`)).trim().split('\n');

  it('lays one beside the others, named by number and content, and links to it', async () => {
    const given = engine('9.1.0');
    expectForetold(await install(given, true), await install(given));
    expectNothing(await install(given));
    expect(await node.must('converge --version')).to.equal('converge 9.1.0\n');
    expect(await kept()).to.deep.equal([nameOf('9.1.0')]);
    expect(await node.must('readlink /opt/converge/current')).to.equal(`${versions}/${nameOf('9.1.0')}\n`);
  });

  it('goes over to none that does not run, or is another', async () => {
    for (const file of ['9.2.0', '9.2.0', '9.3.0']) {
      const name = nameOf(file);
      expect((await install(engine(file))).failed).to.include(`cmd.run converge ${name} runs here`);
    }
    expect(await node.must('converge --version')).to.equal('converge 9.1.0\n');
  });

  it('goes back to what bootstrap.sh left, by its name alone', async () => {
    await node.must(
      `cp -r ${versions}/${nameOf('9.1.0')} ${versions}/9.0.0-0123456789 && sed -i s/9.1.0/9.0.0/ ${versions}/9.0.0-0123456789/converge`,
    );
    const given = { version: '9.0.0-0123456789', keep: 9 };
    expectForetold(await install(given, true), await install(given));
    expectNothing(await install(given));
    expect(await node.must('converge --version')).to.equal('converge 9.0.0\n');
    const gone = await install({ version: '8.0.0' });
    expect(gone.failed).to.include('file.exists converge 8.0.0');
    expect(await node.must('converge --version')).to.equal('converge 9.0.0\n');
  });

  it('clears away the oldest, but none that is linked to, being made, or running', async () => {
    await node.must(`
      cd ${versions}
      for age in 1 2 3 4 5; do mkdir -p 8.$age.0-a/lib && touch -d "$age days ago" 8.$age.0-a; done
      touch -d '9 days ago' 9.0.0-0123456789 && touch -d '8 days ago' 9.* && mkdir -p 8.5.0-b.part "it's mine"
      cp /bin/sleep 8.5.0-a/lib/node && touch -d '5 days ago' 8.5.0-a
      systemd-run -q --unit=runs $PWD/8.5.0-a/lib/node 1000`);
    const stay = ['8.1.0-a', '8.2.0-a', '8.5.0-b.part', '9.0.0-0123456789', "it's mine"];
    const dry = await install({}, true);
    const real = await install({});
    expectForetold(dry, real);
    expect(await kept()).to.have.members([...stay, '8.5.0-a']);
    expectNothing(await install({}));
    await node.must('systemctl stop runs');
    const last = await install({});
    expect(last.changed, comments(last)).to.deep.equal([`file.absent ${versions}/8.5.0-a`]);
    expect(await kept()).to.have.members(stay);
    expect(await node.must('converge --version')).to.equal('converge 9.0.0\n');
  });

  it('is taken over by the watch when the run that brings it has ended, and not before', async () => {
    const settings = { states: `${treeFolder}/states`, pillar: `${treeFolder}/pillar` };
    await node.write('/etc/converge/converge.yaml', JSON.stringify({ ...settings, templates: options[1] }));
    const tell = (file: string) =>
      node.write(
        `${treeFolder}/pillar/all.yaml`,
        JSON.stringify({ common: { schedule: { every: '1h' }, engine: engine(file, number) } }),
      );
    await tell('0.1.0a');
    const first = await node.converge(undefined, { options });
    expectGood(first);
    await node.until(`${runningVersion} | grep -qF ${nameOf('0.1.0a', number)}`, { seconds: 30 });
    await node.until('converge status --json | grep -q \'"what": "highstate"\'', { seconds: 30 });
    const before = (await node.must(pidOf)).trim();
    await tell('0.1.0b');
    // It is the watch itself that installs it, by a run of its own.
    await node.until(`readlink /opt/converge/current | grep -qF ${nameOf('0.1.0b', number)}`, {
      seconds: 30,
    });
    await node.until(`test "$(${pidOf})" != ${before} && systemctl is-active converge-watch`, {
      seconds: 30,
    });
    expect(await node.file('/srv/slow'), 'the run was ended').to.equal(`sha256=${sums.get('0.1.0b')}\n`);
    expect(await node.must(runningVersion)).to.equal(`versions/${nameOf('0.1.0b', number)}\n`);
    const history = JSON.parse(await node.must('converge history --json')) as {
      exit?: number;
      cause: string;
    }[];
    expect(
      history.filter(({ exit, cause }) => cause !== 'cli' && exit !== undefined && exit !== 0),
    ).to.deep.equal([]);
    expectNothing(await node.converge(undefined, { options: [...options, '--wait=60'] }));
  });
});
