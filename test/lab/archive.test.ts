import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

/** One tree, packed in every way. */
const setUp = `
set -e
useradd -m app
mkdir -p /root/t/app-1/bin /root/t/app-1/conf/empty && cd /root/t
echo run > app-1/bin/run; chmod 755 app-1/bin/run; echo key=1 > app-1/conf/app.conf; chmod 640 app-1/conf/app.conf
ln -s bin/run app-1/start; ln app-1/conf/app.conf app-1/conf/hard
long=app-1/$(printf 'd%.0s' $(seq 90))/$(printf 'f%.0s' $(seq 90)); mkdir -p "$(dirname $long)"; echo long > $long
echo umlaut > app-1/größe
head -c 300000 /dev/urandom > app-1/blob
chown -R 4711:4711 app-1
for f in gnu posix ustar v7; do tar --format=$f --exclude='größe' $(test $f = v7 && echo --exclude=dddd*) -cf $f.tar app-1; done
tar -cf plain.tar app-1; tar -czf gz.tar.gz app-1; tar -cJf xz.tar.xz app-1; tar -cjf bz2.tar.bz2 app-1; tar --zstd -cf zst.tar.zst app-1
zip -q -r -y zip.zip app-1
mkdir -p app-2/bin; echo run2 > app-2/bin/run; echo new > app-2/new
`;

const formats = ['plain.tar', 'gz.tar.gz', 'xz.tar.xz', 'bz2.tar.bz2', 'zst.tar.zst', 'zip.zip'];

const same = (target: string) =>
  `diff -r /root/t/app-1 ${target}/app-1 && test "$(stat -c %a ${target}/app-1/bin/run)" = 755 && test "$(stat -c %a ${target}/app-1/conf/app.conf)" = 640 && test "$(readlink ${target}/app-1/start)" = bin/run && test "$(find ${target} -printf '%U\\n' | sort -u)" = 0 && test -d ${target}/app-1/conf/empty`;

