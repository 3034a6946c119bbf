import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { temporaryFolder } from '../helpers/folders.ts';
import { install } from '../helpers/tools.ts';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

const remote = '/srv/git/shop.git';
const url = `file://${remote}`;

/** A remote with two commits, a tag of each kind, a branch, and a work tree beside it to push from. */
const setUp = `
set -e
git config --global user.email lab@example.com
git config --global user.name Lab
git config --global init.defaultBranch main
git config --system protocol.file.allow always
useradd -m deploy
mkdir -p /srv/git
git init -q --bare ${remote}
git clone -q ${url} /root/work 2>/dev/null
cd /root/work
echo one > file; mkdir sub; echo deep > sub/file; git add .; git commit -q -m one; git tag v1; git tag -a -m release v1a
git push -q origin main --tags
git checkout -q -b side; echo side > side; git add side; git commit -q -m side; git push -q origin side
git checkout -q main
`;

const commitAndPush = (text: string) =>
  `set -e; cd /root/work; git checkout -q main; echo ${text} > file; git commit -q -am ${text}; git push -q origin main`;

describeLab('lab: git states', () => {
  let node: Node;
  before(async () => {
    node = await boot({ name: 'git', packages: ['git', 'openssh-server', 'openssh-client'] });
    await node.must(setUp);
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  async function revision(path: string, rev = 'HEAD'): Promise<string> {
    return (await node.must(['git', '-c', 'safe.directory=*', '-C', path, 'rev-parse', rev])).trim();
  }

  it('git.latest clones, follows the branch, and asks the remote once', async () => {
    const args = { name: url, target: '/srv/shop', rev: 'main' };
    const check = `test "$(git -C /srv/shop rev-parse HEAD)" = "$(git -C ${remote} rev-parse main)" && test "$(git -C /srv/shop symbolic-ref HEAD)" = refs/heads/main && git -C /srv/shop diff --quiet HEAD`;
    const done = await expectLife(node, {
      state: 'git.latest',
      args,
      check,
      changes: ['revision'],
      damage: commitAndPush('two'),
    });
    expect(done.changes['revision']![1]).to.match(/^[0-9a-f]{40}$/);
    expect(await node.must('ls -A /srv')).to.not.include('converge');
    expect((await node.must('git -C /srv/shop status --porcelain -b')).trim()).to.equal(
      '## main...origin/main',
    );
    const quiet = await applyState(node, 'git.latest', args);
    expect(quiet.processes).to.have.length(1);
    expect(quiet.processes[0]).to.include('ls-remote');
    expect(quiet.comment).to.equal('Repository /srv/shop is up-to-date');
  });

  it('git.latest needs no look at the remote for a tag or a commit that is checked out', async () => {
    for (const rev of ['v1', 'v1a', await revision(remote, 'v1')]) {
      const target = `/srv/at-${rev.slice(0, 8)}`;
      const args = { name: url, target, rev };
      await expectApplied(
        node,
        {
          state: 'git.latest',
          args,
          check: `test "$(git -C ${target} rev-parse HEAD)" = "$(git -C ${remote} rev-parse 'v1^{}')" && ! git -C ${target} symbolic-ref -q HEAD`,
        },
        ['revision'],
      );
      expect((await applyState(node, 'git.latest', args)).processes, rev).to.deep.equal([]);
    }
    const short = { name: url, target: '/srv/short', rev: (await revision(remote, 'v1')).slice(0, 8) };
    await expectApplied(node, { state: 'git.latest', args: short, check: 'test -f /srv/short/file' });
    // A tag that was moved is followed where that is asked for.
    await node.must(`cd /root/work && git tag -f v1 main && git push -q -f origin v1`);
    const stale = { name: url, target: '/srv/at-v1', rev: 'v1' };
    expect((await applyState(node, 'git.latest', stale)).changes).to.deep.equal({});
    const moved = await applyState(node, 'git.latest', { ...stale, force_fetch: true });
    expect(moved.left, moved.explained).to.deep.equal([]);
    expect(await revision('/srv/at-v1')).to.equal(await revision(remote, 'main'));
  });

  it('git.latest with force_fetch has the tag that the remote has, and not only its commit', async () => {
    const target = '/srv/tagged';
    const args = { name: url, target, rev: 'moving', force_fetch: true };
    const check = `for rev in moving 'moving^{}'; do test "$(git -C ${target} rev-parse $rev)" = "$(git -C ${remote} rev-parse $rev)" || exit 1; done
      test "$(git -C ${target} rev-parse HEAD)" = "$(git -C ${remote} rev-parse 'moving^{}')"`;
    for (const [to, changes] of [
      ['side', ['revision']],
      ['v1a^{}', ['revision']],
      ['v1a^{}', ['refs/tags/moving']],
      ['side', ['revision']],
    ] as const) {
      // Another text makes it another tag.
      await node.must(
        `cd /root/work && git tag -f -m "$(date +%N)" moving '${to}' && git push -q -f origin moving`,
      );
      await expectApplied(node, { state: 'git.latest', args, check }, changes);
    }
    const trusting = await applyState(node, 'git.latest', { ...args, force_fetch: false });
    expect(trusting.processes.join('\n')).to.include('rev-parse').and.not.include('ls-remote');
  });

  it('git.latest goes from branch to branch, and to a local branch of another name', async () => {
    const target = '/srv/branches';
    const on = (branch: string, rev: string) =>
      `test "$(git -C ${target} symbolic-ref --short HEAD)" = ${branch} && test "$(git -C ${target} rev-parse HEAD)" = "$(git -C ${remote} rev-parse ${rev})" && test "$(git -C ${target} rev-parse --abbrev-ref '@{u}')" = origin/${rev}`;
    const args = (more: object) => ({ name: url, target, ...more });
    await expectApplied(node, {
      state: 'git.latest',
      args: args({ rev: 'side', branch: 'mine' }),
      check: on('mine', 'side'),
    });
    await expectApplied(
      node,
      { state: 'git.latest', args: args({ rev: 'main' }), check: on('main', 'main') },
      ['main follows', 'revision', 'branch'],
    );
    await expectApplied(node, {
      state: 'git.latest',
      args: args({ rev: 'side' }),
      check: on('side', 'side'),
    });
    await expectApplied(
      node,
      { state: 'git.latest', args: args({ rev: 'side', branch: 'mine' }), check: on('mine', 'side') },
      ['branch'],
    );
    await expectApplied(
      node,
      {
        state: 'git.latest',
        args: args({ rev: 'main', branch: 'mine', force_reset: true }),
        check: on('mine', 'main'),
      },
      ['mine follows', 'revision'],
    );
  });

  it('git.latest loses nothing that was never committed or pushed, unless it is told to', async () => {
    const target = '/srv/mine';
    const args = { name: url, target, rev: 'main' };
    await applyState(node, 'git.latest', args);
    await node.must(`echo mine > ${target}/file && echo new > ${target}/untracked`);
    expect((await applyState(node, 'git.latest', args)).changes).to.deep.equal({});
    await node.must(commitAndPush('three'));
    const kept = await applyState(node, 'git.latest', args);
    expect(kept.refused).to.equal(`Uncommitted changes in ${target} would be lost: file.`);
    expect(await node.file(`${target}/file`)).to.equal('mine\n');
    await expectApplied(
      node,
      {
        state: 'git.latest',
        args: { ...args, force_reset: 'remote-changes' },
        check: `grep -qx three ${target}/file && test -f ${target}/untracked`,
      },
      ['revision', 'uncommitted changes'],
    );
    await node.must(`echo again > ${target}/file`);
    expect(
      (await applyState(node, 'git.latest', { ...args, force_reset: 'remote-changes' })).changes,
    ).to.deep.equal({});
    await expectApplied(
      node,
      { state: 'git.latest', args: { ...args, force_reset: true }, check: `grep -qx three ${target}/file` },
      ['uncommitted changes'],
    );
    // A local commit that the remote does not have, with and without news from there.
    await node.must(`cd ${target} && echo local > local && git add local && git commit -q -m local`);
    const ahead = await applyState(node, 'git.latest', args);
    expect(ahead.refused).to.match(/^The branch main in .* holds commits that \w+ does not have\.$/);
    await node.must(commitAndPush('four'));
    const apart = await applyState(node, 'git.latest', args);
    expect(apart.explained).to.match(/Not possible to fast-forward.*force_reset: true/s);
    expect(await node.file(`${target}/local`)).to.equal('local\n');
    // A git that failed is no git that was cut off: what is changed afterwards is kept.
    await node.must(`echo precious > ${target}/file`);
    expect((await applyState(node, 'git.latest', args)).refused).to.include('would be lost: file.');
    expect(await node.file(`${target}/file`)).to.equal('precious\n');
    // Whatever failed before, the next run with leave to do so gets there.
    await expectApplied(node, {
      state: 'git.latest',
      args: { ...args, force_reset: true },
      check: `grep -qx four ${target}/file && ! test -e ${target}/local`,
    });
    // An untracked file in the way of a new one is git's own to guard.
    await node.must(
      `echo mine > ${target}/fresh; cd /root/work && echo theirs > fresh && git add fresh && git commit -q -m fresh && git push -q origin main`,
    );
    expect((await applyState(node, 'git.latest', args)).explained).to.include(
      'untracked working tree files would be overwritten',
    );
    expect(await node.file(`${target}/fresh`)).to.equal('mine\n');
    await node.must(`rm ${target}/fresh`);
    expect((await applyState(node, 'git.latest', args)).left).to.deep.equal([]);
  });

  it('git.latest may only fetch, fetch only some, and drop changes only to leave a branch', async () => {
    const target = '/srv/options';
    const args = { name: url, target, rev: 'main' };
    const only = { ...args, refspec_branch: 'ma*', fetch_tags: false };
    await applyState(node, 'git.latest', args);
    await node.must(commitAndPush('options'));
    await node.must(`git -C ${remote} branch unwanted main && git -C ${remote} tag unwanted main`);
    const before = await revision(target);
    await expectApplied(
      node,
      {
        state: 'git.latest',
        args: { ...only, update_head: false },
        check: `test "$(git -C ${target} rev-parse HEAD origin/main | tr '\\n' ' ')" = "${before} $(git -C ${remote} rev-parse main) "`,
      },
      ['fetched'],
    );
    await expectApplied(node, {
      state: 'git.latest',
      args: only,
      check: `! git -C ${target} rev-parse -q --verify origin/unwanted && ! git -C ${target} rev-parse -q --verify refs/tags/unwanted`,
    });
    await node.must(`echo mine > ${target}/file`);
    const side = { ...args, rev: 'side' };
    expect((await applyState(node, 'git.latest', side)).refused).to.include('would be lost: file.');
    await expectApplied(
      node,
      {
        state: 'git.latest',
        args: { ...side, force_checkout: true },
        check: `git -C ${target} diff --quiet HEAD`,
      },
      ['side follows', 'revision', 'branch', 'uncommitted changes'],
    );
    await node.must(`git -C ${remote} branch -D unwanted && git -C ${remote} tag -d unwanted`);
  });

  it('git.latest follows a remote that was moved, and one that rewrote its history where told so', async () => {
    const target = '/srv/moved';
    const args = { name: url, target, rev: 'main' };
    await applyState(node, 'git.latest', args);
    await node.must(`git clone -q --mirror ${url} /srv/git/elsewhere.git`);
    await expectApplied(
      node,
      {
        state: 'git.latest',
        args: { ...args, name: 'file:///srv/git/elsewhere.git' },
        check: `test "$(git -C ${target} remote get-url origin)" = file:///srv/git/elsewhere.git`,
      },
      ['remotes/origin'],
    );
    await node.must(
      'rm -rf /root/other && git clone -q /srv/git/elsewhere.git /root/other && cd /root/other && git commit -q --amend -m other && git push -q -f origin main',
    );
    const elsewhere = { ...args, name: 'file:///srv/git/elsewhere.git' };
    expect((await applyState(node, 'git.latest', elsewhere)).explained).to.include('fast-forward');
    await expectApplied(node, {
      state: 'git.latest',
      args: { ...elsewhere, force_reset: true },
      check: `test "$(git -C ${target} log -1 --format=%s)" = other`,
    });
  });

  it('git.latest refuses what is no repository, and clones there where told so', async () => {
    await node.must('mkdir -p /srv/full /srv/empty && chmod 750 /srv/empty && echo keep > /srv/full/file');
    const full = { name: url, target: '/srv/full', rev: 'main' };
    expect((await applyState(node, 'git.latest', full)).refused).to.equal(
      '/srv/full exists and is no git repository.',
    );
    await expectApplied(
      node,
      {
        state: 'git.latest',
        args: { ...full, force_clone: true },
        check: 'git -C /srv/full diff --quiet HEAD',
      },
      ['revision', '/srv/full'],
    );
    await expectApplied(node, {
      state: 'git.latest',
      args: { name: url, target: '/srv/empty', rev: 'main' },
      check: 'test "$(stat -c %a /srv/empty)" = 750 && git -C /srv/empty diff --quiet HEAD',
    });
    const nowhere = await applyState(node, 'git.latest', {
      name: 'file:///nowhere.git',
      target: '/srv/nowhere',
    });
    expect(nowhere.refused).to.match(/^file:\/\/\/nowhere\.git cannot be asked: fatal: .*nowhere\.git/);
    const unknown = await applyState(node, 'git.latest', {
      name: url,
      target: '/srv/nowhere',
      rev: 'nosuch',
    });
    expect(unknown.refused).to.equal(`${url} has no branch or tag "nosuch".`);
  });

  it('git runs as the owner of the repository, so that its hooks get no more rights', async () => {
    const target = '/home/deploy/deep/shop';
    const args = { name: url, target, rev: 'main', user: 'deploy' };
    await node.must(
      'runuser -u deploy -- git config --global --add safe.directory "*"; chmod -R a+rX /srv/git',
    );
    await node.must('su deploy -c "mkdir /home/deploy/deep"');
    await expectApplied(node, {
      state: 'git.latest',
      args,
      check: `test "$(stat -c %U ${target} ${target}/.git ${target}/file ${target}/.git/config | sort -u)" = deploy`,
    });
    await node.must(commitAndPush('five'));
    const script = '#!/bin/sh\nid -un >> /tmp/hooked\n';
    await node.write(`${target}/.git/hooks/post-merge`, script);
    await node.write(`${target}/.git/fsmonitor`, script);
    await node.must(
      `chmod 755 ${target}/.git/hooks/post-merge ${target}/.git/fsmonitor; chown -R deploy: ${target}; su deploy -c 'cd ${target} && git config core.fsmonitor ${target}/.git/fsmonitor'`,
    );
    const done = await applyState(node, 'git.latest', { name: url, target, rev: 'main' });
    expect(done.left, done.explained).to.deep.equal([]);
    expect([...new Set((await node.must('cat /tmp/hooked')).trim().split('\n'))]).to.deep.equal(['deploy']);
    expect((await applyState(node, 'git.latest', { ...args, user: 'root' })).refused).to.equal(
      'The repository belongs to deploy, not to root.',
    );
  });

  it('submodules are fetched, and fetched again where they are missing', async () => {
    await node.must(
      'set -e; git init -q --bare /srv/git/part.git; git clone -q /srv/git/part.git /root/part 2>/dev/null; cd /root/part; echo part > part; git add .; git commit -q -m part; git push -q origin main; cd /root/work; git checkout -q main; git submodule -q add file:///srv/git/part.git lib/part; git commit -q -m part; git push -q origin main',
    );
    await expectLife(node, {
      state: 'git.latest',
      args: { name: url, target: '/srv/whole', rev: 'main', submodules: true },
      check: 'grep -qx part /srv/whole/lib/part/part',
      changes: ['revision'],
      damage: 'rm -rf /srv/whole/lib/part/.git /srv/whole/lib/part/part',
    });
  });

  it('what a power cut leaves of a clone or an update is finished by the next run', async () => {
    const target = '/srv/cut';
    const args = { name: url, target, rev: 'main' };
    // Of a clone by converge: a workshop. Of one by others: the beginning of a .git, or files without an index.
    const wrecks = [
      `git clone -q ${url} /srv/.cut.converge-clone && rm /srv/.cut.converge-clone/.git/HEAD`,
      `mkdir -p ${target}/.git/objects/pack && : > ${target}/.git/HEAD && : > ${target}/.git/objects/pack/tmp_pack_x`,
      `git clone -q ${url} ${target} && rm ${target}/.git/index ${target}/sub/file && : > ${target}/.git/index.lock && echo half > ${target}/file && echo checkout > ${target}/.git/converge-update`,
      `git clone -q ${url} ${target} && rm ${target}/.git/index && rm -r ${target}/sub`,
    ];
    const check = `git -C ${target} diff --quiet HEAD && test -z "$(git -C ${target} status --porcelain)" && test ! -e /srv/.cut.converge-clone && test ! -e ${target}/.git/converge-update`;
    for (const wreck of wrecks) {
      await node.must(`rm -rf ${target}; ${wreck}`);
      await expectApplied(node, { state: 'git.latest', args, check });
    }
    // In the middle of fetching: nothing but locks is left, and what was changed since is not ours.
    await node.must(commitAndPush('half'));
    await node.must(
      `cd ${target} && echo fetch > .git/converge-update && mkdir -p .git/refs/remotes/origin && : > .git/refs/remotes/origin/main.lock && : > .git/packed-refs.lock && echo mine > file`,
    );
    expect((await applyState(node, 'git.latest', args)).refused).to.include('would be lost: file.');
    await node.must(`git -C ${target} checkout -q file`);
    await expectApplied(node, {
      state: 'git.latest',
      args,
      check: `${check} && grep -qx half ${target}/file`,
    });
    // In the middle of an update: the new commit is half checked out.
    await node.must(commitAndPush('six'));
    await node.must(
      `cd ${target} && git fetch -q && echo checkout > .git/converge-update && echo six > file && : > .git/index.lock && : > .git/refs/heads/main.lock`,
    );
    await expectApplied(
      node,
      { state: 'git.latest', args, check: `${check} && grep -qx six ${target}/file` },
      ['revision'],
    );
  });

  it('bare clones and mirrors have the refs of the remote', async () => {
    const bare = { name: url, target: '/srv/copy.git', bare: true };
    const same = (target: string) =>
      `test "$(git -C ${target} for-each-ref refs/heads refs/tags)" = "$(git -C ${remote} for-each-ref refs/heads refs/tags)"`;
    await expectLife(node, {
      state: 'git.latest',
      args: bare,
      check: same('/srv/copy.git'),
      changes: ['revision'],
      damage: commitAndPush('seven'),
    });
    const mirror = { name: url, target: '/srv/mirror.git', mirror: true };
    await node.must(`git -C ${remote} branch gone main`);
    await expectLife(node, {
      state: 'git.latest',
      args: mirror,
      check: same('/srv/mirror.git'),
      changes: ['revision'],
      damage: `git -C ${remote} branch -D gone && git -C ${remote} branch come main`,
    });
    expect((await applyState(node, 'git.latest', { name: url, target: '/srv/copy.git' })).refused).to.include(
      'bare',
    );
  });

  it('a shallow clone stays shallow and follows', async () => {
    const target = '/srv/shallow';
    const check = `test "$(git -C ${target} rev-list --count HEAD)" = 1 && test "$(git -C ${target} rev-parse HEAD)" = "$(git -C ${remote} rev-parse main)"`;
    await expectLife(node, {
      state: 'git.latest',
      args: { name: url, target, rev: 'main', depth: 1 },
      check,
      changes: ['revision'],
      damage: commitAndPush('eight'),
    });
    await expectApplied(node, {
      state: 'git.latest',
      args: { name: url, target: '/srv/shallow-tag', rev: 'v1a', depth: 1 },
      check: 'test "$(git -C /srv/shallow-tag rev-list --count HEAD)" = 1',
    });
  });

  it('git.detached has a commit and no branch; git.cloned is content with what is there', async () => {
    const target = '/srv/detached';
    const args = { name: url, target, rev: 'main' };
    await expectLife(node, {
      state: 'git.detached',
      args,
      check: `! git -C ${target} symbolic-ref -q HEAD && test "$(git -C ${target} rev-parse HEAD)" = "$(git -C ${remote} rev-parse main)"`,
      changes: ['revision'],
      damage: `git -C ${target} checkout -q main && git -C ${target} reset -q --hard HEAD~1`,
    });
    const local = await applyState(node, 'git.detached', { ...args, rev: 'v1a', fetch_remote: false });
    expect(local.left).to.deep.equal([]);
    expect(await revision(target)).to.equal(await revision(remote, 'v1a^{}'));
    const cloned = { name: url, target: '/srv/cloned', branch: 'side' };
    await expectLife(node, {
      state: 'git.cloned',
      args: cloned,
      check: 'test "$(git -C /srv/cloned symbolic-ref --short HEAD)" = side',
      changes: ['revision'],
      damage: 'git -C /srv/cloned checkout -q main',
    });
    await node.must(commitAndPush('nine'));
    const quiet = await applyState(node, 'git.cloned', cloned);
    expect(quiet).to.deep.include({ changes: {}, processes: [] });
  });

  it('git.present and the configuration, which git itself reads back', async () => {
    await expectLife(node, {
      state: 'git.present',
      args: { name: '/srv/git/new.git', shared: 'group', user: 'deploy' },
      check: 'test "$(su deploy -c \'git -C /srv/git/new.git rev-parse --is-bare-repository\')" = true',
      changes: ['repository'],
      damage:
        'rm -rf /srv/git/new.git/refs /srv/git/new.git/objects /srv/git/new.git/HEAD; rm -rf /srv/git/new.git',
    });
    const set = {
      name: 'remote.backup.url',
      value: 'ssh://git@example.com/~a b;c#"d"\\',
      repo: '/srv/cloned',
    };
    await expectLife(node, {
      state: 'git.config_set',
      args: set,
      check: `test "$(git -C /srv/cloned config remote.backup.url)" = 'ssh://git@example.com/~a b;c#"d"\\'`,
      changes: ['remote.backup.url'],
      damage: 'git -C /srv/cloned config remote.backup.url other',
      absent: {
        state: 'git.config_unset',
        args: { name: 'remote\\.backup\\..*', repo: '/srv/cloned' },
        check: '! git -C /srv/cloned config remote.backup.url',
      },
    });
    await expectApplied(node, {
      state: 'git.config_set',
      args: { name: 'user.email', value: 'deploy@example.com', user: 'deploy', global: true },
      check:
        'test "$(su deploy -c \'git config --global user.email\')" = deploy@example.com && test "$(stat -c %U /home/deploy/.gitconfig)" = deploy',
    });
    expect((await applyState(node, 'git.config_set', set)).processes).to.deep.equal([]);
  });

  it('by ssh with a key of its own, and only to a host that is known', async () => {
    await node.must(
      `set -e; useradd -m -s /bin/sh git; mkdir -p /home/git/.ssh /etc/deploy; ssh-keygen -q -t ed25519 -N '' -f '/etc/deploy/the key'; cp '/etc/deploy/the key.pub' /home/git/.ssh/authorized_keys; chown -R git: /home/git/.ssh; chown -R deploy: /etc/deploy; chmod -R a+rX ${remote}; git config --system --add safe.directory ${remote}; systemctl start ssh`,
    );
    const args = {
      name: `git@127.0.0.1:${remote}`,
      target: '/home/deploy/by-ssh',
      rev: 'main',
      user: 'deploy',
      identity: '/etc/deploy/the key',
    };
    const unknown = await applyState(node, 'git.latest', args);
    expect(unknown.refused).to.match(/cannot be asked: .*Host key verification failed/);
    await node.must('ssh-keyscan -t ed25519 127.0.0.1 > /etc/ssh/ssh_known_hosts 2>/dev/null');
    const keyless = await applyState(node, 'git.latest', { ...args, identity: [] });
    expect(keyless.refused).to.include('Permission denied (publickey');
    await expectLife(node, {
      state: 'git.latest',
      args,
      check: `test "$(su deploy -c 'git -C /home/deploy/by-ssh rev-parse HEAD')" = "$(git -C ${remote} rev-parse main)"`,
      changes: ['revision'],
      damage: commitAndPush('ssh'),
    });
  });

  it('foretells a clone by a user and a key that earlier states will make', async () => {
    const tree = {
      'states/top.sls': "base:\n  '*':\n    - a\n",
      'states/a.sls': `
late:
  user.present: []
/etc/deploy/late:
  file.managed:
    - contents: key
    - user: late
    - makedirs: true
public:
  git.latest:
    - name: ${url}
    - target: /srv/late
    - rev: main
    - user: late
private:
  git.latest:
    - name: git@127.0.0.1:${remote}
    - target: /srv/private
    - rev: main
    - user: late
    - identity: /etc/deploy/late
`,
    };
    const { results } = await node.converge(tree, { test: true });
    const [, , open, closed] = results;
    expect(open!.result, open!.comment).to.equal(null);
    expect(open!.changes).to.deep.equal({ revision: { new: await revision(remote, 'main') } });
    expect(closed!.result, closed!.comment).to.equal(null);
    expect(closed!.changes).to.deep.equal({ revision: { new: 'newest' } });
  });

  it('by https with a password that is neither on a command line nor in a file', async () => {
    install({ openssl: 'openssl' });
    await using folder = temporaryFolder();
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '2',
        ],
        ...[
          '-subj',
          '/CN=localhost',
          '-addext',
          'subjectAltName=DNS:localhost',
          '-keyout',
          'key',
          '-out',
          'cert',
        ],
      ],
      { cwd: folder.path, stdio: 'ignore' },
    );
    await node.copyIn(folder.path, '/root/tls');
    const secret = 'hush/@: $x"';
    await node.write(
      '/root/tls/serve.mjs',
      `import { createServer } from 'node:https'; import { readFileSync } from 'node:fs';
const wanted = 'Basic ' + Buffer.from('bob:' + ${JSON.stringify(secret)}).toString('base64');
createServer({ key: readFileSync('/root/tls/key'), cert: readFileSync('/root/tls/cert') }, (q, r) => {
  if (q.headers.authorization !== wanted) return r.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
  try { r.end(readFileSync('/srv/git' + q.url.replace(/[?].*/, ''))); } catch { r.writeHead(404).end(); }
}).listen(8443);`,
    );
    await node.must(
      `git -C ${remote} update-server-info && git config --system http.sslCAInfo /root/tls/cert && systemd-run -q node /root/tls/serve.mjs`,
    );
    await node.until('curl -sko /dev/null https://localhost:8443/');
    const args = { name: 'https://localhost:8443/shop.git', target: '/srv/by-https', rev: 'main' };
    const without = await applyState(node, 'git.latest', args);
    expect(without.refused).to.match(
      /cannot be asked: .*(could not read Username|terminal prompts disabled)/,
    );
    const wrong = await applyState(node, 'git.latest', { ...args, https_user: 'bob', https_pass: 'wrong' });
    expect(wrong.refused).to.include('Authentication failed');
    const right = { ...args, https_user: 'bob', https_pass: secret };
    const done = await expectLife(node, {
      state: 'git.latest',
      args: right,
      check: `test "$(git -C /srv/by-https rev-parse HEAD)" = "$(git -C ${remote} rev-parse main)"`,
      changes: ['revision'],
      damage: `${commitAndPush('https')} && git -C ${remote} update-server-info`,
    });
    expect(JSON.stringify(done)).to.not.include('hush');
    expect(
      (await node.run(['grep', '-rq', 'hush', '/srv/by-https', '/root/.gitconfig', '/etc/gitconfig'])).status,
    ).to.equal(1);
  });

  it('a power cut at any moment leaves a clone that the next run completes', async () => {
    await node.must(
      `cd /root/work && git checkout -q main && mkdir -p many && for i in $(seq 400); do head -c 20000 /dev/urandom > many/$i; done && git add many && git commit -q -m many && git push -q origin main`,
    );
    const target = '/srv/power';
    const args = { name: url, target, rev: 'main' };
    const check = `git -C ${target} diff --quiet HEAD && test -z "$(git -C ${target} status --porcelain)" && test -z "$(ls -A /srv | grep converge)" && git -C ${target} fsck --no-dangling >/dev/null`;
    for (const [index, wait] of [300, 400, 500, 600, 700].entries()) {
      if (index % 2 === 0) await node.must(`rm -rf ${target}`);
      else await node.must(`cd ${target} && git reset -q --hard HEAD~1`);
      const cut = applyState(node, 'git.latest', args).catch(() => undefined);
      await pause(wait);
      await node.kill();
      await cut;
      await node.start();
      const after = await applyState(node, 'git.latest', args);
      expect(after.refused ?? after.failed, after.explained).to.equal(undefined);
      expect(after.left).to.deep.equal([]);
      await node.must(check);
    }
  });
});

for (const family of ['trixie', 'rpm'] as const) {
  const packages = family === 'rpm' ? [] : ['git'];
  describeLab(`lab: git states on ${family}`, () => {
    it('clone, follow and configure', async () => {
      await using node = await boot({ name: `git-${family}`, family, packages });
      await node.must(setUp);
      await node.must("git config --system --add safe.directory '*'");
      await expectLife(node, {
        state: 'git.latest',
        args: { name: url, target: '/srv/shop', rev: 'main', user: 'deploy' },
        check: `test "$(git -c safe.directory='*' -C /srv/shop rev-parse HEAD)" = "$(git -C ${remote} rev-parse main)" && test "$(stat -c %U /srv/shop/file)" = deploy`,
        changes: ['revision'],
        damage: commitAndPush('two'),
      });
      await expectApplied(node, {
        state: 'git.config_set',
        args: { name: 'user.name', value: 'Deploy', user: 'deploy', global: true },
        check: 'test "$(su deploy -c \'git config --global user.name\')" = Deploy',
      });
    });
  }, [family]);
}
