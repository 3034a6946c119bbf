/** System calls that fail at any moment of a run: files are old or new, nothing is left over, no reaction is lost. */
import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type Enclave, enclave } from '../helpers/enclave.ts';
import { isOnPath } from '../helpers/tools.ts';

const rounds = 12;
const seed = Number(process.env['CONVERGE_SEED'] ?? 20261123);
const why = process.getuid!() !== 0 ? ' (needs root)' : isOnPath('strace') ? '' : ' (needs strace)';

const dir = '{{ salt["environ.get"]("DIR") }}';
const text = 'new '.repeat(800).trimEnd();
const states = `
one:
  file.managed:
    - name: ${dir}/out/one
    - contents: ${text}
    - mode: '0640'
    - backup: minion
two:
  file.append:
    - name: ${dir}/out/two
    - text: more
folder:
  file.directory:
    - name: ${dir}/out/folder
    - mode: '0750'
link:
  file.symlink:
    - name: ${dir}/out/link
    - target: /somewhere
gone:
  file.absent:
    - name: ${dir}/out/gone
tree:
  file.recurse:
    - name: ${dir}/out/tree
    - source: salt://tree
checked:
  file.managed:
    - name: ${dir}/out/checked
    - contents: ${text}
    - check_cmd: grep -q new
copied:
  file.copy:
    - name: ${dir}/out/copy
    - source: ${dir}/states/tree/a
reaction:
  cmd.run:
    - name: echo >> ${dir}/reacted
    - onchanges: [one]
`;

/** Path below the folder → what may be in it: before and after. */
const either: { readonly [path: string]: readonly (string | undefined)[] } = {
  'out/one': ['old', `${text}\n`],
  'out/two': ['old\n', 'old\nmore\n'],
  'out/checked': ['old', `${text}\n`],
  'out/gone': ['old', undefined],
  'out/tree/a': [undefined, text],
  'out/tree/b/c': [undefined, text],
  'out/copy': [undefined, text],
};

const calls = ['/^rename', 'fsync', 'fchmod', '/^(f|l)?chown', '/^mkdir', '/^(link|symlink)'];
const errors = ['ENOSPC', 'EIO', 'EDQUOT', 'EROFS', 'EACCES'];

describe(`faults at any moment${why}`, function () {
  this.timeout(120_000);
  let state = seed;
  /** A whole number below `most`: minimal standard generator (Park and Miller). */
  function random(most: number): number {
    state = (state * 48_271) % 2_147_483_647;
    return state % most;
  }

  for (let round = 0; round < rounds; round++) {
    const call = calls[random(calls.length)]!;
    const moment = `${1 + random(15)}${['', '+', '+3'][random(3)]}`;
    const inject = `${call}:error=${errors[random(errors.length)]}:when=${moment}`;
    it(`${inject} (CONVERGE_SEED=${seed})`, async function () {
      if (why) this.skip();
      await using here = await enclave({
        'states/web.yaml': states,
        'states/top.yaml': "base: {'*': [web]}\n",
        'states/tree/a': text,
        'states/tree/b/c': text,
        ...Object.fromEntries(
          Object.entries(either).flatMap(([path, [before]]) =>
            before === undefined ? [] : [[path, before]],
          ),
        ),
      });
      const by = ['strace', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${inject}`];
      const ended = await here.converge(['highstate', '--output', 'quiet'], { by });
      expect(ended.code, ended.stderr).to.be.oneOf([0, 1]);
      expect(ended.stdout + ended.stderr, 'a stack trace').to.not.match(/^\s+at /m);
      for (const [path, known] of Object.entries(either))
        expect(known, path).to.include(contentOf(here, path));
      const healed = await here.converge(['highstate', '--output', 'quiet']);
      expect(healed.code, healed.stdout).to.equal(0);
      expect(healed.stderr).to.equal('');
      for (const [path, [, after]] of Object.entries(either))
        expect(contentOf(here, path), path).to.equal(after);
      expect(await here.sh('find . -name ".converge*" -o -name "*.new" -o -name ".new-*"')).to.equal('');
      expect(contentOf(here, 'reacted')?.length, 'reactions').to.be.oneOf([1, 2]);
    });
  }
});

function contentOf(here: Enclave, path: string): string | undefined {
  const file = here.at(path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
