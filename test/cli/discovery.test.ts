/** Members of a service in a run: found, kept when the DNS is away, and explained. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { executeCli } from '../../engine/cli/main.ts';
import { sink } from '../helpers/cli.ts';
import { type DnsServer, dnsServer, type Reply, type Row, soa } from '../helpers/dns-server.ts';
import { buildTree, type TemporaryFolder, temporaryFolder } from '../helpers/folders.ts';

const service = '_app._tcp.example.org';
const records: readonly Row[] = [
  [service, 'SRV', '10 5 443 app1.example.org'],
  [service, 'SRV', '10 5 443 app2.example.org'],
  ['app1.example.org', 'A', '192.0.2.1'],
  ['app2.example.org', 'A', '192.0.2.2'],
  ['internal.app2.example.org', 'A', '10.0.0.2'],
];

function zone(rows: readonly Row[]) {
  return ({ name, type }: { readonly name: string; readonly type: string }): Reply => {
    const answer = rows.filter((row) => row[0] === name && row[1] === type);
    return answer.length > 0 ? { answer } : { authority: [soa] };
  };
}

const template = `{%- for one in salt['discovery.members']('app') %}
{{ one.name }} {{ one.address }} {{ one.internal }} {{ one.self }}
{%- endfor %}
alone {{ salt['discovery.alone']('app') }}, place {{ salt['discovery.index']('app') }}, others {{ salt['discovery.others']('app') | length }}
`;

class Place implements AsyncDisposable {
  readonly #folder: TemporaryFolder = temporaryFolder();
  say: (question: { readonly name: string; readonly type: string }) => Reply | undefined = zone(records);
  #server: DnsServer | undefined;

  static async open(more = ''): Promise<Place> {
    const place = new Place();
    place.#server = await dnsServer((question) => place.say(question));
    buildTree(place.#folder.path, {
      'c.yaml': 'state_dir: state\nstates: states\npillar: pillar\nid: app2.example.org\ncache: cache\n',
      'states/web.yaml': `${place.at('members')}:\n  file.managed:\n    - source: salt://members\n    - template: jinja\n`,
      'states/members': template,
      'pillar/top.yaml': "base: {'*': [p]}",
      'pillar/p.yaml': `discovery:\n  domain: example.org\n  resolvers: ['${place.#server.name}']\n  timeout: 0.05\n  interval: 0\n${more}`,
    });
    return place;
  }

  at(path: string): string {
    return join(this.#folder.path, path);
  }

  async run(...words: string[]) {
    const [stdout, stderr] = [sink(), sink()];
    const code = await executeCli([...words, '--config', this.at('c.yaml')], {
      stdout,
      stderr,
      env: { HOME: this.#folder.path },
      cwd: this.#folder.path,
      uid: 1,
    });
    return { code, stdout: stdout.text, stderr: stderr.text };
  }

  async members(): Promise<string> {
    const { code, stderr } = await this.run('apply', 'web');
    expect(code, stderr).to.equal(0);
    return readFileSync(this.at('members'), 'utf8');
  }

  async [Symbol.asyncDispose]() {
    await this.#server?.[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

const both =
  '\napp1.example.org 192.0.2.1 None False\napp2.example.org 192.0.2.2 10.0.0.2 True\nalone False, place 1, others 1\n';

describe('discovery in a run', () => {
  it('gives templates the members, and stays with them when the DNS is away', async () => {
    await using place = await Place.open();
    expect(await place.members()).to.equal(both);
    for (const say of [
      () => undefined,
      () => ({ rcode: 2 }),
      () => ({}),
      () => ({ raw: Buffer.from('?') }),
    ]) {
      place.say = say;
      expect(await place.members()).to.equal(both);
    }
    place.say = zone([...records, [service, 'SRV', '10 5 443 app3.example.org']]);
    expect(await place.members(), 'recovery needs no hand').to.include('app3.example.org');
  });

  it('renders this node alone before there are any records', async () => {
    await using place = await Place.open();
    place.say = zone([]);
    const text = await place.members();
    expect(text).to.include('app2.example.org').and.include('alone True, place 0, others 0');
  });

  it('remembers nothing of a dry run', async () => {
    await using place = await Place.open();
    expect((await place.run('apply', 'web', '--test')).code).to.equal(0);
    expect(existsSync(place.at('state/discovery.json'))).to.equal(false);
  });

  it('goes on with a damaged memory', async () => {
    await using place = await Place.open();
    await place.members();
    buildTree(place.at('state'), { 'discovery.json': '{"SRV x": {"known": 7}}' });
    expect(await place.members()).to.equal(both);
  });

  it('is explained: what was answered, what counts, and why', async () => {
    await using place = await Place.open();
    await place.members();
    place.say = (question) => {
      if (question.type === 'SRV') return zone(records.slice(1))(question);
      return question.name === 'app1.example.org' ? { rcode: 2 } : zone(records)(question);
    };
    const { code, stdout } = await place.run('dns', 'explain');
    expect(code).to.equal(0);
    expect(stdout).to.include(`${service}: 2 members`);
    expect(stdout).to.include('* app2.example.org:443 (priority 10, weight 5) 192.0.2.2, internal 10.0.0.2');
    expect(stdout).to.include('says: 10 5 443 app2.example.org (for 60 s)');
    expect(stdout).to.match(
      /counts: 10 5 443 app1\.example\.org, missing in 1 answer of 1 resolver over 0 s; kept until it is 3 answers of 1 resolver over 10 s/,
    );
    expect(stdout).to.include('says: nothing (SERVFAIL), which changes nothing');
    const json = JSON.parse((await place.run('dns', 'explain', 'app', '--json')).stdout);
    expect(json.services[0]).to.deep.include({ name: service, index: 1, alone: false });
    expect(json.inquiries[0]).to.include({ question: `SRV ${service}` });
  });

  const wrong: readonly (readonly [what: string, pillar: string, message: string])[] = [
    ['a key that there is not', '  quorums: 2\n', '"discovery" has no key "quorums"'],
    ['a text for a number', '  quorum: two\n', '"discovery:quorum" has to be a number'],
  ];
  for (const [what, pillar, message] of wrong) {
    it(`refuses in its settings ${what}`, async () => {
      await using place = await Place.open(pillar);
      const { code, stderr } = await place.run('apply', 'web');
      expect(code).to.equal(1);
      expect(stderr + (await place.run('apply', 'web')).stdout).to.include(message);
    });
  }

  it('asks nobody about another host', async () => {
    await using place = await Place.open();
    place.say = () => expect.fail('it was asked');
    buildTree(place.at('.'), {
      'g.yaml': 'id: other\nos: Debian\n',
      'states/sls.yaml': `{{ salt['discovery.members']('app')[0].name }}: test.nop\n`,
    });
    const { code, stdout, stderr } = await place.run('show', 'sls', 'sls', '--grains', 'g.yaml');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include('app2.example.org');
  });
});
