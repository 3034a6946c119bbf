/** Who may touch what: each folder of engine/ imports core/, itself, and what it was granted here. */
import { expect } from 'chai';
import { engine, importsOf, type SourceFile } from './sources.ts';

interface Room {
  readonly packages?: readonly string[];
  /** Built-in modules of Node, without `node:`. */
  readonly node?: readonly string[];
  /** Patterns that may not occur in its code. */
  readonly never?: readonly (readonly [pattern: RegExp, what: string])[];
  /** For whoever broke it. */
  readonly because: string;
}

const clock = [/\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/, 'read the clock'] as const;
const chance = [/\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/, 'use randomness'] as const;
const ownProcess = [/(?<![.\w])process\.\w/, 'use process'] as const;
const printing = [/\bconsole\.\w+\(/, 'print'] as const;
const dryness = [/\bdry\b|\bisTest\b|\btestMode\b/, 'ask whether this is a dry run'] as const;

// Loading on demand is no reach into the system.
const always = ['module'];

const rooms: { readonly [folder: string]: Room } = {
  core: {
    never: [clock, chance, ownProcess, printing],
    because:
      'Everything imports core, so whatever core can do, all can do. Take what you need as a parameter.',
  },
  source: {
    packages: ['nunjucks', 'yaml', 'lodash', 'fast-glob', 'ipaddr.js', 'age-encryption'],
    node: ['fs', 'os', 'path', 'crypto', 'buffer', 'net', 'v8', 'zlib'],
    never: [printing],
    because:
      'Reading a tree must be safe anywhere: in an editor, in CI, on another host. Looking at files is all it does.',
  },
  compile: {
    packages: ['ajv', 'lodash'],
    never: [clock, chance, ownProcess, printing],
    because: 'Compiling is a pure function of what was read, so that lint, show and run see the same order.',
  },
  converge: {
    // Between the attempts of a retry it waits.
    node: ['timers'],
    never: [printing, ownProcess],
    because:
      'It only decides. What it needs of the host comes through Host, what it tells goes out as events.',
  },
  modules: {
    packages: ['lodash', 'yaml', 'smol-toml', 'ini', 'diff'],
    // Of zlib only what turns bytes into bytes: archives are read as data.
    node: ['path', 'crypto', 'buffer', 'util', 'zlib'],
    never: [ownProcess, printing, dryness],
    because:
      'A state that reaches past its Reader cannot be dry-run, cannot be proved, and changes things nobody sees. Ask the Reader, return an Effect.',
  },
  host: {
    packages: ['execa', 'acme-client'],
    node: ['*'],
    never: [printing],
    because:
      'The host performs effects; it knows nothing of states or Salt, so that there is one place that changes anything.',
  },
  journal: {
    node: ['*'],
    never: [printing],
    because: 'The journal keeps what outlives a run; it decides nothing about convergence.',
  },
  watch: {
    packages: ['chokidar', 'croner'],
    node: ['dns', 'events', 'timers', 'path'],
    never: [printing],
    because: 'A watcher asks for a run; it does not settle states itself.',
  },
  report: {
    packages: ['diff'],
    never: [ownProcess, printing],
    because:
      'A reporter is told what happened and where to write; it decides nothing, so no run depends on how it is shown.',
  },
  cli: {
    // show prints values as YAML.
    packages: ['yaml'],
    node: ['*'],
    because: 'The command line wires the rooms together; what is more than wiring belongs into one of them.',
  },
};

/** Single files that may do more, each with its reason. */
const grants: { readonly [path: string]: { readonly node?: readonly string[]; readonly because: string } } = {
  'engine/source/functions/dnsutil.ts': {
    node: ['dns'],
    because: 'a template that calls dnsutil asks the network by its own wish',
  },
  'engine/watch/beacons/cert.ts': {
    node: ['crypto'],
    because: 'reads from and until when a certificate is valid',
  },
  'engine/watch/beacons/files.ts': {
    node: ['fs'],
    because: 'it watches folders by the kernel; what is in them it does not read',
  },
  'engine/modules/find.ts': { node: ['fs'], because: 'finds the files of the states; it is no state' },
};

/** Changes the tree its user works on, by the user's own editor, and no host. */
const editor = 'engine/cli/commands/pillar.ts';

function roomOf(path: string): string {
  return path.split('/')[1]!;
}

/** What a file may not import, as sentences. */
function trespasses(file: SourceFile): string[] {
  const room = roomOf(file.path);
  const rules = rooms[room];
  if (!rules) return [`${file.path} is in no known folder: add "${room}" to this table, with a reason.`];
  const node = [...always, ...(rules.node ?? []), ...(grants[file.path]?.node ?? [])];
  return file.imports.flatMap(({ target, typeOnly }) => {
    if (allowed(target, typeOnly)) return [];
    return [`${file.path} imports ${target}. ${rules!.because}`];
  });

  function allowed(target: string, typeOnly: boolean): boolean {
    if (target.startsWith('node:')) {
      const name = target.slice('node:'.length).split('/')[0]!;
      return typeOnly || node.includes('*') || node.includes(name);
    }
    if (!target.startsWith('engine/')) return (rules!.packages ?? []).includes(target);
    if (room === 'cli' || roomOf(target) === 'core') return true;
    if (room !== 'modules') return roomOf(target) === room;
    return target.split('/').slice(0, 3).join('/') === file.path.split('/').slice(0, 3).join('/');
  }
}

/** Code without comments and strings, so that words about a thing are not the thing. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\$]|\\.|\$(?!\{))*`/g, "''");
}

describe('layers', () => {
  for (const [room, rules] of Object.entries(rooms)) {
    const files = engine.filter((file) => roomOf(file.path) === room);
    if (files.length === 0) continue;

    it(`${room} imports core, itself and what it was granted`, () => {
      expect(files.flatMap(trespasses).join('\n')).to.equal('');
    });

    for (const [pattern, what] of rules.never ?? []) {
      it(`${room} does not ${what}`, () => {
        const found = files.filter((file) => pattern.test(codeOf(file.text))).map((file) => file.path);
        expect(found.join(', '), rules.because).to.equal('');
      });
    }
  }

  it('every folder is in the table', () => {
    expect(
      [...new Set(engine.map((file) => roomOf(file.path)))].filter((room) => !rooms[room]),
    ).to.deep.equal([]);
  });

  it('only host starts processes', () => {
    const because =
      'A process started elsewhere escapes --root, the dry run, timeouts and the record of what was done.';
    const found = engine.filter(
      (file) =>
        roomOf(file.path) !== 'host' &&
        file.path !== editor &&
        file.imports.some(({ target, typeOnly }) => !typeOnly && /^(node:child_process|execa)$/.test(target)),
    );
    expect(found.map((file) => file.path).join(', '), because).to.equal('');
  });

  it('only host and journal write files, and what caches a reading', () => {
    const because = 'Changes go through effects, so that a dry run, the report and the backups know of them.';
    const writers =
      /^(write|append|mkdir|rm|unlink|rename|copy|cp|link|symlink|chmod|chown|lchown|utimes|lutimes|truncate|createWrite)/;
    const found = engine.filter(
      (file) =>
        !['host', 'journal'].includes(roomOf(file.path)) &&
        file.path !== 'engine/source/cache.ts' &&
        file.path !== editor &&
        file.imports.some(
          ({ target, typeOnly, names }) =>
            !typeOnly && target.startsWith('node:fs') && names.some((name) => writers.test(name)),
        ),
    );
    expect(found.map((file) => file.path).join(', '), because).to.equal('');
  });

  it('sees what it should see', () => {
    const text = `import { a } from './b.ts';\nimport type { C } from 'yaml';\nexport { d } from '../core/d.ts';\nconst e = await import('node:fs');\nconst f = require('lodash/g.js') as typeof import('lodash');`;
    const file = { path: 'engine/compile/x.ts', text, imports: importsOf(text, 'engine/compile/x.ts') };
    expect(file.imports.map(({ target }) => target)).to.deep.equal([
      'engine/compile/b.ts',
      'yaml',
      'engine/core/d.ts',
      'node:fs',
      'lodash',
      'lodash',
    ]);
    expect(trespasses(file)).to.have.length(2);
    expect(codeOf(`a('process.exit'); // process.b\n/* process.c */`)).to.not.match(/process/);
  });
});
