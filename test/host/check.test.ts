import * as fs from 'node:fs';
import { expect } from 'chai';
import type { Command, Failed } from '../../engine/core/host.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';

async function checked(check: Command, content = 'one\ntwo\nthree\n') {
  await using folder = temporaryFolder();
  buildTree(folder.path, { 'app.cfg': { content: 'old\n', mode: 0o640 } });
  const at = `${folder.path}/app.cfg`;
  const performed = await createLocalHost().perform({
    kind: 'write',
    path: at,
    content: Buffer.from(content),
    backup: { suffix: '.bak' },
    check,
  });
  const after = fs.readFileSync(at, 'utf8');
  return {
    at,
    performed,
    after,
    names: fs.readdirSync(folder.path).sort(),
    mode: fs.statSync(at).mode & 0o777,
  };
}

const shell = '/bin/sh';

describe('validation of new content', () => {
  it('sees the new content under its real name, then replaces', async () => {
    const { performed, after, names, mode } = await checked({
      argv: [
        'test "$(basename "$0")" = app.cfg; grep -q two "$0"; echo "checked $0"; stat -c %a "$(dirname "$0")"; exec true',
      ],
      shell,
    });
    expect(performed.became).to.equal('done');
    expect(after).to.equal('one\ntwo\nthree\n');
    expect(names).to.deep.equal(['app.cfg', 'app.cfg.bak']);
    expect(mode).to.equal(0o640);
  });

  it('appends the path as a word of its own', async () => {
    const { performed, at } = await checked({ argv: ['cat', '--'] });
    expect(performed).to.have.nested.property('outcome.stdout', 'one\ntwo\nthree\n');
    expect((await checked({ argv: ['echo'] })).performed)
      .to.have.nested.property('outcome.stdout')
      .that.matches(/app\.cfg\n$/);
    expect(at).to.be.a('string');
  });

  it('leaves all as it was where it fails, and says which lines', async () => {
    const program =
      'check() { echo "parsing $1:2: bad"; echo "error in line 3, near line 99"; exit 4; }; check';
    const { performed, after, names } = await checked({ argv: [program], shell });
    const { reason, lines, outcome } = performed as Failed;
    expect(reason).to.match(
      /app\.cfg is left as it is: check\(\) rejects the new content \(exit status 4\)\.$/,
    );
    expect(lines).to.deep.equal([2, 3]);
    expect(outcome!.stdout)
      .to.match(/app\.cfg:2: bad/)
      .and.not.include('.converge-');
    expect(after).to.equal('old\n');
    expect(names).to.deep.equal(['app.cfg']);
  });

  it('fails where the validator is missing or takes too long', async () => {
    const missing = await checked({ argv: ['no-such-validator', '-c'] });
    expect(missing.performed)
      .to.have.property('reason')
      .that.matches(/no-such-validator could not check/);
    const late = await checked({ argv: ['sleep 100; :'], shell, timeout: 0.2 });
    expect(late.performed)
      .to.have.property('reason')
      .that.matches(/ran out of time/);
    expect([...missing.names, ...late.names]).to.deep.equal(['app.cfg', 'app.cfg']);
  });

  it('works for files with odd names', async () => {
    await using folder = temporaryFolder();
    const at = `${folder.path}/it's $HOME`;
    const performed = await createLocalHost().perform({
      kind: 'write',
      path: at,
      content: Buffer.from('x'),
      check: { argv: ['cat'], shell },
    });
    expect(performed).to.have.nested.property('outcome.stdout', 'x');
    expect(fs.readFileSync(at, 'utf8')).to.equal('x');
  });
});
