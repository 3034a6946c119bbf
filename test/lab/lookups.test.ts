/** Templates and conditions ask about what earlier states of the same run do, in a dry run too. */
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot } from './node.ts';

const states = `
# Asked while the states are compiled: {{ salt['pkg.version']('hello') }}, {{ salt['service.status']('app') }}
hello: {pkg.installed: []}
/etc/systemd/system/app.service:
  file.managed:
    - contents: |
        [Service]
        Type=exec
        ExecStart=/bin/sleep infinity
app: {service.running: []}
/etc/facts:
  file.managed:
    - source: salt://facts
    - template: jinja
/etc/greets:
  file.managed:
    - contents: 'yes'
    - onlyif: [{fun: pkg.version, args: [hello]}]
/etc/idle:
  file.managed:
    - contents: 'yes'
    - unless: [{fun: service.status, args: [app]}]
`;

const tree = {
  'states/top.sls': "base:\n  '*': [main]\n",
  'states/main.sls': states,
  'states/facts':
    "hello {{ salt['pkg.version']('hello') }}, app {{ salt['service.status']('app') }}, {{ salt['file.file_exists']('/etc/systemd/system/app.service') }}\n",
};

describeLab('lab: what templates ask', () => {
  it('is answered as it is by then, so that one run is enough', async () => {
    await using node = await boot({ name: 'lookups' });
    await node.must('apt-get update -q');
    const facts = /hello \S+, app True, True/;
    const foretold = await node.converge(tree, { test: true });
    const done = await node.converge(undefined);
    expect(done.failed, done.results.map(({ comment }) => comment).join('\n')).to.deep.equal([]);
    expect(await node.file('/etc/facts')).to.match(facts);
    expect(await node.file('/etc/greets')).to.equal('yes\n');
    expect(await node.file('/etc/idle')).to.equal(undefined);
    expect(foretold.changed).to.deep.equal(done.changed);
    const change = foretold.results.find(({ id }) => id === '/etc/facts')?.changes['content'];
    expect(JSON.stringify(change)).to.match(facts);
    const again = await node.converge(undefined);
    expect(again.changed).to.deep.equal([]);
  });
});
