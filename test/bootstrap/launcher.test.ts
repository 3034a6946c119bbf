import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Sandbox, top } from './sandbox.ts';

describe('converge (the launcher of a checkout)', () => {
  let box: Sandbox;

  beforeEach(() => {
    box = new Sandbox();
    cpSync(join(top, 'scripts/start.mjs'), join(box.checkout, 'scripts/start.mjs'));
    box.write(
      'check out/scripts/entry.ts',
      'const args: string[] = process.argv.slice(2);\nconsole.log(JSON.stringify(args));\nprocess.exitCode = 3;\n',
    );
  });
  afterEach(() => box.clear());

  function launch(
    program: string,
    args: readonly string[],
    path = box.bin,
    cwd = '/',
  ): SpawnSyncReturns<string> {
    return spawnSync(program, args, { cwd, env: { PATH: path, HOME: box.folder }, encoding: 'utf8' });
  }

  it('runs on the Node of the checkout from any folder and passes arguments and status on', () => {
    symlinkSync(process.execPath, join(box.nodeFolder('check out/.runtime/node'), 'real'));
    const ended = launch(join(box.checkout, 'converge'), ['a b', '', '*', '$HOME']);
    expect(ended.stdout).to.equal('["a b","","*","$HOME"]\n');
    expect(ended.status).to.equal(3);
    expect(ended.stderr).to.equal('');
  });

  it('follows symbolic links to itself, relative ones too', () => {
    box.nodeFolder('check out/.runtime/node');
    symlinkSync('../check out/converge', join(box.bin, 'one'));
    symlinkSync(join(box.bin, 'one'), join(box.bin, 'converge'));
    expect(launch('converge', []).stdout).to.equal('[]\n');
    expect(launch('./converge', [], box.bin, box.checkout).stdout).to.equal('[]\n');
  });

  it('takes a Node of PATH that is new enough, and refuses an older one', () => {
    expect(launch(join(box.checkout, 'converge'), []).stderr).to.contain('needs Node 24 or newer');
    symlinkSync(process.execPath, join(box.bin, 'node'));
    expect(launch(join(box.checkout, 'converge'), []).stdout).to.equal('[]\n');
    const old = box.write('old/node', '#!/bin/sh\necho 20\n', 0o755);
    const path = `${old.slice(0, -'/node'.length)}:${box.bin}`;
    const ended = launch(join(box.checkout, 'converge'), [], path);
    expect(ended.stderr).to.contain('./bootstrap.sh setup');
    expect(ended.status).to.equal(70);
  });
});
