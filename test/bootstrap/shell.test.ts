import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isOnPath } from '../helpers/tools.ts';
import { top } from './sandbox.ts';

/** Every file of the repository that a shell runs. */
function scripts(): string[] {
  const listed = spawnSync(
    'git',
    ['-C', top, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      encoding: 'utf8',
    },
  );
  // On a bare node there is a copy without git.
  const files =
    listed.status === 0
      ? listed.stdout.split('\0')
      : execFileSync('find', ['.', '-name', 'node_modules', '-prune', '-o', '-type', 'f', '-print'], {
          cwd: top,
          encoding: 'utf8',
        }).split('\n');
  return files.filter((file) => {
    // Those of test trees are templates, and wrong on purpose.
    if (file.replace('./', '').startsWith('test/')) return false;
    if (!/(^|\/)[^/.]+(\.sh)?$/.test(file)) return false;
    try {
      return readFileSync(join(top, file), 'latin1').startsWith('#!/bin/sh');
    } catch {
      return false;
    }
  });
}

describe('the shell scripts', () => {
  it('are what shellcheck has nothing to say about (needs shellcheck)', function () {
    this.timeout(30_000);
    if (!isOnPath('shellcheck')) this.skip();
    const files = scripts();
    expect(files).to.include.members([
      'bootstrap.sh',
      'converge',
      'scripts/node.sh',
      'scripts/build/launcher.sh',
    ]);
    const { stdout, status } = spawnSync('shellcheck', ['--shell=sh', ...files], {
      cwd: top,
      encoding: 'utf8',
    });
    expect(status, stdout).to.equal(0);
  });
});
