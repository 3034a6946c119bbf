/** The command line: every verb and option, wherever they stand, and a clear sentence for every slip. */
import { expect } from 'chai';
import { type Command, parseArguments, type UsageProblem, verbs } from '../../engine/cli/arguments.ts';
import { helpText } from '../../engine/cli/help.ts';
import { commonOptions, verbOptions } from '../../engine/cli/options.ts';

function parsed(line: string): Command {
  const result = parseArguments(line.split(' '));
  if ('problem' in result) throw new Error(result.problem);
  return result;
}

function problem(...argv: string[]): UsageProblem {
  const result = parseArguments(argv);
  if (!('problem' in result)) throw new Error(`accepted: ${argv.join(' ')}`);
  return result;
}

describe('arguments', () => {
  it('tells users of salt-call the verb', () => {
    expect(problem('state.apply', 'web').hint).to.equal('Write: converge apply SLS');
    expect(problem('pillar.items').hint).to.equal('Write: converge show pillar');
  });

  const none = { states: [], pillar: [] };

  it('reads every verb', () => {
    expect(parsed('highstate')).to.deep.equal({ verb: 'highstate', test: false, options: none });
    expect(parsed('highstate --test')).to.deep.equal({ verb: 'highstate', test: true, options: none });
    expect(parsed('apply web,db firewall')).to.deep.include({
      verb: 'apply',
      sls: ['web', 'db', 'firewall'],
    });
    expect(parsed('show lowstate')).to.deep.include({ verb: 'show', what: 'lowstate', names: [] });
    expect(parsed('show sls a b')).to.deep.include({ what: 'sls', names: ['a', 'b'] });
    expect(parsed('show pillar a:b')).to.deep.include({ what: 'pillar', names: ['a:b'] });
    expect(parsed('lint web')).to.deep.include({ verb: 'lint', sls: ['web'] });
    expect(parsed('list-states file.*')).to.deep.include({ verb: 'list-states', patterns: ['file.*'] });
    expect(parsed('--version')).to.deep.equal({ verb: 'version' });
    expect(parsed('--help')).to.deep.equal({ verb: 'help' });
    expect(parsed('help')).to.deep.equal({ verb: 'help' });
    expect(parsed('apply --help')).to.deep.equal({ verb: 'help', about: 'apply' });
    expect(parsed('help apply')).to.deep.equal({ verb: 'help', about: 'apply' });
  });

  it('reads options before and after the verb, with blank or "="', () => {
    const options = {
      states: ['a', 'b'],
      pillar: ['p'],
      templates: 't',
      root: '/r',
      id: 'n1',
      config: 'c.yaml',
      grains: 'g.yaml',
      pillarOverride: '{}',
      output: 'ndjson',
      stateOutput: 'terse',
      context: 0,
      detailedExitcode: true,
      failhard: true,
      color: 'never',
      logLevel: 'debug',
      cache: '/c',
    };
    const words =
      '--states a --states=b --pillar p --templates t --root=/r --id n1 --config c.yaml --grains g.yaml --pillar-override {} --output ndjson --state-output terse --context 0 --detailed-exitcode --failhard --color never --log-level debug --cache /c';
    const command = { verb: 'highstate', test: false, options };
    expect(parsed(`${words} highstate`)).to.deep.equal(command);
    expect(parsed(`highstate ${words}`)).to.deep.equal(command);
  });

  it('lets the last of several count', () => {
    expect(parsed('lint --json --output human')).to.deep.include({ options: { ...none, output: 'human' } });
    expect(parsed('lint --output human --json')).to.deep.include({ options: { ...none, output: 'json' } });
    expect(parsed('lint --cache /c --no-cache')).to.deep.include({ options: { ...none, cache: false } });
    expect(parsed('lint --no-cache --cache /c')).to.deep.include({ options: { ...none, cache: '/c' } });
  });

  it('ends options at "--"', () => {
    expect(parsed('apply -- --json')).to.deep.include({ sls: ['--json'], options: none });
  });

  it('keeps the arguments of a single state as text, in order', () => {
    const command = parseArguments([
      'single',
      'file.managed',
      '/etc/x y',
      'mode=0644',
      'contents=a=b\nc',
      'user=',
    ]);
    expect(command).to.deep.include({ verb: 'single', fun: 'file.managed' });
    expect([...('args' in command ? command.args : [])]).to.deep.equal([
      ['name', '/etc/x y'],
      ['mode', '0644'],
      ['contents', 'a=b\nc'],
      ['user', ''],
    ]);
  });

  it('says what is wrong and what was probably meant', () => {
    expect(problem('hihgstate')).to.deep.equal({
      problem: 'There is no verb "hihgstate".',
      hint: 'Did you mean "highstate"?',
    });
    expect(problem('highstate', '--tset').hint).to.equal('Did you mean --test?');
    expect(problem('show', 'lowstat').hint).to.equal('Did you mean "show lowstate"?');
    expect(problem('lint', '--output', 'jsn').hint).to.equal('Did you mean "json"?');
    expect(problem('highstate', 'test=True').hint).to.equal('Use --test for a dry run.');
    expect(problem('highstate', 'web').hint).to.equal('Use converge apply web for single SLS.');
    expect(problem('--toString').problem).to.equal('There is no option --toString.');
    expect(problem('toString').problem).to.equal('There is no verb "toString".');
  });

  for (const argv of [
    [],
    ['apply'],
    ['apply', ','],
    ['single'],
    ['single', 'name=x'],
    ['single', 'file.managed', 'a', 'name=b'],
    ['show'],
    ['show', 'sls'],
    ['show', 'top', 'x'],
    ['lint', '--test'],
    ['highstate', '--root'],
    ['highstate', '--root='],
    ['highstate', '--root', '--json'],
    ['highstate', '--json=1'],
    ['highstate', '--context', 'few'],
    ['highstate', '--context', '-1'],
    ['highstate', '-x'],
    ['nonsense', '--help'],
  ]) {
    it(`refuses: converge ${argv.join(' ')}`, () => {
      expect(problem(...argv).problem).to.match(/^[^\n]+\S$/);
    });
  }
});

describe('help', () => {
  for (const about of [undefined, ...verbs]) {
    it(`of ${about ?? 'converge'} fits in 80 columns and shows examples that parse`, () => {
      const lines = helpText(about).split('\n');
      for (const line of lines) expect(line.length, line).to.be.at.most(80);
      const examples = lines.flatMap((line) => /^ {2}(converge .*?)( {2}#.*)?$/.exec(line)?.[1] ?? []);
      expect(examples).to.not.be.empty;
      for (const example of examples) {
        const words = [...example.matchAll(/(?:'[^']*'|\S)+/g)].map(([word]) => word.replaceAll("'", ''));
        expect(parseArguments(words.slice(1)), example).to.not.have.property('problem');
      }
    });
  }

  it('names every option', () => {
    for (const name of Object.keys({ ...commonOptions, ...verbOptions })) {
      expect(helpText()).to.include(`--${name}`);
    }
  });
});