describeLab('lab: archive states', () => {
  let node: Node;
  before(async () => {
    node = await boot({ name: 'arc', packages: ['xz-utils', 'bzip2', 'zstd', 'zip'] });
    await node.must(setUp);
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('archive.extracted unpacks every format, heals what is missing, and is quiet without a process', async () => {
    for (const file of formats) {
      const target = `/opt/deep/${file.replace('.', '-')}`;
      const args = { name: target, source: `/root/t/${file}` };
      const changes = file === formats[0] ? ['/opt/deep', 'extracted_files'] : ['extracted_files'];
      await expectApplied(node, { state: 'archive.extracted', args, check: same(target) }, changes);
      await node.must(`rm -r ${target}/app-1/bin ${target}/app-1/start`);
      expect((await applyState(node, 'archive.extracted', args)).left, file).to.deep.equal([]);
      await node.must(same(target));
      expect((await applyState(node, 'archive.extracted', args)).processes, file).to.deep.equal([]);
    }
    expect(await node.must('find /opt -name ".*converge-*"')).to.equal('');
    expect(await node.must('ls /var/lib/converge/archives')).to.not.include('extract');
  });

  it('archive.extracted reads all dialects of tar', async () => {
    for (const file of ['gnu', 'posix', 'ustar', 'v7']) {
      const target = `/opt/dialect/${file}`;
      await expectApplied(node, {
        state: 'archive.extracted',
        args: { name: target, source: `/root/t/${file}.tar` },
        check: `cd ${target} && (cd /root/t && tar -cf - --exclude=größe ${file === 'v7' ? "--exclude='dddd*'" : ''} app-1) | tar --compare --no-same-owner -f - | grep -v -e 'Uid differs' -e 'Gid differs' -e 'Not linked' -e 'Mod time' && exit 1; test -f ${target}/app-1/bin/run`,
      });
    }
  });

  it('archive.extracted gives members to a user, strips folders, and leaves out what it is told to', async () => {
    const target = '/opt/mine';
    const args = {
      name: target,
      source: '/root/t/gz.tar.gz',
      options: "--strip-components=1 --exclude='conf/empty'",
      user: 'app',
    };
    await expectLife(node, {
      state: 'archive.extracted',
      args,
      check: `test "$(find ${target} -printf '%u:%g\\n' | sort -u)" = app:app && test -x ${target}/bin/run && test ! -e ${target}/conf/empty`,
      changes: ['extracted_files'],
      damage: `chown root ${target}/conf/app.conf`,
    });
    // What is changed by hand stays, until the archive changes.
    await node.must(`echo mine > ${target}/conf/app.conf`);
    expect((await applyState(node, 'archive.extracted', args)).changes).to.deep.equal({});
  });

  it('archive.extracted unpacks a changed archive again, into folders that are there', async () => {
    const target = '/opt/release';
    const args = { name: target, source: '/root/t/release.tar', strip: 1 };
    await node.must(`mkdir -p ${target}/keep && cd /root/t && tar -cf release.tar app-1`);
    await expectApplied(
      node,
      { state: 'archive.extracted', args, check: `test -f ${target}/bin/run && test -d ${target}/keep` },
      ['extracted_files'],
    );
    await node.must('cd /root/t && tar -cf release.tar app-2');
    await expectApplied(
      node,
      {
        state: 'archive.extracted',
        args,
        check: `grep -qx run2 ${target}/bin/run && test -f ${target}/new && test -f ${target}/conf/app.conf && test -d ${target}/keep`,
      },
      ['extracted_files'],
    );
    await node.must('cd /root/t && tar -cf release.tar app-1');
    await expectApplied(node, {
      state: 'archive.extracted',
      args: { ...args, clean_parent: true },
      check: `grep -qx run ${target}/bin/run && test ! -e ${target}/new && test ! -e ${target}/keep`,
    });
  });

  it('archive.extracted adopts what another tool unpacked, and says what differs', async () => {
    await node.must(
      'mkdir /opt/salt && tar -xf /root/t/plain.tar -C /opt/salt && echo edited > /opt/salt/app-1/blob',
    );
    const args = { name: '/opt/salt', source: '/root/t/plain.tar' };
    const first = await applyState(node, 'archive.extracted', args);
    expect(Object.keys(first.changes)).to.deep.equal(['remembered']);
    expect(first.warnings.join()).to.match(/^1 files in \/opt\/salt differ .*app-1\/blob/);
    expect((await applyState(node, 'archive.extracted', args)).warnings).to.deep.equal([]);
    await node.must('rm -r /var/lib/converge/archives');
    const over = await applyState(node, 'archive.extracted', { ...args, overwrite: true });
    expect(over.changes['extracted_files']).to.deep.equal([null, ['app-1/blob']]);
    await node.must('cmp /root/t/app-1/blob /opt/salt/app-1/blob');
  });

  it('archive.extracted needs a hash for what comes from the web, and fetches it once', async () => {
    await node.write(
      '/root/serve.mjs',
      `import { createServer } from 'node:http'; import { readFileSync, appendFileSync } from 'node:fs';
createServer((q, r) => { appendFileSync('/root/asked', q.url + '\\n'); try { r.end(readFileSync('/root/t' + q.url)); } catch { r.writeHead(404).end(); } }).listen(8099, '127.0.0.1');`,
    );
    await node.must('systemd-run -q node /root/serve.mjs');
    await node.until('curl -sf http://127.0.0.1:8099/gz.tar.gz -o /dev/null');
    await node.must('rm /root/asked; cd /root/t && sha256sum gz.tar.gz plain.tar > SUMS');
    const url = 'http://127.0.0.1:8099/gz.tar.gz';
    const sum = (await node.must('sha256sum < /root/t/gz.tar.gz')).slice(0, 64);
    const args = { name: '/opt/web', source: url, source_hash: `sha256=${sum}` };
    expect(
      (await applyState(node, 'archive.extracted', { name: '/opt/web', source: url })).refused,
    ).to.include('no source_hash');
    const wrong = await applyState(node, 'archive.extracted', {
      ...args,
      source_hash: `sha256=${'0'.repeat(64)}`,
    });
    expect(wrong.refused).to.include(`has the sha256 hash ${sum}`);
    await node.must('rm /root/asked');
    await expectApplied(node, { state: 'archive.extracted', args, check: same('/opt/web') });
    // For the dry run and for the real one; the run with nothing to do asked nobody.
    expect((await node.file('/root/asked'))!.trim().split('\n')).to.have.length(2);
    const list = { ...args, source_hash: 'http://127.0.0.1:8099/SUMS' };
    expect((await applyState(node, 'archive.extracted', list)).changes).to.deep.equal({});
    const several = { ...args, name: '/opt/several', source: ['http://127.0.0.1:8099/nosuch', url] };
    await expectApplied(node, { state: 'archive.extracted', args: several, check: same('/opt/several') });
  });

  it('archive.extracted refuses what would lead out of the directory', async () => {
    const tar = (file: string, script: string) =>
      `cd /root/t && rm -rf evil && mkdir -p evil && ${script} && test -f ${file}`;
    const cases: [string, string, RegExp][] = [
      [
        'up.tar',
        "tar -P --transform='s,^evil,../evil,' -cf up.tar evil",
        /"\.\.\/evil\/?", which would lead out/,
      ],
      ['abs.tar', 'tar -P -cf abs.tar /root/t/evil', /"\/root\/t\/evil\/", which would lead out/],
      [
        'link.tar',
        'ln -s /etc/shadow evil/link && tar -cf link.tar evil',
        /symbolic link to "\/etc\/shadow" outside/,
      ],
      [
        'rel.tar',
        'ln -s ../../etc evil/link && tar -cf rel.tar evil',
        /symbolic link to "\.\.\/\.\.\/etc" outside/,
      ],
      ['fifo.tar', 'mkfifo evil/fifo && tar -cf fifo.tar evil', /which is a device or a pipe/],
      ['two.tar', 'mkdir other && tar -cf two.tar evil other; rmdir other', /single directory at its top/],
      ['cut.tar.gz', 'head -c 100000 gz.tar.gz > cut.tar.gz', /damaged: unexpected end/],
      ['text.tar', 'head -c 2000 /etc/ld.so.cache > text.tar', /is no tar archive/],
    ];
    for (const [file, script, refused] of cases) {
      await node.must(tar(file, script));
      const { refused: why } = await applyState(node, 'archive.extracted', {
        name: '/opt/evil',
        source: `/root/t/${file}`,
      });
      expect(why, file).to.match(refused);
    }
    expect((await node.run('test -e /opt/evil')).status).to.equal(1);
    // Through a link that was put there, root's files are out of reach.
    await node.must(
      'mkdir /home/app/www && ln -s /etc /home/app/www/conf && chown -h app:app /home/app/www /home/app/www/conf',
    );
    await node.must(
      'cd /root/t && rm -rf site && mkdir -p site/conf && echo evil > site/conf/passwd && tar -C site -cf site.tar conf',
    );
    const through = await applyState(node, 'archive.extracted', {
      name: '/home/app/www',
      source: '/root/t/site.tar',
      overwrite: true,
    });
    expect(through.failed ?? through.refused).to.not.equal(undefined);
    expect(await node.file('/etc/passwd')).to.include('root:');
    // Setuid is dropped.
    await node.must(
      'cd /root/t && mkdir -p suid && cp /bin/true suid/true && chmod 6755 suid/true && tar -cf suid.tar suid',
    );
    await expectApplied(node, {
      state: 'archive.extracted',
      args: { name: '/opt/suid', source: '/root/t/suid.tar' },
      check: 'test "$(stat -c %a /opt/suid/suid/true)" = 755',
    });
  });

  it('archive.extracted works in a folder of a user and across file systems', async () => {
    await node.must(
      'mkdir -p /mnt/other /home/app/site && mount -t tmpfs none /mnt/other && chown app: /home/app/site /home/app',
    );
    for (const name of ['/mnt/other', '/mnt/other/new', '/home/app/site', '/home/app/fresh', '/tmp/fresh']) {
      const args = { name, source: '/root/t/zip.zip', user: 'app' };
      const check = `diff -r /root/t/app-1 ${name}/app-1 && test "$(find ${name}/app-1 -printf '%u\\n' | sort -u)" = app`;
      await expectApplied(node, { state: 'archive.extracted', args, check }, ['extracted_files']);
      await node.must(`rm -r ${name}/app-1/conf`);
      expect((await applyState(node, 'archive.extracted', args)).left, name).to.deep.equal([]);
      await node.must(check);
    }
  });

  it('archive.extracted stands by if_missing, and removes what is in the way only where told so', async () => {
    const args = { name: '/opt/guarded', source: '/root/t/gz.tar.gz' };
    const { changes, comment } = await applyState(node, 'archive.extracted', {
      ...args,
      if_missing: '/etc/passwd',
    });
    expect({ changes, comment }).to.deep.equal({ changes: {}, comment: 'Path /etc/passwd exists' });
    await node.must('mkdir -p /opt/guarded/app-1/blob && echo file > /opt/guarded/app-1/bin');
    expect((await applyState(node, 'archive.extracted', args)).refused).to.include('in the way');
    await expectApplied(node, {
      state: 'archive.extracted',
      args: { ...args, force: true },
      check: same('/opt/guarded'),
    });
  });

  it('a power cut at any moment leaves nothing half written, and the next run completes it', async () => {
    await node.must(
      'cd /root/t && mkdir -p big/sub && for i in $(seq 600); do head -c 30000 /dev/urandom > big/sub/$i; done && tar -czf big.tgz big && cp -r big old && for i in $(seq 600); do echo old > old/sub/$i; done',
    );
    for (const [index, wait] of [300, 450, 600, 750, 900, 1050].entries()) {
      const existing = index % 2 === 1;
      const target = `/opt/power-${index}`;
      if (existing) await node.must(`mkdir ${target} && cp -r /root/t/old ${target}/big`);
      const args = { name: target, source: '/root/t/big.tgz', overwrite: true };
      const cut = applyState(node, 'archive.extracted', args).catch(() => undefined);
      await pause(wait);
      await node.kill();
      await cut;
      await node.start();
      // Each file is the old one or the new one.
      await node.must(
        `test -e ${target} || exit 0; cd ${target}/big/sub && for i in *; do cmp -s $i /root/t/big/sub/$i || grep -qx old $i || exit 1; done`,
      );
      const after = await applyState(node, 'archive.extracted', args);
      expect(after.failed ?? after.refused).to.equal(undefined);
      await node.must(
        `diff -r /root/t/big ${target}/big && test -z "$(ls -A /opt ${target} | grep converge-)"`,
      );
      expect((await applyState(node, 'archive.extracted', args)).changes).to.deep.equal({});
    }
  });

  it('archive.extracted names the package where a program is missing', async () => {
    await node.must('dpkg -P --force-all bzip2 >/dev/null 2>&1');
    const { refused } = await applyState(node, 'archive.extracted', {
      name: '/opt/no',
      source: '/root/t/bz2.tar.bz2',
    });
    expect(refused).to.equal('The archive is compressed by bzip2, and there is no bzip2 here.');
  });
});

describeLab('lab: archive states on the rpm family', () => {
  it('archive.extracted unpacks every format', async () => {
    await using node = await boot({ name: 'arc-rpm', family: 'rpm' });
    await node.must(setUp);
    for (const file of formats) {
      const target = `/opt/${file.replace('.', '-')}`;
      const args = { name: target, source: `/root/t/${file}` };
      await expectApplied(node, { state: 'archive.extracted', args, check: same(target) }, [
        'extracted_files',
      ]);
    }
  });
}, ['rpm']);
