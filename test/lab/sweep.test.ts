/** What a power cut leaves half done in a folder is cleared away by the next write there. */
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot } from './node.ts';
import { applyState } from './state.ts';

describeLab('lab: leftovers of a power cut', () => {
  it('are cleared away, and what is not ours stays', async () => {
    await using node = await boot({ name: 'sweep' });
    const ours = '.converge-0123456789abcdef';
    await node.must(`mkdir -p /etc/app/.converge-fedcba9876543210`);
    await node.must(`cd /etc/app && echo half > ${ours} && echo half > .converge-fedcba9876543210/app.conf`);
    await node.must(
      `cd /etc/app && echo x > .converge-kept && install -o nobody /dev/null .converge-1111222233334444`,
    );
    const write = async (contents: string) => {
      const done = await applyState(node, 'file.managed', { name: '/etc/app/app.conf', contents });
      expect(done.failed ?? done.refused).to.equal(undefined);
      return (await node.must('ls -A /etc/app')).trim().split('\n');
    };
    expect(await write('one'), 'they may be in use').to.include(ours);
    // The kernel tells its start in whole seconds.
    await node.until(`[ $(($(date +%s) - $(stat -c %Z /etc/app/${ours}))) -ge 2 ]`);
    await node.kill();
    await node.start();
    expect(await write('two')).to.deep.equal(['.converge-1111222233334444', '.converge-kept', 'app.conf']);
  });
});
