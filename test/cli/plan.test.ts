/** Saved plans: what was shown is what is done, and anything else is refused before anything is touched. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Stage, stage } from '../helpers/cli.ts';

const files = {
  'states/top.yaml': "base: {'*': [web]}",
  'states/web.yaml': [
    '/motd:',
    '  file.managed:',
    '    - source: salt://motd',
    '    - template: jinja',
    '/port:',
    '  file.managed:',
    "    - contents: '{{ pillar.port }}'",
    '/there:',
    '  file.managed:',
    '    - contents: always',
    '',
  ].join('\n'),
  'states/motd': 'hello from {{ pillar.name }}\n',
  'pillar/top.yaml': "base: {'*': [p]}",
  'pillar/p.yaml': 'port: 80\nname: one\nunused: here\n',
  'root/there': 'always\n',
};

async function planned(at: Stage, ...words: string[]): Promise<void> {
  const { code, stderr } = await at.run('highstate', '--test', '--out', 'plan.json', ...words);
  expect(code, stderr).to.equal(0);
}

function edit(at: Stage, path: string, change: (text: string) => string): void {
  const file = join(at.path, path);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

function planOf(at: Stage) {
  return JSON.parse(readFileSync(join(at.path, 'plan.json'), 'utf8'));
}

describe('saved plans', () => {
  it('hold what is to be done, and are done as they are', async () => {
    await using at = stage(files);
    await planned(at);
    expect(statSync(join(at.path, 'plan.json')).mode & 0o777).to.equal(0o600);
    expect(planOf(at).states.map(({ name }: { name: string }) => name)).to.deep.equal(['/motd', '/port']);
    expect(existsSync(join(at.path, 'root/motd'))).to.equal(false);
    const { code, stdout, stderr } = await at.run('apply-plan', 'plan.json', '--json');
    expect(code, stderr).to.equal(0);
    expect(JSON.parse(stdout).summary).to.include({ total: 3, changed: 2, unchanged: 1 });
    expect(readFileSync(join(at.path, 'root/motd'), 'utf8')).to.equal('hello from one\n');
  });

  it('are of use once', async () => {
    await using at = stage(files);
    await planned(at);
    await at.run('apply-plan', 'plan.json');
    const { code, stderr } = await at.run('apply-plan', 'plan.json');
    expect(code).to.equal(3);
    expect(stderr).to.include('file.managed "/motd" was about to change, and now there is nothing to do.');
  });

  it('of nothing to do are fine, too', async () => {
    await using at = stage(files);
    await at.run('highstate');
    await planned(at);
    expect(planOf(at).states).to.deep.equal([]);
    expect((await at.run('apply-plan', 'plan.json')).code).to.equal(0);
  });

  const stale: readonly (readonly [what: string, change: (at: Stage) => void, reason: string])[] = [
    [
      'the tree',
      (at) => edit(at, 'states/web.yaml', (text) => text.replace('always', 'never')),
      'The states of the tree are others than then.',
    ],
    [
      'the order of the tree',
      (at) => edit(at, 'states/web.yaml', (text) => `/first:\n  file.absent: []\n${text}`),
      'The states of the tree are others than then.',
    ],
    [
      'a file of the tree that a state is made of',
      (at) => edit(at, 'states/motd', (text) => `${text}!\n`),
      'file.managed "/motd" would now change something else.',
    ],
    [
      'a value of the pillar',
      (at) => edit(at, 'pillar/p.yaml', (text) => text.replace('one', 'two')),
      'The pillar is another than then: "name".',
    ],
    [
      'a value of the pillar that nothing uses',
      (at) => edit(at, 'pillar/p.yaml', (text) => text.replace('here', 'there')),
      'The pillar is another than then: "unused".',
    ],
    [
      'what a state would change',
      (at) => writeFileSync(join(at.path, 'root/port'), '8080\n'),
      'file.managed "/port" would now change something else.',
    ],
    [
      'what a state has found in order',
      (at) => writeFileSync(join(at.path, 'root/there'), 'drifted\n'),
      'file.managed "/there" had nothing to do, and is now about to change.',
    ],
  ];
  for (const [what, change, reason] of stale) {
    it(`are refused when this has changed: ${what}`, async () => {
      await using at = stage(files);
      await planned(at);
      change(at);
      const { code, stdout, stderr } = await at.run('apply-plan', 'plan.json');
      expect(code).to.equal(3);
      expect(stdout).to.equal('');
      expect(stderr).to.include('error[stale-plan]').and.include(reason);
      expect(existsSync(join(at.path, 'root/motd')), 'nothing is touched').to.equal(false);
    });
  }

  it('are refused when a grain has changed, though no state uses it', async () => {
    await using at = stage({ ...files, 'g.yaml': 'os: Debian\nowner: me\n' });
    await planned(at, '--grains', 'g.yaml', '--id', 'n1');
    edit(at, 'g.yaml', (text) => text.replace('me', 'you'));
    const { code, stderr } = await at.run('apply-plan', 'plan.json');
    expect(code).to.equal(3);
    expect(stderr).to.include('Grains are others than then: "owner".');
  });

  it('are refused by another node', async () => {
    await using at = stage(files);
    await planned(at, '--id', 'one');
    const { code, stderr } = await at.run('apply-plan', 'plan.json', '--id', 'two');
    expect(code).to.equal(3);
    expect(stderr).to.include('It was made on the node "one", and this is "two".');
  });

  it('name what differs, but no more than can be read', async () => {
    const many = Array.from({ length: 30 }, (_, n) => `/f${n}:\n  file.managed:\n    - contents: x\n`);
    await using at = stage({ ...files, 'states/web.yaml': many.join('') });
    await planned(at);
    await at.run('highstate');
    const { stderr } = await at.run('apply-plan', 'plan.json');
    expect(stderr).to.include('"/f9"').and.include('And 20 more.').and.not.include('"/f10"');
  });

  it('of single states and of named SLS', async () => {
    await using at = stage(files);
    for (const words of [
      ['apply', 'web'],
      ['single', 'file.managed', '/single', 'contents=7'],
    ]) {
      expect((await at.run(...words, '--test', '--out', 'plan.json')).code).to.equal(0);
      const { code, stderr } = await at.run('apply-plan', 'plan.json');
      expect(code, stderr).to.equal(0);
    }
    expect(readFileSync(join(at.path, 'root/single'), 'utf8')).to.equal('7\n');
    expect(existsSync(join(at.path, 'root/motd'))).to.equal(true);
  });

  it('want pillar values of the command line again', async () => {
    await using at = stage(files);
    const override = '{"name": "three"}';
    await planned(at, '--pillar-override', override);
    expect((await at.run('apply-plan', 'plan.json')).stderr).to.include(
      'The pillar is another than then: "name"',
    );
    const { code, stderr } = await at.run('apply-plan', 'plan.json', '--pillar-override', override);
    expect(code, stderr).to.equal(0);
  });

  it('show no secret, and notice that one has changed', async () => {
    await using at = stage({
      ...files,
      'pillar/p.yaml': { content: 'port: hunter2hunter2\nname: one\n', mode: 0o600 },
      'pillar/top.yaml': { content: files['pillar/top.yaml'], mode: 0o600 },
      'c.yaml': 'secret_pillar: pillar\nstates: states\npillar: pillar\n',
    });
    await planned(at, '--config', 'c.yaml');
    const text = readFileSync(join(at.path, 'plan.json'), 'utf8');
    expect(text).to.include('«port #').and.not.include('hunter2');
    edit(at, 'pillar/p.yaml', (was) => was.replace('hunter2hunter2', 'hunter3hunter3'));
    expect((await at.run('apply-plan', 'plan.json')).stderr).to.include(
      'The pillar is another than then: "port".',
    );
    const single = [
      'single',
      'file.managed',
      '/s',
      'contents=hunter3hunter3',
      '--test',
      '--out',
      'single.json',
    ];
    const { code, stderr } = await at.run(...single, '--config', 'c.yaml');
    expect(code).to.equal(3);
    expect(stderr).to.include('cannot be saved').and.include('the arguments hold a secret');
    expect(existsSync(join(at.path, 'single.json'))).to.equal(false);
  });

  it('are not made of a dry run that fails', async () => {
    await using at = stage({ ...files, 'states/web.yaml': 'boom:\n  test.fail_without_changes: []\n' });
    const { code, stderr } = await at.run('highstate', '--test', '--out', 'plan.json');
    expect(code).to.equal(1);
    expect(stderr).to.include('no plan is saved');
    expect(existsSync(join(at.path, 'plan.json'))).to.equal(false);
  });

  it('replace an older one, or leave it where the new one cannot be written', async () => {
    await using at = stage(files);
    writeFileSync(join(at.path, 'plan.json'), 'old');
    await planned(at);
    expect(planOf(at).node).to.be.a('string');
    const { code, stderr } = await at.run('highstate', '--test', '--out', 'nowhere/plan.json');
    expect(code).to.equal(3);
    expect(stderr).to.include('The plan cannot be saved in').and.include('ENOENT');
  });

  const damaged: readonly (readonly [what: string, text: string, reason: string])[] = [
    ['no JSON', '{"format": 1,', 'it is no JSON'],
    ['something else', '[1, 2]', 'it is no plan of converge'],
    ['of another version', '{"format": 99, "converge": "9.9.9"}', 'it was made by version 9.9.9'],
    ['cut short', '{"format": 1, "node": "n"}', 'parts of it are missing'],
  ];
  for (const [what, text, reason] of damaged) {
    it(`that are ${what} are refused`, async () => {
      await using at = stage({ ...files, 'plan.json': text });
      const { code, stderr } = await at.run('apply-plan', 'plan.json');
      expect(code).to.equal(3);
      expect(stderr).to.include('error[bad-plan]').and.include(reason);
    });
  }

  it('that lost a part anywhere are refused, never a crash', async () => {
    await using at = stage(files);
    await planned(at);
    const whole = planOf(at);
    for (const key of Object.keys(whole).filter((one) => !['made', 'converge'].includes(one))) {
      const { [key]: _, ...rest } = whole;
      writeFileSync(join(at.path, 'plan.json'), JSON.stringify(rest));
      const { code, stderr } = await at.run('apply-plan', 'plan.json');
      expect(code, `${key}: ${stderr}`).to.equal(3);
    }
    rmSync(join(at.path, 'plan.json'));
    expect((await at.run('apply-plan', 'plan.json')).stderr).to.include('ENOENT');
  });
});
