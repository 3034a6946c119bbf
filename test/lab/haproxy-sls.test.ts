/** The tree states/haproxy, from its pillar to its states. */
import { join } from 'node:path';
import { expect } from 'chai';
import { stage } from '../helpers/cli.ts';

const top = join(import.meta.dirname, '../..');

interface State {
  readonly state: string;
  readonly fun: string;
  readonly [argument: string]: unknown;
}

async function show(grains: object, haproxy?: object) {
  await using place = stage({
    'pillar/top.yaml': "base: {'*': [p]}\n",
    // Nobody listens there, so no record is ever seen.
    'pillar/p.yaml': JSON.stringify({
      domain: 'example.org',
      discovery: { resolvers: ['127.0.0.1:9'], timeout: 0.1 },
      ...(haproxy ? { haproxy } : {}),
    }),
    'c.yaml': JSON.stringify({
      states: join(top, 'states'),
      templates: join(top, 'templates'),
      pillar: 'pillar',
      state_dir: 'state',
      cache: 'cache',
      id: 'one.example.org',
      grains,
    }),
  });
  const { stdout, stderr, code } = await place.run(
    'show',
    'lowstate',
    'haproxy',
    '--json',
    '--config',
    'c.yaml',
  );
  const states: readonly State[] =
    code === 0 ? [JSON.parse(stdout)].flat().flatMap((one) => one.lowstate ?? one) : [];
  return { code, said: stdout + stderr, states };
}

function of(states: readonly State[], address: string): State[] {
  return states.filter(({ state, fun }) => `${state}.${fun}` === address);
}

describe('the tree haproxy', () => {
  it('needs nothing but a role and a domain', async () => {
    const { states, said } = await show({ role: 'app' });
    expect(of(states, 'acme.placeholder'), said).to.have.length(1);
    expect(of(states, 'acme.placeholder')[0]).to.deep.include({
      name: '/etc/haproxy/certs/site.pem',
      domains: ['example.org'],
    });
    expect(of(states, 'file.managed')[0]).to.include({ source: 'salt://haproxy/app.cfg' });
    expect(of(states, 'file.absent')[0]).to.include({ name: '/etc/haproxy/stats.auth' });
  });

  it('says so where a node has no role', async () => {
    const { states } = await show({});
    expect(states.map(({ state, fun }) => `${state}.${fun}`)).to.deep.equal(['test.fail_without_changes']);
  });

  it('takes the role of the pillar first, and certificates with the listener that shows them', async () => {
    const { states } = await show(
      { role: 'app' },
      {
        role: 'db',
        bind: ['fd00::1'],
        https_port: 8443,
        certificates: { a: 'a.example.org', b: ['b.example.org'] },
      },
    );
    expect(of(states, 'file.managed')[0]).to.include({ source: 'salt://haproxy/db.cfg' });
    expect(of(states, 'acme.served').map(({ name, listeners }) => [name, listeners])).to.deep.equal([
      ['/etc/haproxy/certs/a.pem', ['[fd00::1]:8443']],
      ['/etc/haproxy/certs/b.pem', ['[fd00::1]:8443']],
    ]);
  });

  it('asks for what runs where that is told', async () => {
    for (const [address, host] of [
      ['*', '127.0.0.1'],
      ['fd00::1', '[fd00::1]'],
      ['10.0.0.1', '10.0.0.1'],
    ]) {
      const { states } = await show({ role: 'app' }, { stats: { address } });
      expect(of(states, 'http.served')[0]).to.include({ name: `http://${host}:8404/running` });
    }
  });

  it('knows RPM systems with SELinux', async () => {
    const { states } = await show({ role: 'app', os_family: 'RedHat', selinux: { enabled: true } });
    expect(of(states, 'selinux.boolean')[0]).to.deep.include({ name: 'haproxy_connect_any', value: true });
    const { context } = of(states, 'file.managed')[0]!;
    expect(context).to.deep.include({ socket: '/var/lib/haproxy/stats' });
  });

  it('has another fingerprint for another configuration, and none of the password', async () => {
    const prints: unknown[] = [];
    for (const haproxy of [{}, { hsts: 1 }, { stats: { password: 'one' } }, { stats: { password: 'two' } }]) {
      const { states } = await show({ role: 'app' }, haproxy);
      prints.push(of(states, 'http.served')[0]!['match']);
    }
    expect(prints[0]).to.match(/^[0-9a-f]{16}$/);
    expect(prints[1]).to.not.equal(prints[0]);
    expect(prints[3]).to.equal(prints[2]);
  });

  it('takes no nonsense', async () => {
    const wrong: readonly (readonly [object, string])[] = [
      [{ https_port: 0 }, 'https_port'],
      [{ api: { port: 65_536 } }, 'port'],
      [{ api: { spread: 'all' } }, 'spread'],
      [{ certificates: { "it's": 'a.org' } }, "it's"],
      [{ certificates: { '../up': 'a.org' } }, '../up'],
      [{ bind: ['0.0.0.0 interface eth0'] }, 'bind'],
      [{ api: { paths: ["/it's"] } }, 'paths'],
      [{ timeout: '5 years' }, 'timeout'],
      [{ stats: { user: 'a:b' } }, 'user'],
      [{ stats: { password: 'two\nlines' } }, 'password'],
      [{ serivce: 'app' }, 'serivce'],
    ];
    for (const [haproxy, word] of wrong) {
      const { code, said } = await show({ role: 'app' }, haproxy);
      expect(code, word).to.not.equal(0);
      expect(said).to.include(word);
      expect(said).to.not.include('two\\nlines');
    }
  });
});
