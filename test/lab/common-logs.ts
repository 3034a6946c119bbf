/** What states/common says of logs is what journald and logrotate do: a node's disk is not filled by them. */
import { expect } from 'chai';
import { expectGood, expectNothing, run } from './common-runs.ts';
import type { Node } from './node.ts';

const journal = { SystemMaxUse: '16M', SystemMaxFileSize: '4M', RateLimitIntervalSec: 0 };

export async function expectLogsKeptSmall(node: Node): Promise<void> {
  const apply = () =>
    run(node, { common: { logs: { journal, rotate: { rotate: 3 } } }, verb: ['apply', 'common.logs'] });
  expectGood(await apply());
  expectNothing(await apply());
  const settings = await node.must('systemd-analyze cat-config systemd/journald.conf');
  expect(settings)
    .to.match(/^SystemMaxUse=16M$/m)
    .and.match(/^MaxRetentionSec=30day$/m);

  await node.must('head -c 30000000 /dev/urandom | base64 -w 3000 | systemd-cat -t flood; journalctl --sync');
  const [first, last] = await Promise.all([
    node.must('journalctl -o cat -t systemd | wc -l'),
    node.must('journalctl -o cat -t flood | wc -c'),
  ]);
  expect(Number(last), 'the newest is kept').to.be.within(1_000_000, 20_000_000);
  expect(Number(first), 'the oldest went').to.be.lessThan(100);
  expect(Number(await node.must('du -sm /var/log/journal | cut -f 1'))).to.be.within(8, 18);

  await node.write('/etc/logrotate.d/lab', '/var/log/lab.log { \n}\n');
  for (const text of ['one', 'two', 'three', 'four', 'five']) {
    // As it was rotated long ago, its time has come.
    await node.must(`
      echo ${text} > /var/log/lab.log
      printf 'logrotate state -- version 2\\n"/var/log/lab.log" 2020-1-1-0:0:0\\n' > /var/lib/logrotate/status
      systemctl start logrotate.service`);
  }
  expect(await node.must('cd /var/log && echo lab.log*')).to.equal(
    'lab.log lab.log.1.gz lab.log.2.gz lab.log.3.gz\n',
  );
  expect(await node.must('cd /var/log && zcat lab.log.[123].gz')).to.equal('five\nfour\nthree\n');
  expect(await node.must('systemctl is-enabled logrotate.timer')).to.equal('enabled\n');
}
