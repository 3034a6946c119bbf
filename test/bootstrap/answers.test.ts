/** Answers and domains that are wrong, odd or hostile: told with their place, and nothing of them is kept. */
import { expect } from 'chai';
import { findDomain } from '../../scripts/node/domain.ts';
import { NodeSandbox } from './node-sandbox.ts';

const good = 'domain: our.test\ndns: {key: {name: k, secret: "s{{ecret"}}\nletsencrypt: {secret: shared}\n';

describe('answers for bootstrap.sh', function () {
  this.timeout(60_000);
  let box: NodeSandbox;
  beforeEach(() => {
    box = new NodeSandbox();
  });
  afterEach(() => {
    box.clear();
  });
  const app = (text: string, ...options: string[]) =>
    box.run(['app', '--answers', box.answers(text), ...options]);

  for (const [what, text, told] of [
    [
      'a key that its tree does not know',
      good.replace('shared', 'shared, secert: x'),
      /nothing of them is kept[\s\S]*no key "secert". \(\S*answers.yaml\)[\s\S]*Did you mean "secret"/,
    ],
    ['a value of another type', good.replace('{secret: shared}', '{secret: [1]}'), /letsencrypt:secret/],
    ['what is no YAML', `${good}broken: [1, 2\nmore: 3\n`, /answers\.yaml, line [45]\b/],
    ['a list in the place of a mapping', '- domain\n', /answers\.yaml/],
    ['a domain that is a number', good.replace('our.test', '7'), /7 is no domain/],
    ['a file of bytes that are no text', '\xff\xfe\0', /answers\.yaml/],
  ] as const)
    it(`with ${what} are refused with their place, and the right ones are taken afterwards`, async () => {
      const wrong = await app(text);
      expect(wrong.status, wrong.output).to.equal(1);
      expect(wrong.output)
        .to.match(told)
        .and.match(/^error: /m);
      expect(wrong.output).to.not.match(/s\{\{ecret|^\s+at .*\.ts:/m);
      expect(box.calls()).to.deep.equal([]);
      const { status, output } = await app(good);
      expect(status, output).to.equal(0);
      expect(box.file('etc/converge/settings/node.yaml')).to.not.match(/secert|broken/);
    });

  it('of which nothing is read are told, and kept for whoever does', async () => {
    const { status, output } = await app(`${good}dommain: other.test\n`);
    expect(status, output).to.equal(0);
    expect(output).to.contain('No tree of ours reads the answer "dommain"');
  });

  it('that are not there, or are a folder, are told without a trace of the program', async () => {
    for (const file of ['none.yaml', '.']) {
      const { status, output } = await box.run(['app', '--answers', file]);
      expect(status).to.equal(1);
      expect(output)
        .to.match(/^error: (There is no none\.yaml|\. cannot be read)/m)
        .and.not.contain('.ts:');
    }
  });

  it('come after --domain, which no shell ever takes for anything but text', async () => {
    const { status, output } = await app(good, '--domain=$(touch hacked)');
    expect(status, output).to.equal(1);
    expect(output).to.contain('is no domain').and.contain('small letters');
    expect([box.has('hacked'), box.calls()]).to.deep.equal([false, []]);
  });
});

describe('the domain of nodes', () => {
  for (const domain of [
    ...[
      'x y',
      '-rf',
      '../../etc',
      'a.b; touch hacked',
      '$(touch hacked)',
      'EXAMPLE.org',
      'a..b',
      '.',
      'our.test.',
    ],
    ...[
      "a'.test",
      'a\n.test',
      `${'a'.repeat(64)}.test`,
      `${'a.'.repeat(130)}test`,
      '{{ 1 }}.test',
      'localhost',
    ],
  ])
    it(`is not ${JSON.stringify(domain.slice(0, 30))}`, async () => {
      const refused = await findDomain([domain], false).catch((error: Error) => error.message);
      expect(refused).to.contain('is no domain');
    });

  it('is the first that is given, but for that of the examples', async () => {
    expect(await findDomain([undefined, 'example.org', 'our.test', 'other.test'], false)).to.equal(
      'our.test',
    );
  });
});
