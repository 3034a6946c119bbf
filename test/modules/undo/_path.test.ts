/** What a state that puts a path back plans, where what is there now stands in its way. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Plan, stepsOf } from '../../../engine/core/state.ts';
import { createLocalHost } from '../../../engine/host/local.ts';
import { pathBack } from '../../../engine/modules/undo/_path.ts';
import { temporaryFolder } from '../../helpers/folders.ts';

const text = 'as it was\n';

/** In a folder of its own with the bytes of a file as object. */
function setting() {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  writeFileSync(at('object'), text);
  const hash = createHash('sha256').update(text).digest('hex');
  const host = createLocalHost();
  const self = { uid: process.getuid!(), gid: process.getgid!() };
  function planned(was: object): Plan {
    const args = { name: 'x', path: at('x'), attributes: false, texts: true, ...self, ...was } as never;
    return pathBack.plan(args, pathBack.read(args, host, { id: 'x', sls: 'undo' }) as never);
  }
  async function put(was: object): Promise<readonly string[]> {
    const plan = planned(was);
    if ('refused' in plan) return [plan.refused];
    for (const { effect } of stepsOf(plan)) {
      const performed = await host.perform(effect);
      if (performed.became === 'failed') return [performed.reason];
    }
    const left = planned(was);
    expect('refused' in left ? left.refused : stepsOf(left), 'done at once').to.deep.equal([]);
    return 'warnings' in plan ? plan.warnings! : [];
  }
  const file = { kind: 'file', mode: 0o640, mtime: 1_600_000_000_123, object: at('object'), hash };
  return { at, put, planned, file, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe('a path that is put back', () => {
  for (const [what, make] of [
    ['nothing', () => {}],
    ['another file', (at: string) => writeFileSync(at, 'another')],
    ['a link', (at: string) => symlinkSync('nowhere', at)],
    ['an empty folder', (at: string) => mkdirSync(at)],
  ] as const) {
    it(`takes the place of ${what}`, async () => {
      await using here = setting();
      for (const was of [
        here.file,
        { kind: 'directory', mode: 0o750 },
        { kind: 'link', target: 'there' },
        { kind: 'fifo', mode: 0o600 },
        { kind: 'absent' },
      ]) {
        expect(await here.put({ kind: 'absent' })).to.deep.equal([]);
        make(here.at('x'));
        expect(await here.put(was), was.kind).to.deep.equal([]);
        expect(existsSync(here.at('x')) || was.kind === 'link', was.kind).to.equal(was.kind !== 'absent');
      }
    });
  }

  it('does not take the place of a folder that holds something', async () => {
    await using here = setting();
    mkdirSync(here.at('x'));
    writeFileSync(here.at('x/data'), 'precious');
    expect((await here.put(here.file))[0]).to.match(/a directory is there that holds data/);
    expect((await here.put({ kind: 'absent' }))[0]).to.match(/stays, for it holds data/);
    expect(readdirSync(here.at('x'))).to.deep.equal(['data']);
  });

  it('keeps its hands off where only its attributes were changed and it is something else by now', async () => {
    await using here = setting();
    mkdirSync(here.at('x'), { mode: 0o700 });
    const was = { kind: 'file', mode: 0o600, attributes: true };
    expect((await here.put(was))[0]).to.include('is left alone');
  });

  it('is refused where its copy is not what it was', async () => {
    await using here = setting();
    writeFileSync(here.at('object'), 'something else');
    expect(await here.put(here.file)).to.deep.equal(['It cannot be put back: its copy is damaged.']);
    expect(await here.put({ ...here.file, object: here.at('none') })).to.deep.equal([
      'It cannot be put back: its copy is no longer kept.',
    ]);
  });

  it('shows what differs only where that may be shown', async () => {
    await using here = setting();
    writeFileSync(here.at('x'), 'now\n');
    const shown = here.planned(here.file);
    expect('refused' in shown || stepsOf(shown)[0]?.change).to.deep.include({ old: 'now\n', new: text });
    const hidden = here.planned({ ...here.file, texts: false });
    expect(JSON.stringify('refused' in hidden || stepsOf(hidden)[0]?.change)).to.not.include('was');
    expect(readFileSync(here.at('x'), 'utf8')).to.equal('now\n');
  });
});
