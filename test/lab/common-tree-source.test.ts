/** The tree states/common lets a node follow the repository of its tree: what is signed, and nothing else; whatever became of it. */
import { expect } from 'chai';
import { comments, expectForetold, expectGood, expectNothing, run } from './common-runs.ts';
import { putTree } from './converge.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';

const following = 'git.latest what the repository of the tree has';
const signed = 'cmd.run the tree is signed';

const states = `
small:
  file.managed:
    - name: /srv/out/small
    - source: salt://small
    - makedirs: true
large:
  file.managed:
    - name: /srv/out/large
    - source: salt://large
    - makedirs: true
folder:
  file.recurse:
    - name: /srv/out/folder
    - source: salt://folder
`;

describeLab('lab: the tree common follows a repository', function () {
  this.timeout(120_000);
  let node: Node;

  before('a node with a tree of its own, and a repository', async () => {
    node = await boot({ name: 'source', packages: ['git', 'openssh-client'] });
    await putTree(node, {
      ...filesOf('common'),
      'states/top.yaml': "base: {'*': [common.tree, out]}\n",
      'states/out.yaml': states,
      'pillar/top.yaml': 'base: {}\n',
    });
    await node.must(`
      for name in signer other; do ssh-keygen -q -t ed25519 -N '' -f /root/$name; done
      git config --global user.email me@example.org && git config --global user.name me
      git config --global gpg.format ssh && git config --global user.signingkey /root/signer
      git init -q -b main /srv/signed && cd /srv/signed && echo 1 > a && git add a && git commit -q -S -m 1`);
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const signer = async () => `me@example.org ${(await node.file('/root/signer.pub'))!.trim()}`;
  const follow = async (ref = 'main', test = false) =>
    run(node, {
      common: { tree: { repository: '/srv/signed', ref, path: '/srv/clone', signers: [await signer()] } },
      verb: ['apply', 'common.tree'],
      test,
    });
  /** The script makes a commit in the repository; its file says which. */
  const commit = (text: string, options = '') =>
    node.must(
      `cd /srv/signed && git checkout -q main && echo ${text} > a && git commit -q -a -m ${text} ${options}`,
    );
  const taken = async () => (await node.file('/srv/clone/a'))?.trim();

  async function expectTaken(text: string, ref?: string): Promise<void> {
    expectGood(await follow(ref));
    expect(await taken()).to.equal(text);
    expectNothing(await follow(ref));
  }

  async function expectRefused(text: string, ref?: string): Promise<void> {
    for (let at = 0; at < 2; at++) {
      const done = await follow(ref);
      expect(done.failed, comments(done)).to.include(signed);
      expect(await taken()).to.equal(text);
    }
  }

  it('takes commits that are signed, and no others', async () => {
    expectForetold(await follow('main', true), await follow());
    expect(await taken()).to.equal('1');
    expectNothing(await follow());
    await commit('2');
    await expectRefused('1');
    await commit('3', '-S');
    await expectTaken('3');
  });

  it('takes none that somebody else signed in the name of a signer', async () => {
    await commit('4', '-S/root/other');
    await expectRefused('3');
  });

  it('takes another history, if it is signed', async () => {
    await commit('5', '--amend -S');
    await expectTaken('5');
    await commit('6', '--amend --no-gpg-sign');
    await expectRefused('5');
    await commit('7', '--amend -S');
    await expectTaken('7');
  });

  it('takes a tag that is signed, or whose commit is', async () => {
    await commit('8');
    await node.must(
      'cd /srv/signed && git tag plain && git tag -s -m 8 good && git tag -s -u /root/other -m 8 bad',
    );
    await expectRefused('7', 'plain');
    await expectRefused('7', 'bad');
    await expectTaken('8', 'good');
    await commit('9', '-S');
    await node.must('cd /srv/signed && git tag light');
    await expectTaken('9', 'light');
    await expectTaken('9');
  });

  it('follows a tag that is moved, forth and back, and made anew', async () => {
    const tag = (name: string, options: string) =>
      node.must(`cd /srv/signed && git tag -f ${options} ${name}`);
    await tag('good', '-s -m forth');
    await expectTaken('9', 'good');
    await tag('good main~1', '-s -m back');
    await expectTaken('8', 'good');
    await commit('10');
    await tag('good', '-s -u /root/other -m forged');
    await expectRefused('8', 'good');
    await tag('good', '-m plain');
    await expectRefused('8', 'good');
    // The commit is the same: only the tag itself tells.
    await tag('good', '-s -m signed');
    await expectTaken('10', 'good');
    await commit('9', '-S');
    await tag('light', '');
    await expectTaken('9', 'light');
  });

  it('follows a branch whatever became of tags', async () => {
    await node.must('cd /srv/signed && git tag -f -m elsewhere plain');
    await commit('11', '-S');
    await expectTaken('11');
  });

  it('puts right what was changed by hand', async () => {
    await node.must('cd /srv/clone && echo by hand > a');
    await expectTaken('11');
    await node.must('cd /srv/clone && git commit -q -a -m mine --allow-empty');
    await expectTaken('11');
    await node.must('rm -rf /srv/clone && mkdir /srv/clone && echo other > /srv/clone/a');
    await expectTaken('11');
  });

  const live = (test = false) =>
    run(node, { common: { tree: { repository: '/srv/origin.git', ref: 'main', path: '/srv/tree' } }, test });
  const write = (text: string) => `
    cd /srv/work && mkdir -p states/folder && echo ${text} > states/small && echo ${text} > states/folder/file
    (echo ${text}; head -c 400000 /dev/zero) > states/large
    sed -i "s/^# Last: .*//" states/top.yaml && echo '# Last: ${text}' >> states/top.yaml
    git add -A && git commit -q -m ${text} && git push -q origin HEAD:main`;
  const out = () =>
    node.must(
      'cd /srv/out && cat small folder/file && head -n 1 large | tr -d "\\0" && grep ^# /srv/tree/states/top.yaml',
    );

  it('is by the tree as it was until the run is over, and by the new one from then on', async () => {
    await node.must(`
      git init -q --bare -b main /srv/origin.git
      cp -r /srv/tree /srv/work && cd /srv/work && git init -q -b main && git remote add origin /srv/origin.git
      ${write('one')}`);
    // What bootstrap.sh brought is no clone.
    await node.must('cp -r /srv/work/states /srv/tree/ && ! test -e /srv/tree/.git');
    expectForetold(await live(true), await live());
    expectNothing(await live());
    expect(await out()).to.equal('one\none\none\n# Last: one\n');
    await node.must(write('two'));
    const pulls = await live();
    expect(pulls.changed).to.deep.equal([following]);
    expect(await out()).to.equal('one\none\none\n# Last: two\n');
    expectForetold(await live(true), await live());
    expect(await out()).to.equal('two\ntwo\ntwo\n# Last: two\n');
    expectNothing(await live());
  });

  it('goes on with what is there while the repository is away, and says so', async () => {
    await node.must('mv /srv/origin.git /srv/away && echo by hand > /srv/out/small');
    const done = await live();
    expect([done.status, done.failed, done.changed]).to.deep.equal([1, [following], ['file.managed small']]);
    await node.must('mv /srv/away /srv/origin.git');
    expectNothing(await live());
  });
});
