/** Who takes part: how each is made ready for N files, and the command that finds nothing to change. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contentOf, expected, generate, pathOf, valuesOf, write } from './generate.ts';

export interface Contender {
  readonly name: string;
  /** Whether this machine has what it takes; a sentence says what is missing. */
  readonly missing?: string;
  /** Makes its files below a folder of its own and returns the command to measure. */
  prepare(folder: string, count: number): readonly string[];
  /** Measured seldom: it takes seconds. */
  readonly slow?: true;
}

const top = join(import.meta.dirname, '..');

function find(program: string, ...places: readonly string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), ...places];
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}

/** Runs a command that has to succeed. */
function must(command: readonly string[]): void {
  const ended = spawnSync(command[0]!, command.slice(1), { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (ended.status !== 0) {
    throw new Error(`${command.join(' ')}: ${ended.status}\n${ended.stdout.slice(-800)}${ended.stderr}`);
  }
}

/** The files as they should be, for contenders that only look. */
function writeFiles(folder: string, count: number): string[] {
  return numbers(count).map((n) => write(join(folder, pathOf(n)), expected(n)));
}

function converge(name: string, program: string, variant: 'loop' | 'literal'): Contender {
  return {
    name,
    prepare(folder, count) {
      generate(join(folder, 'tree'), count, variant);
      const root = join(folder, 'root');
      mkdirSync(root, { recursive: true });
      const command = [program, 'highstate', '--root', root, '--id', 'bench', '--output', 'quiet'];
      command.push('--states', join(folder, 'tree/states'), '--pillar', join(folder, 'tree/pillar'));
      prove(command, root, count);
      must([...command, '--test', '--detailed-exitcode']);
      return command;
    },
  };
}

function floor(): Contender {
  const cc = find('cc');
  return {
    name: 'C: read and compare',
    missing: cc ? undefined : 'there is no C compiler (cc)',
    prepare(folder, count) {
      const files = writeFiles(folder, count);
      write(join(folder, 'paths'), `${files.join('\n')}\n`);
      write(join(folder, 'all'), '');
      for (const n of numbers(count)) appendFileSync(join(folder, 'all'), expected(n));
      must([cc!, '-O2', '-o', join(folder, 'floor'), join(top, 'bench/floor.c')]);
      return [join(folder, 'floor'), join(folder, 'paths'), join(folder, 'all')];
    },
  };
}

const checksums: Contender = {
  name: 'find + sha256sum',
  prepare(folder, count) {
    writeFiles(folder, count);
    return ['find', join(folder, 'srv'), '-type', 'f', '-exec', 'sha256sum', '{}', '+'];
  },
};

function cfengine(): Contender {
  const agent = find('cf-agent', '/var/cfengine/bin');
  return {
    name: 'cf-agent',
    missing: agent ? undefined : 'cf-agent is not installed',
    slow: true,
    prepare(folder, count) {
      write(
        join(folder, 'service.mustache'),
        contentOf((name) => `{{${name}}}`),
      );
      const promises = numbers(count).map(
        (n) => `    "${join(folder, pathOf(n))}"
      create => "true", perms => m, template_method => "mustache",
      edit_template => "${folder}/service.mustache", template_data => parsejson('${JSON.stringify(valuesOf(n))}');
`,
      );
      const policy = `body common control { bundlesequence => { "main" }; }
body perms m { mode => "0644"; }
bundle agent main {
  files:
${promises.join('')}}
`;
      const file = write(join(folder, 'bench.cf'), policy);
      chmodSync(file, 0o600);
      return prove([agent!, '--no-lock', '--file', file], folder, count);
    },
  };
}

function puppet(): Contender {
  const program = find('puppet', '/opt/puppetlabs/bin');
  return {
    name: 'puppet apply',
    missing: program ? undefined : 'puppet is not installed',
    slow: true,
    prepare(folder, count) {
      const template = write(
        join(folder, 'service.epp'),
        contentOf((name) => `<%= $${name} %>`),
      );
      const folders = new Set(numbers(count).map((n) => dirname(join(folder, pathOf(n)))));
      const manifest = `file { ['${join(folder, 'srv')}', '${[...folders].join("', '")}']: ensure => directory }
Integer[0, ${count - 1}].each |$n| {
  $dir = sprintf('%03d', $n / 100)
  file { "${folder}/srv/\${dir}/service-\${n}.conf":
    mode    => '0644',
    content => epp('${template}', { number => $n, name => "service-\${n}", port => 10000 + $n % 50000 }),
  }
}
`;
      const file = write(join(folder, 'bench.pp'), manifest);
      return prove([program!, 'apply', file], folder, count);
    },
  };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** A contender that made other files than the rest would be measured at other work. */
function prove(command: readonly string[], folder: string, count: number): readonly string[] {
  must(command);
  for (const n of numbers(count)) {
    const file = join(folder, pathOf(n));
    if (readFileSync(file, 'utf8') !== expected(n)) throw new Error(`${file} is not what it should be.`);
  }
  return command;
}

/** `checkout` and `installed` are the two forms of the program. */
export function contenders(checkout: string, installed: string): readonly Contender[] {
  return [
    floor(),
    checksums,
    converge('converge, installed', installed, 'loop'),
    converge('converge, installed, literal states', installed, 'literal'),
    converge('converge, checkout', checkout, 'loop'),
    cfengine(),
    puppet(),
  ];
}
