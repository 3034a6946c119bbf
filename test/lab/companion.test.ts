/** Processes that answer questions inside a node: as many as are asked at once, and others after a crash or a boot. */
import { expect } from 'chai';
import { ask } from './companion.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';

const program = `
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'fail') throw new Error('out of order');
  if (line !== 'be silent') setTimeout(() => console.log(process.pid, line), 100);
});`;

describeLab('lab: companions', () => {
  let node: Node;

  before(async () => {
    node = await boot({ name: 'companion' });
  });

  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const answer = async (question: string, timeout = 20) =>
    (await ask(node, ['node', '-e', program], question, { timeout })).trim().split(' ');

  async function trouble(question: string, timeout?: number): Promise<string> {
    return await answer(question, timeout).then(String, (error) => error.message);
  }

  it('are asked again, and are others where several are asked at once', async () => {
    const [pid] = await answer('one');
    expect(await answer('two')).to.deep.equal([pid, 'two']);
    const both = await Promise.all([answer('three'), answer('four')]);
    expect(both.map(([, line]) => line)).to.deep.equal(['three', 'four']);
    expect(both.map(([one]) => one)).to.include(pid);
    expect(both[0]![0]).to.not.equal(both[1]![0]);
  });

  it('that end or keep silent are named, with what they said, and asked no more', async () => {
    expect(await trouble('fail')).to.match(/ has ended:\nfail\n.*out of order/s);
    expect(await trouble('be silent', 0.5)).to.match(/ does not answer within 0.5 s:\nbe silent/);
    expect((await answer('five'))[1]).to.equal('five');
  });

  it('end with the node, and begin again with it', async () => {
    await answer('six');
    await node.stop();
    await node.start();
    expect((await answer('seven'))[1]).to.equal('seven');
    await node.kill();
    await node.start();
    expect((await answer('eight'))[1]).to.equal('eight');
  });
});
