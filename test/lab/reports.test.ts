/** Reports on a machine with its own journal, cron and systemd. */
import { expect } from 'chai';
import type { Status } from '../../engine/report/status.ts';
import { parseExposition } from '../helpers/exposition.ts';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';

const prom = '/var/lib/node_exporter/textfile/converge.prom';

describeLab('lab: reports', () => {
  let node: Node;
  before(async () => {
    node = await boot({ name: 'report', packages: ['cron'] });
    await node.must(`ln -sf ${checkout}/converge /usr/local/bin/converge`);
    await node.write('/etc/converge/converge.yaml', `states: /srv/states\nmetrics: ${prom}\n`);
    await node.write('/srv/states/top.sls', "base:\n  '*':\n    - web\n");
    await node.write('/srv/states/web.sls', '/etc/web.conf:\n  file.managed:\n    - contents: one\n');
    await node.write(
      '/srv/states/slow.sls',
      'slow:\n  cmd.run:\n    - name: touch /tmp/began; while [ ! -e /tmp/go ]; do sleep 0.05; done\n',
    );
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  /** What the journal has of converge: its own lines, by their fields. */
  async function logged(): Promise<{ [field: string]: string }[]> {
    await node.must('journalctl --sync');
    const lines = await node.must('journalctl -t converge -o json --no-pager');
    return lines
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  async function status(): Promise<Status> {
    const { stdout } = await node.run('converge status --json');
    return JSON.parse(stdout) as Status;
  }

  it('the journal hears of runs that change something or fail, with fields, and of no other', async () => {
    await node.must('converge highstate');
    const [changed, ...none] = await logged();
    expect(none).to.deep.equal([]);
    expect(changed).to.deep.include({
      PRIORITY: '5',
      SYSLOG_IDENTIFIER: 'converge',
      CONVERGE_COMMAND: 'highstate',
      CONVERGE_CAUSE: 'cli',
      CONVERGE_CHANGED: '1',
      CONVERGE_EXIT: '0',
    });
    expect(changed!['MESSAGE']).to.match(/^highstate \(cli\): 1 state in .*1 changed/);
    expect(changed!['CONVERGE_RUN']).to.equal((await status()).last_run!.run);
    await node.must('converge highstate; converge highstate --test');
    expect(await logged()).to.have.lengthOf(1);
    await node.run("converge single cmd.run 'exit 3'");
    const failed = (await logged()).at(-1)!;
    expect(failed).to.deep.include({ PRIORITY: '3', CONVERGE_FAILED: '1', CONVERGE_EXIT: '1' });
    await node.must('sed "1i syslog: true" /etc/converge/converge.yaml > /tmp/told.yaml');
    await node.must('converge highstate --config /tmp/told.yaml');
    expect((await logged()).at(-1)).to.deep.include({ PRIORITY: '6', CONVERGE_UNCHANGED: '1' });
  });

  it('of five runs that timers ask for while one goes on, one follows, and sees what changed', async () => {
    await node.must('systemd-run --unit=slow converge apply slow');
    await node.until('test -e /tmp/began');
    for (let count = 0; count < 5; count++) {
      await node.must(`systemd-run --unit=asked${count} -r converge highstate --cause schedule`);
    }
    await node.until('test $(systemctl show -P SubState "asked*" | grep -c exited) = 4', { seconds: 20 });
    await node.write('/srv/states/web.sls', '/etc/web.conf:\n  file.managed:\n    - contents: two\n');
    await node.must('touch /tmp/go');
    await node.until('test $(systemctl show -P SubState "asked*" | grep -c exited) = 5', { seconds: 20 });
    const history = JSON.parse(await node.must('converge history --json')) as {
      cause: string;
      exit: number;
    }[];
    expect(history.filter(({ cause }) => cause === 'schedule').map(({ exit }) => exit)).to.deep.equal([0]);
    expect(await node.file('/etc/web.conf')).to.match(/^two\n?$/);
    expect(await node.must('systemctl show -P Result "asked*" | sort -u')).to.match(/^\s*success\n$/);
  });

  it('cron runs the node at its own minutes, and mails nothing', async function () {
    this.timeout(120_000);
    await node.must('converge single schedule.present self converge=highstate every=1min');
    const [job] = (await status()).schedules;
    expect(job!.file).to.equal('/etc/cron.d/converge-self');
    expect(Date.parse(job!.next!) - Date.now()).to.be.within(0, 60_000);
    const before = Date.now();
    await node.must('rm /etc/web.conf');
    await node.until('test -e /etc/web.conf', { seconds: 80 });
    await node.until(`! converge status --json | grep -q '"pid"'`);
    const last = (await status()).last_run!;
    expect(last.cause).to.equal('schedule');
    expect(Date.parse(last.began)).to.be.at.least(before);
    // It changed something, and cron has a mail to send; the next minute nothing happens, and there is none.
    const mails = async () =>
      Number(
        await node.must('journalctl --sync; journalctl -t CRON -o cat | grep -c "discarding output" || true'),
      );
    const sent = await mails();
    await node.until(`test $(grep -c '"cause":"schedule"' /var/lib/converge/history.ndjson) -ge 3`, {
      seconds: 80,
    });
    await node.until(`! converge status --json | grep -q '"pid"'`);
    expect(await mails()).to.equal(sent);
    const figures = parseExposition((await node.file(prom))!);
    expect(figures.get('converge_last_run_exit_code')!.samples.get('')).to.equal(0);
    expect(await node.must(`stat -c %a ${prom}`)).to.equal('644\n');
    expect((await status()).problems).to.deep.equal([]);
  });
});
